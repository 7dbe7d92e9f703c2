// The sensor list, below it the feeds they come on (state in words, rate, lateness, what was refused or lost and why) and the QNH that hold.

import { h, put } from "../dom";
import { duration, whole } from "../format";
import { lang, t } from "../i18n";
import { written, type Performance } from "../figures";
import { SensorFigures } from "./figures";
import type { Panel } from "../side";
import type { Pressure, Sensor, Source, Store } from "../store";

const MEASURE_MS = 15_000;

export class SensorPanel implements Panel {
  readonly id = "sensors";
  readonly name = "panel.sensors";
  readonly element = h("section#sensors.scroll");
  private well = "";
  private key = "";
  /** The figures of the sensors that are open: they stay while the rest is drawn anew. */
  private readonly open = new Map<string, SensorFigures>();
  /** Probability of update of each sensor, in words; asked for while the panel is shown. */
  private readonly updates = new Map<string, string>();
  private front = false;

  constructor(
    private readonly store: Store,
    private readonly centre: (sensor: Sensor) => void,
    private readonly tryElsewhere: ((sensor: Sensor) => void) | undefined,
    /** What coverage says of a sensor; "" for nothing. */
    private readonly reach: (id: string) => string,
    private readonly recount: () => void,
  ) {
    for (const topic of ["status", "past"] as const) store.on(topic, () => this.draw());
    setInterval(() => this.front && !document.hidden && void this.measure(), MEASURE_MS);
    store.on("language", () => {
      this.key = "";
      for (const figures of this.open.values()) figures.draw();
      this.draw();
    });
  }

  count(): string {
    return this.well;
  }

  trouble(): boolean {
    return (this.store.status?.sensors ?? []).some((s) => s.state !== "ok");
  }

  shown(on: boolean): void {
    this.front = on;
    if (on) void this.measure();
  }

  private async measure(): Promise<void> {
    try {
      const answer = await fetch("/api/performance");
      if (!answer.ok) return;
      for (const one of ((await answer.json()) as Performance).sensors) {
        const update = one.figures.find((f) => f.figure === "update" && f.seconds === null && !f.ground);
        if (update && update.value !== null) this.updates.set(one.id, written(update.value, update.unit));
      }
      this.draw();
    } catch {
      // the banner already says that the server does not answer
    }
  }

  private toggle(sensor: Sensor): void {
    const figures = this.open.get(sensor.id);
    if (figures) {
      figures.close();
      this.open.delete(sensor.id);
    } else this.open.set(sensor.id, new SensorFigures(sensor.id, () => this.reach(sensor.id)));
    this.key = "";
    this.draw();
    if (!figures) this.open.get(sensor.id)?.element.previousElementSibling?.scrollIntoView({ block: "nearest" });
  }

  private draw(): void {
    const sensors = [...(this.store.standing?.sensors ?? [])].sort((a, b) => Number(a.state === "ok") - Number(b.state === "ok")); // troubled first
    const sources = (this.store.standing?.sources ?? []).filter((s) => s.transport !== null);
    const pressures = this.store.standing?.qnh ?? [];
    const key = JSON.stringify([
      sensors.map((s) => [s.id, s.state, s.rate_hz?.toFixed(0), s.lag_s?.toFixed(1), this.updates.get(s.id), Object.values(s.rejects), s.note]),
      sources.map((s) => [s.id, s.state, s.why, this.figures(s)]),
      pressures.map((p) => [p.station, p.qnh_hpa, p.by, this.age(p)]),
    ]);
    if (key === this.key) return;
    this.key = key;
    const well = sensors.filter((s) => s.state === "ok").length;
    this.well = `${well}/${sensors.length}`;
    this.recount();
    const held = document.activeElement instanceof HTMLElement && this.element.contains(document.activeElement) ? document.activeElement.dataset["key"] : undefined;
    put(this.element, sensors.length === 0 && h("p.empty", {}, t("sensor.none")), ...sensors.flatMap((s) => this.lines(s)), ...this.feeds(sources), pressures.length > 0 && h("h3.feeds", {}, t("panel.qnh")), ...pressures.map((p) => this.pressure(p)));
    if (held !== undefined) [...this.element.querySelectorAll<HTMLElement>("[data-key]")].find((e) => e.dataset["key"] === held)?.focus({ preventScroll: true });
  }

  private feeds(sources: Source[]): (HTMLElement | false)[] {
    return [sources.length > 0 && h("h3.feeds", {}, t("panel.sources")), ...sources.map((s) => this.feed(s))];
  }

