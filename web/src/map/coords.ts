// A place as people say it: degrees and minutes, decimal degrees, MGRS, GEOREF.

import { forward } from "mgrs";
import { position } from "../format";

export const FORMS = ["minutes", "decimal", "mgrs", "georef"] as const;
export type Form = (typeof FORMS)[number];

/** Letters of GEOREF: I and O are left out. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ";
/** MGRS divides the earth by UTM only between these; nearer the poles it has other squares, which few maps show. */
const [MGRS_SOUTH, MGRS_NORTH] = [-80, 84];

/** World Geographic Reference System: 15-degree square, degree, minutes to a tenth: "NKLN 244 389". */
export function georef(lat: number, lon: number): string {
  const east = Math.min(359.999999999, Math.max(0, lon + 180));
  const north = Math.min(179.999999999, Math.max(0, lat + 90));
  const letter = (n: number): string => LETTERS[Math.floor(n)]!;
  const tenths = (n: number): string => String(Math.floor((n % 1) * 600 + 1e-9)).padStart(3, "0");
  return `${letter(east / 15)}${letter(north / 15)}${letter(east % 15)}${letter(north % 15)} ${tenths(east)} ${tenths(north)}`;
}

/** Military Grid Reference System to 10 m, spaced: "38S MB 4414 8470"; degrees where it has no UTM square. */
export function mgrs(lat: number, lon: number): string {
  if (!(lat >= MGRS_SOUTH && lat <= MGRS_NORTH)) return position(lat, lon);
  const [, zone, square, east, north] = /^(\d+[A-Z])([A-Z]{2})(\d{4})(\d{4})$/.exec(forward([Math.min(lon, 179.9999999), lat], 4)) ?? [];
  return zone ? `${zone} ${square} ${east} ${north}` : position(lat, lon);
}

/** A place in a form. */
export function written(form: Form, lat: number, lon: number): string {
  if (form === "mgrs") return mgrs(lat, lon);
  if (form === "georef") return georef(lat, lon);
  return form === "decimal" ? `${lat.toFixed(4)} ${lon.toFixed(4)}` : position(lat, lon);
}

/** Degrees from true north in three digits: "045°". */
export const bearingText = (degrees: number): string => `${String(Math.round(degrees) % 360).padStart(3, "0")}°`;

/** Metres as nautical miles: tenths below a hundred. */
export function nm(metres: number): string {
  const miles = metres / 1852;
  return `${miles < 99.95 ? miles.toFixed(1) : Math.round(miles)} NM`;
}
