// Level and speed over the last half hour, as two small charts over one axis of time.

import { h, put } from "../../dom";
import { clockTime, whole } from "../../format";
import { lang, t } from "../../i18n";
import type { Part, Seen } from "./part";
import { path, placed, scaleOf, timesOf, type Scale } from "./scale";
import type { Past } from "./told";

const NS = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT] = [344, 122, 40, 10, 8, 18];
const LONGEST_S = 1800;
const MARKS = 4;

function svg(name: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text) element.textContent = text;
  return element;
}

interface Line {
  values: (number | null)[];
  /** A class of its own. */
  as: string;
}

export class ProfileChart implements Part {
  readonly id = "profile";
  readonly name = "track.tab.profile";
  readonly element = h("div.profile");
  readonly needsPast = true;
  private key = "";

  draw({ past, now }: Seen): void {
    const key = `${lang()} ${past?.number} ${past?.time} ${past === undefined}`;
    if (key === this.key) return;
    this.key = key;
    const known = past && past.profile.time.length > 0;
    if (!past || !known) return put(this.element, h("p.empty", {}, t(past ? "profile.none" : "figures.asking")));
    const until = Math.max(now - 5, past.time);
    const since = Math.max(until - LONGEST_S, Math.min(past.profile.time[0]!, until - 300));
    const hundreds = past.profile.level_ft.map((v) => v && v / 100);
    const levels: Line[] = [
      { values: hundreds, as: "level" },
      { values: past.profile.altitude_ft.map((v) => v && v / 100), as: "altitude" },
    ];
    put(
      this.element,
      this.chart(past, t("profile.level"), levels, since, until, 20, -10),
      this.chart(past, t("profile.speed"), [{ values: past.profile.speed_kt, as: "speed" }], since, until, 40, 0),
      h("p.foot", {}, past.profile.altitude_ft.some((v) => v !== null) ? t("profile.foot.altitude") : t("profile.foot")),
    );
  }

  private chart(past: Past, title: string, lines: Line[], since: number, until: number, least: number, floor: number): HTMLElement {
    const scale = scaleOf(lines.flatMap((l) => l.values), MARKS, least, floor);
    const x = (time: number): number => LEFT + placed(time, since, until, WIDTH - LEFT - RIGHT);
    const y = (value: number): number => HEIGHT - FOOT - placed(value, scale.low, scale.high, HEIGHT - TOP - FOOT);
    const drawn = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": this.words(title, past, lines[0]!) });
    drawn.append(...this.grid(scale, since, until, x, y));
    for (const line of lines) drawn.append(svg("path", { class: `line ${line.as}`, d: path(past.profile.time, line.values, 2.5 * past.step_s, x, y) }));
    return h("figure", {}, h("figcaption", {}, title), drawn as unknown as HTMLElement);
  }

  private grid(scale: Scale, since: number, until: number, x: (time: number) => number, y: (value: number) => number): SVGElement[] {
    const out: SVGElement[] = [];
    for (const mark of scale.marks) {
      out.push(svg("path", { class: "grid", d: `M${LEFT} ${y(mark).toFixed(1)}H${WIDTH - RIGHT}` }));
      out.push(svg("text", { x: LEFT - 5, y: y(mark) + 3.5, "text-anchor": "end" }, String(mark)));
    }
    for (const at of timesOf(since, until, 5)) {
      out.push(svg("path", { class: "grid", d: `M${x(at).toFixed(1)} ${TOP}V${HEIGHT - FOOT}` }));
      out.push(svg("text", { x: x(at), y: HEIGHT - 5, "text-anchor": "middle" }, clockTime(at).slice(0, 5)));
    }
    return out;
  }

  /** What the chart shows, for those who do not see it. */
  private words(title: string, past: Past, line: Line): string {
    const known = line.values.filter((v): v is number => v !== null);
    if (!known.length) return `${title}: ${t("profile.none")}`;
    const times = past.profile.time;
    return t("profile.words", title, clockTime(times[0]), clockTime(times[times.length - 1]), whole(Math.min(...known)), whole(Math.max(...known)), whole(known[known.length - 1]!));
  }
}
