// The alert list: worst first, in the chosen language, each to be acknowledged.

import { h, put } from "../dom";
import { clockTime } from "../format";
import { lang, t } from "../i18n";
import type { Alert, Store } from "../store";

const SHOWN_MAX = 60;

export class AlertPanel {
  private key = "";
  private refused = "";
  private asked = new Set<number>();

  constructor(
    private readonly element: HTMLElement,
    private readonly title: HTMLElement,
    private readonly store: Store,
    private readonly select: (track: number) => void,
  ) {
    store.on("status", () => this.draw());
    store.on("language", () => this.draw());
  }

  private draw(): void {
    const alerts = this.store.status?.alerts ?? [];
    const key = `${lang()}|${this.refused}|${[...this.asked].join()}|${alerts.map((a) => `${a.id}:${a.severity}:${a.acknowledged}:${a.text[lang()]}`).join()}`;
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
    const done = alert.acknowledged !== null;
    const track = alert.track;
    return h(
      `div.alert.${alert.severity}${done ? ".done" : ""}`,
      { "data-alert": alert.id },
      h(
        "button.what",
        { click: () => track && this.select(track), disabled: !track },
        h("span.severity", {}, t(`severity.${alert.severity}`)),
        h("span.since", {}, clockTime(alert.since)),
        h("span.text", {}, alert.text[lang()] ?? alert.rule),
      ),
      done
        ? h("span.by", {}, t("alerts.acknowledged", clockTime(alert.acknowledged), alert.by ?? "?"))
        : h(
            "button.acknowledge",
            { click: () => void this.acknowledge(alert.id), title: t("button.acknowledge"), "aria-label": t("button.acknowledge"), disabled: this.asked.has(alert.id) },
            alert.severity === "information" ? "✓" : t("button.acknowledge"),
          ),
    );
  }

  private async acknowledge(id: number): Promise<void> {
    this.asked.add(id);
    this.refused = "";
    this.draw();
    try {
      const answer = await fetch("/api/commands", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ kind: "acknowledge", alert: id, by: t("alerts.operator") }),
      });
      if (!answer.ok) throw new Error(((await answer.json()) as { error?: string }).error ?? String(answer.status));
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
