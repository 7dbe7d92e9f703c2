// How well one sensor does: its figures over the last minutes, each with its verdict and where the limit comes from.

import { h, put } from "../dom";
import { inLanguage, interval, named, SIGNS, verdict, written, type Figure, type Judgement, type Measured, type Performance } from "../figures";
import { clockTime } from "../format";
import { t, word } from "../i18n";

const EVERY_MS = 10_000;

export class SensorFigures {
  readonly element = h("div.measured", { role: "region" });
  private found: Performance | undefined;
  private failed = false;
  private readonly timer: number;

  constructor(
    private readonly sensor: string,
    private readonly reach: () => string,
  ) {
    this.timer = window.setInterval(() => void this.ask(), EVERY_MS);
    this.draw();
    void this.ask();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async ask(): Promise<void> {
    try {
      const answer = await fetch(`/api/performance?sensor=${encodeURIComponent(this.sensor)}`);
      this.failed = !answer.ok;
      if (answer.ok) this.found = (await answer.json()) as Performance;
    } catch {
      this.failed = true; // what was last known stays
    }
    this.draw();
  }

  draw(): void {
    this.element.setAttribute("aria-label", t("figures.of", this.sensor));
    const { found } = this;
    const one = found?.sensors[0];
    const nothing = this.failed && !found ? t("figures.failed") : !found ? t("figures.asking") : found.looked_at === null ? t("figures.off") : !one ? t("figures.none") : "";
    if (!found || !one || nothing) put(this.element, h("p.empty", {}, nothing));
    else put(this.element, h("p.span", {}, this.span(found, one)), this.reach() !== "" && h("p.reach", {}, this.reach()), this.table(one), h("p.span", {}, t("figures.note")));
  }

  private span(found: Performance, one: Measured): string {
    const share = found.looked_at !== null && found.looked_at < 1 ? t("figures.share", Math.round(100 * found.looked_at)) : "";
    return [t("figures.span", clockTime(found.since), clockTime(found.time)), t("figures.plots", one.plots), word("group", one.group), share].filter(Boolean).join(" · ");
  }

  private table(one: Measured): HTMLElement {
    return h("table", {}, h("tbody", {}, ...one.figures.flatMap((f) => [this.row(f), ...f.judged.map((j) => this.judged(f, j))])));
  }

  private row(f: Figure): HTMLElement {
    const samples = f.samples === null ? "" : t("figures.samples", f.samples);
    return h("tr.figure", { title: samples }, h("th", { scope: "row" }, named(f)), h("td", {}, written(f.value, f.unit), " ", h("span.interval", {}, interval(f))));
  }

  private judged(f: Figure, j: Judgement): HTMLElement {
    const why = inLanguage(j.why);
    const told = j.verdict !== "no limit" && j.verdict !== "few" && why !== ""; // those say it already
    return h(
      `tr.verdict.${j.verdict.replace(" ", "-")}`,
      { title: why },
      h("td", { colspan: 2 }, h("span.sign", { "aria-hidden": "true" }, SIGNS[j.verdict]), h("b", {}, verdict(j, f.unit)), h("span.source", {}, inLanguage(j.source)), told && h("span.why", {}, why)),
    );
  }
}
