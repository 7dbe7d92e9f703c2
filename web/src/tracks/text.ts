// What a label says of its track, in three levels of detail.

import { height, modeA, trend } from "../format";
import { t, type Key } from "../i18n";
import type { Store } from "../store";
import { AircraftClass, TrackFlag } from "../wire";

export type Detail = 1 | 2 | 3;

const NO_LEVEL = "---";
const OLD_S = 15;
const VERTICAL_FPM = 100;
const CLASS_WORDS = new Map<number, Key>(Object.entries(AircraftClass).flatMap(([name, value]) => (value === AircraftClass.UNKNOWN || value === AircraftClass.OTHER ? [] : [[value, `label.${name.toLowerCase()}` as Key] as const])));

/** How long ago a coasting or stale track was seen, "25 s"; "" of a fresh one. */
export function ageOf(flags: number, age_s: number): string {
  if (!Number.isFinite(age_s) || !(flags & TrackFlag.COASTING || age_s >= OLD_S)) return "";
  return age_s < 120 ? `${Math.round(age_s)} s` : `${Math.round(age_s / 60)} min`;
}

/** The lines of a label: the name; its level and speed; its course, vertical rate, kind and code. */
export function linesOf(store: Store, row: number, detail: Detail): string[] {
  const tracks = store.tracks!;
  const age = ageOf(tracks.flags[row]!, tracks.age_s[row]!);
  const name = store.nameOf(row);
  if (detail === 1) return [age ? `${name}  ${age}` : name];
  const flight = height(tracks.level_ft[row]!, tracks.altitude_ft[row]!);
  const speed = tracks.speed_kt[row]!;
  const second = [flight ? flight + trend(tracks.trend[row]!) : NO_LEVEL, Number.isFinite(speed) ? `${Math.round(speed)}` : "", age];
  const lines = [name, second.filter(Boolean).join("  ")];
  if (detail === 3) lines.push(thirdOf(store, row, name));
  return lines.filter(Boolean);
}

function thirdOf(store: Store, row: number, name: string): string {
  const tracks = store.tracks!;
  const course = tracks.course_deg[row]!;
  const vertical = tracks.vertical_fpm[row]!;
  const kind = CLASS_WORDS.get(tracks.aircraft_class[row]!);
  const code = modeA(tracks.mode_a[row]!);
  return [
    Number.isFinite(course) ? `${String(Math.round(course) % 360).padStart(3, "0")}°` : "",
    Math.abs(vertical) >= VERTICAL_FPM ? `${vertical > 0 ? "+" : "−"}${Math.abs(100 * Math.round(vertical / 100))}` : "",
    kind ? t(kind) : "",
    code && name !== `A${code}` ? code : "",
  ]
    .filter(Boolean)
    .join("  ");
}
