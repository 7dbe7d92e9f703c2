// The coverage panel over the map: switch, height, legend, what is seen under the pointer, what a tried site changes, the holes.

import { seesLess, shareSeen, type Coverage, type Hole, type Kind, type Trying } from "../coverage";
import { h, put } from "../dom";
import { feet, km2, position } from "../format";
import { lang, t, word } from "../i18n";

const HOLES_SHOWN = 12;
const ALTITUDE_FT = 1 / 0.3048;

interface Actions {
  centre: (hole: Hole) => void;
  tryNew: () => void;
}

export class CoveragePanel {
  private readonly button = h("button.switch");
  private readonly rest = h("div.rest");
  private readonly parts = { note: h("div.note"), choice: h("div.choice"), legend: h("ul.legend"), areas: h("p.areas"), here: h("p.here", { "aria-live": "off" }), trying: h("div.trying"), holes: h("div.holes") };
  private readonly keys = new Map<HTMLElement, string>();

  constructor(
    private readonly element: HTMLElement,
    private readonly coverage: Coverage,
    private readonly actions: Actions,
  ) {
    this.button.addEventListener("click", () => coverage.toggle());
    const { note, choice, legend, areas, here, trying, holes } = this.parts;
    put(this.rest, note, choice, legend, areas, here, trying, holes);
    put(element, this.button, this.rest);
    coverage.onChange(() => this.draw());
    this.draw();
  }

  /** Write everything anew, in the language of now. */
  redraw(): void {
    this.keys.clear();
    this.draw();
  }

  private draw(): void {
    const { coverage, parts } = this;
    const state = coverage.state?.state;
    this.element.setAttribute("aria-label", t("coverage.title"));
    this.element.classList.toggle("on", coverage.on);
    this.button.setAttribute("aria-pressed", String(coverage.on));
    this.button.title = t(coverage.on ? "coverage.hide" : "coverage.show");
    this.fill(this.button, [coverage.on], () => [h("span.swatch.nobody", { "aria-hidden": "true" }), t("coverage.title"), h("kbd", { "aria-hidden": "true" }, "⇧ C")]);
    this.rest.hidden = !coverage.on;
    if (!coverage.on) return;
    const ready = state === "ready";
    this.fill(parts.note, [this.note()], () => this.note().map(([kind, text]) => h(`p.${kind}`, {}, text)));
    this.fill(parts.choice, [coverage.height, coverage.kind, coverage.state?.heights, state === "off"], () => (state === "off" ? [] : this.choice()));
    this.fill(parts.legend, [coverage.kind, coverage.height, coverage.state?.unknown, ready], () => (ready ? this.legend() : []));
    const plain = ready && !coverage.trying;
    this.fill(parts.areas, [plain && coverage.areas], () => [plain && this.areas()]);
    this.fill(parts.here, [ready && (coverage.spot ?? null)], () => [ready && this.here()]);
    this.fill(parts.trying, [ready && (coverage.trying ?? null)], () => (ready ? this.trying(coverage.trying) : []));
    this.fill(parts.holes, [plain && coverage.areas], () => (plain ? this.holes() : []));
  }

  /** Put children where what they are made of has changed, keeping the focus. */
  private fill(part: HTMLElement, of: unknown[], make: () => (Node | string | false)[]): void {
    const key = JSON.stringify(of);
    if (this.keys.get(part) === key) return;
    this.keys.set(part, key);
    const active = document.activeElement;
    const held = active instanceof HTMLElement && part.contains(active) ? active.dataset["key"] : undefined;
    put(part, ...make());
    if (held !== undefined) part.querySelector<HTMLElement>(`[data-key="${held}"]`)?.focus({ preventScroll: true });
  }

  private note(): ["empty" | "warn", string][] {
    const { state, failed } = this.coverage;
    if (failed && !state) return [["warn", t("coverage.failed")]];
    if (!state) return [["empty", t("coverage.asking")]];
    if (state.state === "off") {
      const why = word("coverage.off", state.why ?? "");
      return [["warn", state.detail ? `${why} ${state.detail}` : why], ...(state.why === "terrain" ? [["empty", t("coverage.help.terrain")] as ["empty", string]] : [])];
    }
    const out: ["empty" | "warn", string][] = [];
    if (state.state !== "ready" || state.updating) out.push(["empty", state.stage === "sensors" ? t("coverage.sensors", state.done, state.of) : t("coverage.terrain")]);
    if (state.planned) out.push(["warn", t("coverage.planned")]);
    const missing = state.sensors.filter((s) => !s.counted);
    if (missing.length) out.push(["warn", t("coverage.leftout", missing.map((s) => (s.why ? `${s.id} (${word("sensor", s.why)})` : s.id)).join(", "))]);
    for (const s of state.sensors.filter(seesLess)) out.push(["warn", t("coverage.less", s.id, Math.round(100 * (shareSeen(s) ?? 0)))]);
    return out;
  }