  private feed(source: Source): HTMLElement {
    const well = source.state === "receiving" || source.state === "ended";
    const reasons = Object.entries(source.rejects).map(([reason, n]) => `${reason}: ${n}`);
    return h(
      `div.sensor.feed.${well ? "ok" : "silent"}`,
      { title: [`${source.transport ?? ""} · ${source.format}`, source.why, ...reasons].filter(Boolean).join("\n") },
      h("span.dot", { "aria-hidden": "true" }, well ? "●" : "▲"),
      h("span.id", {}, source.id),
      h("span.state", {}, t(`feed.${source.state}`, source.detail)),
      h("span.figures", {}, this.figures(source)),
    );
  }

  private age(pressure: Pressure): string {
    return pressure.time === null ? "" : t("track.ago", duration((this.store.standing?.time ?? pressure.time) - pressure.time));
  }

  private pressure(pressure: Pressure): HTMLElement {
    const value = t("qnh.value", whole(pressure.qnh_hpa ?? NaN), String(pressure.transition_level).padStart(3, "0"));
    const figures = [this.age(pressure), pressure.by !== null && t("qnh.by", pressure.by)].filter(Boolean).join(" · ");
    return h("div.sensor.feed.ok", {}, h("span.dot", { "aria-hidden": "true" }, "●"), h("span.id", {}, pressure.station), h("span.state", {}, value), h("span.figures", {}, figures));
  }

  private figures(source: Source): string {
    const refused = Object.values(source.rejects).reduce((a, b) => a + b, 0);
    return [
      (source.bytes_s ?? 0) > 0 && t("feed.rate", ((source.bytes_s ?? 0) / 1000).toFixed(1)),
      Math.abs(source.clock_off_s ?? 0) >= 2 && t("feed.clock", (source.clock_off_s ?? 0).toFixed(1)),
      refused > 0 && t("sensor.rejects", refused),
      source.dropped > 0 && t("feed.dropped", source.dropped),
      source.duplicates > 0 && t("feed.duplicates", source.duplicates),
    ]
      .filter(Boolean)
      .join(" · ");
  }

  private lines(sensor: Sensor): HTMLElement[] {
    const figures = this.open.get(sensor.id);
    const label = t(figures ? "figures.close" : "figures.open", sensor.id);
    const more = h("button.more", { click: () => this.toggle(sensor), "aria-expanded": String(figures !== undefined), "aria-label": label, title: label, "data-key": `more ${sensor.id}` }, figures ? "▾" : "▸");
    const elsewhere = this.tryElsewhere;
    const tried = t("coverage.try", sensor.id);
    const move = elsewhere && sensor.lat !== null && sensor.kind !== "system" && h("button.more.try", { click: () => elsewhere(sensor), "aria-label": tried, title: tried, "data-key": `try ${sensor.id}` }, "✥");
    return [h("div.held", {}, this.line(sensor), move || null, more), ...(figures ? [figures.element] : [])];
  }

  private line(sensor: Sensor): HTMLElement {
    const refused = Object.values(sensor.rejects).reduce((a, b) => a + b, 0);
    const reasons = Object.entries(sensor.rejects).map(([reason, n]) => `${reason}: ${n}`);
    const figures = [
      sensor.state === "ok" && sensor.rate_hz !== null && t("sensor.rate", sensor.rate_hz < 10 ? sensor.rate_hz.toFixed(1) : Math.round(sensor.rate_hz)),
      sensor.lag_s !== null && t("sensor.lag", sensor.lag_s.toFixed(1)),
      this.updates.has(sensor.id) && t("sensor.pd", this.updates.get(sensor.id)!),
      refused > 0 && t("sensor.rejects", refused),
    ].filter(Boolean);
    const note = sensor.note?.[lang()] ?? "";
    return h(
      `button.sensor.own.${sensor.state.replace(" ", "-")}`,
      { click: () => this.centre(sensor), "data-key": `line ${sensor.id}`, title: [sensor.name, this.updates.has(sensor.id) && `${t("sensor.pd.long")}: ${this.updates.get(sensor.id)}`, ...reasons].filter(Boolean).join("\n") },
      h("span.dot", { "aria-hidden": "true" }, sensor.state === "ok" ? "●" : "▲"),
      h("span.id", {}, sensor.id),
      h("span.state", {}, sensor.placed ? t(`sensor.${sensor.state}`) : `${t(`sensor.${sensor.state}`)} · ${t("inset.unplaced", "").replace(/[\s:]+$/, "")}`),
      h("span.figures", {}, figures.join(" · ")),
      note !== "" && h("span.note", {}, note),
    );
  }
}
