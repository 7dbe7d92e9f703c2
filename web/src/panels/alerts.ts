// The alert list: worst first, in the chosen language, each to be acknowledged, suppressed or handed over by those who may.

import { h, put } from "../dom";
import { clockTime } from "../format";
import { lang, t } from "../i18n";
import type { Commands } from "../commands";
import type { Session } from "../session";
import { calls, type Alert, type Store } from "../store";
import { mayAct } from "./alertactions";

const SHOWN_MAX = 60;

export class AlertPanel {
  private key = "";
  private refused = "";
  private asked = new Set<number>();

  constructor(
    private readonly element: HTMLElement,
    private readonly title: HTMLElement,
    private readonly store: Store,
    private readonly session: Session,
    private readonly commands: Commands,
    private readonly select: (track: number) => void,
    private readonly act: (alert: Alert) => void,
  ) {
    session.on(() => this.draw());
    store.on("status", () => this.draw());
    store.on("language", () => this.draw());
  }

  private draw(): void {
    const alerts = this.store.status?.alerts ?? [];
    const key = `${lang()}|${this.refused}|${[...this.asked].join()}|${this.session.info?.commands.join()}|${alerts.map((a) => [a.id, a.severity, a.acknowledged, a.text[lang()], ...standing(a)].join(":")).join()}`;
    if (key === this.key) return;
    this.key = key;
    const { count, worst } = this.store.waiting();
    put(this.title, t("panel.alerts"), count > 0 && h(`span.badge.severity${worst}`, {}, count));
    const total = this.store.status?.alerts_total ?? alerts.length;
    const hidden = total - Math.min(alerts.length, SHOWN_MAX);
    put(
      this.element,
      this.refused && h("p.refused", { role: "alert" }, t("alerts.refused", this.refused)),
      alerts.length === 0 && h("p.empty", {}, t("alerts.none")),
      ...alerts.slice(0, SHOWN_MAX).map((a) => this.card(a)),
      hidden > 0 && h("p.empty", {}, t("alerts.more", hidden)),
    );
  }

  private card(alert: Alert): HTMLElement {
    const track = alert.track;
    return h(
      `div.alert.${alert.severity}${calls(alert) ? "" : ".done"}`,
      { "data-alert": alert.id },
      h(
        "button.what",
        { click: () => track && this.select(track), disabled: !track },
        h("span.severity", {}, t(`severity.${alert.severity}`)),
        h("span.since", {}, clockTime(alert.since)),
        h("span.text", {}, alert.text[lang()] ?? alert.rule),
        ...standing(alert).map((words) => h("span.standing", {}, words)),
      ),
      alert.acknowledged !== null
        ? h("span.by", {}, t("alerts.acknowledged", clockTime(alert.acknowledged), alert.by ?? "?"))
        : this.commands.may("acknowledge") &&
            h(
              "button.acknowledge",
              { click: () => void this.acknowledge(alert.id), title: t("button.acknowledge"), "aria-label": t("button.acknowledge"), disabled: this.asked.has(alert.id) },
              alert.severity === "information" ? "✓" : t("button.acknowledge"),
            ),
      mayAct(this.commands) && alert.state !== "cleared" && h("button.more", { click: () => this.act(alert), title: t("button.more"), "aria-label": t("button.more") }, "⋯"),
    );
  }

  private async acknowledge(id: number): Promise<void> {
    this.asked.add(id);
    this.refused = "";
    this.draw();
    try {
      await this.commands.send({ kind: "acknowledge", alert: id });
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
