// What may be done about one alert besides acknowledging it: suppress it for a while, hand it over, take the suppression back.

import { h, put, setText } from "../dom";
import { lang, t } from "../i18n";
import type { Command, Commands } from "../commands";
import type { Alert, Store } from "../store";

const MINUTES = [10, 30, 60] as const;

/** Whether somebody may do any of it. */
export const mayAct = (commands: Commands): boolean => ["suppress", "unsuppress", "hand_over"].some((c) => commands.may(c));

export class AlertActions {
  private readonly reason = h("input", { name: "reason", maxlength: 80, required: true, autocomplete: "off" }) as HTMLInputElement;
  private readonly to = h("input", { name: "to", maxlength: 24, required: true, autocomplete: "off", list: "positions" }) as HTMLInputElement;
  private readonly said = h("p.refused", { role: "alert" });
  private alert: Alert | undefined;

  constructor(
    private readonly dialog: HTMLDialogElement,
    private readonly store: Store,
    private readonly commands: Commands,
  ) {
    dialog.setAttribute("aria-labelledby", "alert-actions-title");
    store.on("language", () => dialog.open && this.draw());
  }

  open(alert: Alert): void {
    this.alert = alert;
    this.reason.value = this.to.value = "";
    setText(this.said, "");
    this.draw();
    this.dialog.showModal();
    (this.commands.may("suppress") ? this.reason : this.to).focus();
  }

  private draw(): void {
    const { alert, commands } = this;
    if (!alert) return;
    const suppressed = alert.state === "suppressed";
    const positions = [...new Set((this.store.status?.alerts ?? []).map((a) => a.owner).filter((o): o is string => Boolean(o)))];
    put(
      this.dialog,
      h("header", {}, h("b#alert-actions-title", {}, t(`severity.${alert.severity}`)), h("button.close", { type: "button", click: () => this.dialog.close(), "aria-label": t("button.close"), title: t("button.close") }, "×")),
      h("p", {}, alert.text[lang()] ?? alert.rule),
      commands.may("suppress") && h("form.suppress", { submit: (event) => this.suppress(event as SubmitEvent) },
        h("label", {}, h("span", {}, t("suppress.reason")), this.reason),
        h("div.buttons", {}, h("span", {}, t("suppress.for")), ...MINUTES.map((m) => h("button", { type: "submit", value: m, "data-minutes": m }, t("suppress.minutes", m)))),
      ),
      suppressed && commands.may("unsuppress") && h("div.buttons", {}, h("button.unsuppress", { type: "button", click: () => void this.unsuppress() }, t("suppress.end"))),
      commands.may("hand_over") && h("form.handover", { submit: (event) => this.handOver(event) },
        h("label", {}, h("span", {}, t("handover.to")), this.to, h("datalist#positions", {}, ...positions.map((p) => h("option", { value: p })))),
        h("div.buttons", {}, h("button", { type: "submit" }, t("handover.go"))),
      ),
      this.said,
    );
  }

  private suppress(event: SubmitEvent): void {
    event.preventDefault();
    const minutes = Number((event.submitter as HTMLButtonElement | null)?.value ?? MINUTES[0]);
    void this.send({ kind: "suppress", until_s: Math.round(this.now() + 60 * minutes), reason: this.reason.value }, { kind: "unsuppress" });
  }

  private unsuppress(): void {
    const until = this.alert?.suppressed_until;
    const again = until && until > this.now() ? { kind: "suppress", until_s: Math.round(until), reason: t("undo.again") } : undefined;
    void this.send({ kind: "unsuppress" }, again);
  }

  private handOver(event: Event): void {
    event.preventDefault();
    const before = this.alert?.owner; // nobody's before: it cannot be made nobody's again
    void this.send({ kind: "hand_over", to: this.to.value }, before ? { kind: "hand_over", to: before } : undefined);
  }

  private now(): number {
    return this.store.liveClock.now(performance.now()) ?? this.store.status?.time ?? 0;
  }

  /** Send a command about the alert; back: what takes it back, where anything does. */
  private async send(command: Command, back?: Command): Promise<void> {
    if (!this.alert) return;
    const { id: alert, text, rule } = this.alert;
    const what = t(command.kind === "suppress" ? "undo.suppress" : command.kind === "unsuppress" ? "undo.unsuppress" : "undo.hand_over", text[lang()] ?? rule);
    try {
      await this.commands.send({ ...command, alert }, { what, ...(back ? { command: { ...back, alert } } : {}) });
      this.dialog.close();
    } catch (error) {
      setText(this.said, t("command.refused", error instanceof Error ? error.message : String(error)));
    }
  }
}
