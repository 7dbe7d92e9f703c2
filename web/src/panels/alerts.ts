// The alert list: worst first, in the chosen language, each to be acknowledged, suppressed or handed over by those who may.

import { h, put } from "../dom";
import { clockTime } from "../format";
import { lang, t, tongue } from "../i18n";
import type { Commands } from "../commands";
import type { Session } from "../session";
import { calls, type Alert, type Store } from "../store";
import { mayAct } from "./alertactions";

const SHOWN_MAX = 60;

export class AlertPanel {
  private refused = "";
  private readonly asked = new Set<number>();
  private readonly cards = new Map<number, { key: string; element: HTMLElement }>();
  private held: number | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly title: HTMLElement,
    private readonly store: Store,
    session: Session,
    private readonly commands: Commands,
    private readonly select: (track: number) => void,
    private readonly act: (alert: Alert) => void,
  ) {
    session.on(() => this.draw());
    store.on("status", () => this.draw());
    store.on("language", () => this.draw());
  }

  /** The alert in hand: the keys act on it. */
  get inHand(): Alert | undefined {
    return this.shown().find((a) => a.id === this.held);
  }

  /** Take the next alert in hand, or the one before it, and select its track. */
  step(by: 1 | -1): void {
    const shown = this.shown();
    if (!shown.length) return;
    const at = shown.findIndex((a) => a.id === this.held);
    const next = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : (at + by + shown.length) % shown.length]!;
    this.held = next.id;
    this.draw();
    const card = this.cards.get(next.id)?.element;
    card?.scrollIntoView({ block: "nearest" });
    card?.querySelector<HTMLElement>(".what")?.focus({ preventScroll: true });
    if (next.track) this.select(next.track);
  }

  /** Acknowledge the alert in hand; false where none is, or it needs none. */
  acknowledgeHeld(): boolean {
    const held = this.inHand;
    if (!held || held.acknowledged !== null || this.asked.has(held.id)) return false;
    void this.acknowledge(held);
    return true;
  }

  /** Open what else may be done about the alert in hand. */
  actOnHeld(): void {
    const held = this.inHand;
    if (held && mayAct(this.commands) && held.state !== "cleared") this.act(held);
  }

  private shown(): Alert[] {
    return (this.store.status?.alerts ?? []).slice(0, SHOWN_MAX);
  }

  private draw(): void {
    const alerts = this.shown();
    const { count, worst } = this.store.waiting();
    const head = `${tongue()}${count}${worst}`;
    if (this.title.dataset["head"] !== head) {
      this.title.dataset["head"] = head;
      put(this.title, t("panel.alerts"), count > 0 && h(`span.badge.severity${worst}`, {}, count));
    }
    const hidden = (this.store.status?.alerts_total ?? alerts.length) - alerts.length;
    for (const id of this.cards.keys()) if (!alerts.some((a) => a.id === id)) this.cards.delete(id);
    const focused = this.focused();
    const wanted = [
      ...(this.refused ? [h("p.refused", { role: "alert" }, t("alerts.refused", this.refused))] : []),
      ...(alerts.length === 0 ? [h("p.empty", {}, t("alerts.none"))] : []),
      ...alerts.map((a) => this.card(a)),
      ...(hidden > 0 ? [h("p.empty", {}, t("alerts.more", hidden))] : []),
    ];
    if (wanted.length !== this.element.childElementCount || wanted.some((e, i) => this.element.children[i] !== e)) put(this.element, ...wanted);
    if (focused) (this.cards.get(focused[0])?.element.querySelector<HTMLElement>(`.${focused[1]}`) ?? this.cards.get(focused[0])?.element.querySelector<HTMLElement>(".what"))?.focus({ preventScroll: true });
  }

  /** Which alert's which button has the keyboard. */
  private focused(): [number, string] | undefined {
    const active = document.activeElement;
    const card = active instanceof HTMLElement && this.element.contains(active) ? active.closest<HTMLElement>("[data-alert]") : null;
    return card ? [Number(card.dataset["alert"]), (active as HTMLElement).classList[0] ?? "what"] : undefined;
  }

  /** A card is kept as long as it says the same: what is made anew loses clicks and focus. */
  private card(a: Alert): HTMLElement {
    const key = [tongue(), a.severity, a.acknowledged, a.by, a.text[lang()], calls(a), a.track, this.asked.has(a.id), a.id === this.held, this.commands.may("acknowledge"), mayAct(this.commands), a.state, ...standing(a)].join("|");
    const kept = this.cards.get(a.id);
    if (kept?.key === key) return kept.element;
    const element = this.make(a);
    this.cards.set(a.id, { key, element });
    return element;
  }

  private make(alert: Alert): HTMLElement {
    const track = alert.track;
    const text = alert.text[lang()] ?? alert.rule;
    return h(
      `div.alert.${alert.severity}${calls(alert) ? "" : ".done"}${alert.id === this.held ? ".inhand" : ""}`,
      { "data-alert": alert.id, "aria-current": alert.id === this.held ? "true" : undefined },
      h(
        "button.what",
        { click: () => this.take(alert), type: "button", title: track ? t("alerts.show") : undefined },
        h("span.severity", {}, t(`severity.${alert.severity}`)),
        h("span.since", {}, clockTime(alert.since)),
        h("span.text", {}, text),
        ...standing(alert).map((words) => h("span.standing", {}, words)),
      ),
      alert.acknowledged !== null
        ? h("span.by", {}, t("alerts.acknowledged", clockTime(alert.acknowledged), alert.by ?? "?"))
        : this.commands.may("acknowledge") &&
            h(
              "button.acknowledge",
              { click: () => void this.acknowledge(alert), title: t("button.acknowledge"), "aria-label": `${t("button.acknowledge")}: ${text}`, disabled: this.asked.has(alert.id) },
              alert.severity === "information" ? "✓" : t("button.acknowledge"),
            ),
      mayAct(this.commands) && alert.state !== "cleared" && h("button.more", { click: () => this.act(alert), title: t("button.more"), "aria-label": `${t("button.more")}: ${text}` }, "⋯"),
    );
  }

  private take(alert: Alert): void {
    this.held = alert.id;
    this.draw();
    if (alert.track) this.select(alert.track);
  }

  private async acknowledge(alert: Alert): Promise<void> {
    const { id } = alert;
    this.asked.add(id);
    this.refused = "";
    this.draw();
    try {
      await this.commands.send({ kind: "acknowledge", alert: id }, { what: t("undo.acknowledge", alert.text[lang()] ?? alert.rule) });
    } catch (error) {
      this.refused = error instanceof Error ? error.message : String(error);
    }
    setTimeout(() => {
      this.asked.delete(id);
      this.draw();
    }, 4000);
    this.draw();
  }
}

/** What is to be said of an alert's life, besides its acknowledgement. */
function standing(alert: Alert): string[] {
  const { state, owner, predicted, suppressed_until: until } = alert;
  return [
    state === "suppressed" && (until ? t("alerts.suppressed", clockTime(until)) : t("alerts.suppressed.open")),
    state === "cleared" && t("alerts.cleared"),
    predicted !== null && (state === undefined || state === "raised") && t("alerts.predicted", clockTime(predicted)),
    owner && t("alerts.owner", owner),
  ].filter((words): words is string => typeof words === "string" && words !== "");
}
