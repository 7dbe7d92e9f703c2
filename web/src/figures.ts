// The measured figures of a sensor: what the server sends, and how a figure is written.

import { lang, t, word } from "./i18n";

export interface Judgement {
  limit: string;
  verdict: "pass" | "fail" | "few" | "no limit" | "not judged";
  at_least: number | null;
  at_most: number | null;
  why: Record<string, string>;
  source: Record<string, string>;
}

export interface Figure {
  figure: string;
  seconds: number | null;
  ground: boolean;
  unit: "share" | "m" | "deg" | "s" | "";
  value: number | null;
  low: number | null;
  high: number | null;
  samples: number | null;
  judged: Judgement[];
}

export interface Measured {
  id: string;
  group: string;
  plots: number;
  figures: Figure[];
}

export interface Performance {
  time: number | null;
  since: number | null;
  /** Share of the time that each sensor is looked at; null where nothing is measured. */
  looked_at: number | null;
  sensors: Measured[];
}

export const SIGNS: Record<Judgement["verdict"], string> = { pass: "✓", fail: "✗", few: "…", "no limit": "–", "not judged": "?" };

const UNITS = { share: "\u00a0%", m: "\u00a0m", deg: "°", s: "\u00a0s", "": "" };

/** A number with so many digits that mean something. */
export function digits(value: number, most = 3): string {
  if (value === 0) return "0";
  const places = most - 1 - Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(Math.max(places, 0), 4)).replace("-", "−");
}

/** A share as per cent, so that 99.96 and 0.004 both say something. */
function percent(share: number): string {
  const value = 100 * share;
  const left = Math.min(value, 100 - value);
  return value.toFixed(left === 0 ? 0 : left < 0.1 ? 3 : left < 1 ? 2 : 1);
}

/** A value in its unit; "–" where there is none. */
export function written(value: number | null, unit: Figure["unit"]): string {
  return value === null ? "–" : (unit === "share" ? percent(value) : digits(value)) + UNITS[unit];
}

/** The limits of a share's 95 % interval, in brackets. */
export function interval(f: Figure): string {
  return f.unit === "share" && f.low !== null && f.high !== null ? `(${percent(f.low)}–${percent(f.high)})` : "";
}

/** What a figure is called. */
export function named(f: Figure): string {
  const name = f.seconds === null ? word("figure", f.figure) : t(f.figure === "gaps_over" ? "figure.gaps_over" : "figure.update_in", f.seconds);
  return f.ground ? `${name} ${t("figure.ground")}` : name;
}

/** The verdict in a word, with its limit. */
export function verdict(j: Judgement, unit: Figure["unit"]): string {
  const said = t(`verdict.${j.verdict}`);
  const limit = j.at_least ?? j.at_most;
  if (limit === null) return said;
  const shown = unit === "share" ? `${Number((100 * limit).toPrecision(6))}${UNITS.share}` : `${limit}${UNITS[unit]}`;
  return `${said} ${t(j.at_least === null ? "limit.at_most" : "limit.at_least", shown)}`;
}

/** Words by language, as the server sends them. */
export const inLanguage = (words: Record<string, string>): string => words[lang()] ?? words["en"] ?? "";
