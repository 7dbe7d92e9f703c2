// A volume of airspace as the server tells it, its limits in words, and the table that puts it again.

import { t } from "../i18n";

export const KINDS = ["fir", "border", "control", "prohibited", "restricted", "danger", "temporary", "no_fly", "drone", "corridor", "closed", "aerodrome", "other"] as const;
export type Kind = (typeof KINDS)[number];
export type Datum = "amsl" | "agl" | "fl";
export type Place = readonly [lat: number, lon: number];

/** Metres above a datum; null: unlimited. */
export interface Limit {
  readonly value_m: number | null;
  readonly datum: Datum;
}

export type Shape =
  | { readonly type: "polygon"; readonly ring: readonly Place[]; readonly holes?: readonly (readonly Place[])[] }
  | { readonly type: "circle"; readonly lat_deg: number; readonly lon_deg: number; readonly radius_m: number }
  | { readonly type: "corridor"; readonly line: readonly Place[]; readonly width_m: number };

export interface Period {
  readonly days: readonly number[];
  readonly from_min: number;
  readonly to_min: number;
}

export interface Volume {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly airspace_class: string;
  readonly floor: Limit;
  readonly ceiling: Limit;
  readonly shape: Shape;
  readonly buffer_m: number;
  readonly buffer_up_m: number;
  readonly schedule: readonly Period[];
  readonly starts_s: number | null;
  readonly ends_s: number | null;
  readonly active: boolean;
  readonly country: string;
  readonly remark: string;
}

export const FOOT_M = 0.3048;
const LEVEL_M = 100 * FOOT_M;

/** How a limit is written in a form: a number of a unit, or none of it. */
export type Unit = "GND" | "FL" | "ft amsl" | "ft agl" | "m amsl" | "m agl" | "m std" | "UNL";
export const UNITS: readonly Unit[] = ["GND", "FL", "ft amsl", "ft agl", "m amsl", "m agl", "UNL"];

const whole = (metres: number, unit: number): number | undefined => {
  const n = Math.round(metres / unit);
  return Math.abs(n * unit - metres) < 6e-4 ? n : undefined;
};

/** A limit as a number of a unit: flight levels and feet where they are whole, else metres. */
export function written(limit: Limit): { value: number; unit: Unit } {
  if (limit.value_m === null) return { value: 0, unit: "UNL" };
  if (limit.datum === "agl" && limit.value_m === 0) return { value: 0, unit: "GND" };
  const level = limit.datum === "fl" ? whole(limit.value_m, LEVEL_M) : undefined;
  if (level !== undefined && level >= 0) return { value: level, unit: "FL" };
  const feet = limit.datum === "fl" ? undefined : whole(limit.value_m, FOOT_M);
  if (feet !== undefined) return { value: feet, unit: limit.datum === "agl" ? "ft agl" : "ft amsl" };
  return { value: Math.round(limit.value_m * 1e4) / 1e4, unit: limit.datum === "fl" ? "m std" : limit.datum === "agl" ? "m agl" : "m amsl" };
}

/** The text of a limit that the server reads: "FL95", "1500 ft amsl", "GND". */
export function limitText(value: number, unit: Unit): string {
  if (unit === "GND" || unit === "UNL") return unit;
  return unit === "FL" ? `FL${value}` : `${value} ${unit}`;
}

/** Metres of a limit in a form, and its datum; null metres: unlimited. */
export function limitOf(value: number, unit: Unit): Limit {
  if (unit === "UNL") return { value_m: null, datum: "fl" };
  if (unit === "GND") return { value_m: 0, datum: "agl" };
  const datum: Datum = unit === "FL" || unit === "m std" ? "fl" : unit.endsWith("agl") ? "agl" : "amsl";
  return { value_m: value * (unit === "FL" ? LEVEL_M : unit.startsWith("ft") ? FOOT_M : 1), datum };
}

/** A limit as people read it on a chart. */
export function limitWords(limit: Limit): string {
  const { value, unit } = written(limit);
  if (unit === "GND" || unit === "UNL") return t(`airspace.limit.${unit}`);
  return unit === "FL" ? `FL${String(value).padStart(3, "0")}` : t(`airspace.limit.${unit.replace(" ", "_") as "ft_amsl"}`, value);
}

export const heights = (v: Volume): string => `${limitWords(v.floor)}–${limitWords(v.ceiling)}`;
export const kindWords = (kind: Kind): string => t(`airspace.kind.${kind}`);

/** The table that puts a volume as it is: limits as texts, open times left out. */
export function table(v: Volume): Record<string, unknown> {
  const limit = (l: Limit): string => {
    const { value, unit } = written(l);
    return limitText(value, unit);
  };
  return {
    id: v.id,
    name: v.name,
    kind: v.kind,
    airspace_class: v.airspace_class,
    floor: limit(v.floor),
    ceiling: limit(v.ceiling),
    shape: v.shape,
    buffer_m: v.buffer_m,
    buffer_up_m: v.buffer_up_m,
    schedule: v.schedule,
    ...(v.starts_s === null ? {} : { starts_s: v.starts_s }),
    ...(v.ends_s === null ? {} : { ends_s: v.ends_s }),
    active: v.active,
    country: v.country,
    remark: v.remark,
  };
}