  private choice(): HTMLElement[] {
    const { coverage } = this;
    const name = (height: string): string => (height.endsWith("ft") ? t("coverage.above", feet(Number.parseInt(height, 10))) : height);
    const select = h(
      "select",
      { "data-key": "height", "aria-label": t("coverage.height"), title: t("coverage.height"), change: (event) => coverage.choose((event.target as HTMLSelectElement).value, coverage.kind) },
      ...(coverage.state?.heights ?? []).map((v) => h("option", { value: v, selected: v === coverage.height }, name(v))),
    );
    const button = (kind: Kind): HTMLElement =>
      h(`button${kind === coverage.kind ? ".chosen" : ""}`, { "data-key": kind, "aria-pressed": String(kind === coverage.kind), click: () => coverage.choose(coverage.height, kind) }, t(`coverage.${kind}`));
    return [select, h("span.kinds", { role: "group", "aria-label": t("coverage.kind") }, button("single"), button("double"))];
  }

  private legend(): HTMLElement[] {
    const line = (swatch: string, text: string): HTMLElement => h("li", {}, h(`span.swatch.${swatch}`, { "aria-hidden": "true" }), text);
    const { kind, height, state } = this.coverage;
    return [
      line("nobody", t("coverage.legend.nobody")),
      ...(kind === "double" ? [line("one", t("coverage.legend.one"))] : []),
      ...(state?.unknown || !height.endsWith("ft") ? [line("unknown", t("coverage.legend.unknown"))] : []),
    ];
  }

  private areas(): string {
    const { areas } = this.coverage;
    if (!areas) return "";
    const [once, twice] = [areas.single_km2, areas.double_km2];
    if (areas.area === null || areas.area_km2 <= 0) return t("coverage.km2", km2(once), km2(twice));
    const share = (v: number): string => String(Math.round((100 * v) / areas.area_km2));
    const name = new Intl.DisplayNames([lang(), "en"], { type: "region" });
    return t("coverage.share", /^[A-Z]{2}$/.test(areas.area) ? (name.of(areas.area) ?? areas.area) : areas.area, share(once), share(twice));
  }

  private here(): string {
    const { spot } = this.coverage;
    if (!spot) return t("coverage.point");
    if (!spot.known) return t("coverage.at.unknown");
    const least = (metres: number): string => `${feet(metres * ALTITUDE_FT)} ft`;
    if (!spot.best) return t("coverage.at.nobody");
    const whole = (id: string): string => id.replaceAll("-", "\u2011"); // not to be broken in two
    const best = t("coverage.at", least(spot.best.agl_m), whole(spot.best.sensor));
    return `${best}${spot.second ? t("coverage.at.second", least(spot.second.agl_m), whole(spot.second.sensor)) : t("coverage.at.alone")}`;
  }

  private trying(now: Trying | undefined): (HTMLElement | false)[] {
    if (!now) return [h("button.plain", { "data-key": "new", click: this.actions.tryNew }, t("coverage.try.new"))];
    const name = now.sensor || t("coverage.new");
    const { found } = now;
    const said = now.refused ? h("p.warn", { role: "status" }, t("coverage.try.refused", now.refused)) : now.preparing || !found ? h("p.empty", {}, t("coverage.try.preparing")) : undefined;
    return [
      h("h3", {}, t("coverage.trying", name)),
      h("p.empty", {}, t("coverage.try.how")),
      h("p.place", {}, position(now.lat, now.lon)),
      h(
        "label",
        {},
        t("coverage.antenna"),
        h("input", { type: "number", min: 0, max: 1000, step: 1, value: now.antenna_m, "data-key": "antenna", change: (event) => this.antenna((event.target as HTMLInputElement).value) }),
      ),
      said ?? false,
      !said && found !== undefined && h("dl", {}, h("dt", {}, t("coverage.gained")), h("dd.gained", {}, `+ ${km2(found.gained_km2)}`), h("dt", {}, t("coverage.lost")), h("dd.lost", {}, `− ${km2(found.lost_km2)}`)),
      !said && found !== undefined && h("p.ms", {}, t("coverage.ms", Math.round(found.server_ms))),
      h("button.plain", { "data-key": "end", click: () => this.coverage.end() }, t("coverage.try.end")),
    ];
  }

  private antenna(text: string): void {
    const value = Number(text);
    if (text !== "" && value >= 0 && value <= 1000) this.coverage.move({ antenna_m: value });
  }

  private holes(): (HTMLElement | false)[] {
    const { areas } = this.coverage;
    if (!areas) return [];
    const rows = areas.holes.slice(0, HOLES_SHOWN).map((hole) =>
      h("li", {}, h("button.hole", { "data-key": `hole ${hole.rank}`, click: () => this.actions.centre(hole) }, h("span.rank", {}, hole.rank), h("span.area", {}, km2(hole.area_km2)), h("span.place", {}, position(hole.lat, hole.lon)))),
    );
    return [h("h3", {}, t("coverage.holes"), h("span.shown", {}, areas.total > rows.length ? `${rows.length}/${areas.total}` : areas.total || "")), rows.length === 0 && h("p.empty", {}, t("coverage.holes.none")), h("ol", {}, ...rows)];
  }
}
