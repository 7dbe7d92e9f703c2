// Who sees a track, when last, and what its latest plots said.

import { h, put } from "../../dom";
import { clockTime, duration, level } from "../../format";
import { lang, t, word } from "../../i18n";
import type { Part, Seen } from "./part";
import type { Past, Plot } from "./told";

/** What a plot says, in a line: where by the sensor, height, and names. */
export function said(p: Plot): string {
  const place = p.range_m !== null && p.azimuth_deg !== null ? `${(p.range_m / 1852).toFixed(1)} NM ${String(Math.round(p.azimuth_deg) % 360).padStart(3, "0")}°` : p.lat !== null && p.lon !== null ? `${p.lat.toFixed(3)} ${p.lon.toFixed(3)}` : "";
  const flags = p.flags.map((f) => word("plotflag", f));
  return [place, p.level_ft === null ? "" : level(p.level_ft), p.mode_a && `A${p.mode_a}`, p.address, p.callsign, p.remote_id, ...flags].filter(Boolean).join(" · ");
}

export class Plots implements Part {
  readonly id = "plots";
  readonly name = "track.tab.plots";
  readonly element = h("div.plots");
  readonly needsPast = true;
  private key = "";

  draw({ past, now }: Seen): void {
    const key = `${lang()} ${past?.number} ${past?.time} ${Math.floor(now)}`;
    if (key === this.key) return;
    this.key = key;
    if (!past) return put(this.element, h("p.empty", {}, t("figures.asking")));
    put(this.element, ...this.sensors(past, now), ...this.plots(past));
  }

  private sensors(past: Past, now: number): HTMLElement[] {
    const row = (s: Past["sensors"][number]): HTMLElement => h("tr", {}, h("th", { scope: "row" }, s.id), h("td", {}, s.last === null ? "" : t("track.ago", duration(now - s.last))), h("td.right", {}, t("figures.plots", s.plots)));
    return [h("h3", {}, t("track.sensors")), past.sensors.length ? h("table.sensors", {}, h("tbody", {}, ...past.sensors.map(row))) : h("p.empty", {}, t("plots.nosensor"))];
  }

  private plots(past: Past): HTMLElement[] {
    const row = (p: Plot): HTMLElement => h("tr", {}, h("td", {}, clockTime(p.time)), h("td", {}, p.sensor ?? "–"), h("td", {}, word("plot", p.kind)), h("td", {}, said(p)));
    const head = h("tr", {}, ...(["plots.time", "plots.sensor", "plots.kind", "plots.said"] as const).map((k) => h("th", { scope: "col" }, t(k))));
    return [h("h3", {}, t("plots.latest", past.plots.length)), past.plots.length ? h("table.latest", {}, h("thead", {}, head), h("tbody", {}, ...past.plots.map(row))) : h("p.empty", {}, t("plots.none"))];
  }
}
