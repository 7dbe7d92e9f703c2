// What is wrong with a volume before it is sent, in words: as the server says it (tenere.airspace.sanity), and what it merely notes.

import { t } from "../i18n";
import { distance_m } from "./outline";
import type { Limit, Place, Shape } from "./volume";

export const LARGEST_M = 2e6;
const FAR_M = 90 * 111_195;
const POLE_DEG = 89.99;
const LOWEST_M = -1000;
const HIGHEST_M = 100_000;

type Point = readonly [x: number, y: number];

const flat = (points: readonly Place[]): Point[] => {
  let turn = 0;
  return points.map(([lat, lon], i) => {
    const before = i ? points[i - 1]![1] : lon;
    if (lon - before > 180) turn -= 360;
    else if (lon - before < -180) turn += 360;
    return [lon + turn, lat];
  });
};

const side = (a: Point, b: Point, c: Point): number => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

/** Two sides of a ring that cross, counted from 1, or undefined. Touching is no crossing. */
export function crossing(ring: readonly Place[]): [number, number] | undefined {
  const p = flat([...ring, ring[0]!]);
  const n = ring.length;
  for (let i = 0; i < n; i++) {
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      const [a, b, c, d] = [p[i]!, p[i + 1]!, p[j]!, p[j + 1]!];
      if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return [i + 1, j + 1];
    }
  }
  return undefined;
}

/** Twice the area of a ring in square degrees: above 0 where its corners run anticlockwise. */
export function turning(ring: readonly Place[]): number {
  const p = flat([...ring, ring[0]!]);
  let sum = 0;
  for (let i = 0; i < p.length - 1; i++) sum += p[i]![0] * p[i + 1]![1] - p[i + 1]![0] * p[i]![1];
  return sum;
}

/** A ring with its corners anticlockwise, as GeoJSON and charts have it. */
export const anticlockwise = (ring: readonly Place[]): Place[] => (turning(ring) < 0 ? [...ring].reverse() : [...ring]);

function ofLine(points: readonly Place[], least: number, closed: boolean): string {
  if (points.length < least) return t(closed ? "airspace.check.corners" : "airspace.check.points", least, points.length);
  const bad = points.findIndex(([lat, lon]) => !(Math.abs(lat) <= 90 && Math.abs(lon) <= 180));
  if (bad >= 0) return t("airspace.check.place", bad + 1);
  const pole = points.findIndex(([lat]) => Math.abs(lat) > POLE_DEG);
  if (pole >= 0) return t("airspace.check.pole", pole + 1);
  for (let i = 0; i < (closed ? points.length : points.length - 1); i++) {
    const k = (i + 1) % points.length;
    const [a, b] = [points[i]!, points[k]!];
    if (a[0] === b[0] && a[1] === b[1]) return t("airspace.check.same", i + 1, k + 1);
    if (distance_m(a, b) > FAR_M) return t("airspace.check.far", i + 1, k + 1);
  }
  return "";
}

/** What is wrong with a shape; "" for nothing. */
export function shapeProblem(shape: Shape): string {
  if (shape.type === "circle") {
    if (!(Math.abs(shape.lat_deg) <= 90 && Math.abs(shape.lon_deg) <= 180)) return t("airspace.check.place", 1);
    if (!(shape.radius_m >= 0.5 && shape.radius_m <= LARGEST_M)) return t("airspace.check.radius");
    return Math.abs(shape.lat_deg) + shape.radius_m / 111_000 >= POLE_DEG ? t("airspace.check.overpole") : "";
  }
  if (shape.type === "corridor") {
    if (!(shape.width_m >= 1 && shape.width_m <= LARGEST_M)) return t("airspace.check.width");
    return ofLine(shape.line, 2, false);
  }
  const said = ofLine(shape.ring, 3, true);
  if (said) return said;
  const crossed = crossing(shape.ring);
  if (crossed) return t("airspace.check.crosses", ...crossed);
  const [lats, lons] = [shape.ring.map((p) => p[0]), flat(shape.ring).map((p) => p[0])];
  const small = Math.min(Math.max(...lats) - Math.min(...lats), Math.max(...lons) - Math.min(...lons)) * 1.1e5 < 1;
  return small || Math.abs(turning(shape.ring)) < 1e-9 ? t("airspace.check.nothing") : "";
}

/** What is wrong with a floor and a ceiling. */
export function limitsProblem(floor: Limit, ceiling: Limit): string {
  if (floor.value_m === null) return t("airspace.check.floor");
  for (const limit of [floor, ceiling]) if (limit.value_m !== null && !(limit.value_m >= LOWEST_M && limit.value_m <= HIGHEST_M)) return t("airspace.check.height");
  return ceiling.value_m !== null && floor.datum === ceiling.datum && floor.value_m >= ceiling.value_m ? t("airspace.check.order") : "";
}

/** What is wrong with a text that names a thing. */
export function nameProblem(name: string): string {
  return name.trim() && name.length <= 64 && !/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/.test(name) ? "" : t("airspace.check.name");
}
