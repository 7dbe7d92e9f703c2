// The outlines of volumes in degrees: rings of places, dense enough to be drawn straight in any plane.

import { placeFrom } from "../plane";
import type { Place, Shape } from "./volume";

const RAD = Math.PI / 180;
const EARTH_M = 6371008.8;
const STEP_M = 60_000;
const ARC_DEG = 15;

/** A circle as the rules have it, on their sphere: lat, lon, lat, lon … */
function circle(lat: number, lon: number, radius_m: number, points = 96): Float64Array {
  const out = new Float64Array(2 * points);
  for (let i = 0; i < points; i++) out.set(placeFrom(lat, lon, radius_m, (360 * i) / points), 2 * i);
  return out;
}

export function distance_m(a: Place, b: Place): number {
  const [dLat, dLon] = [(b[0] - a[0]) * RAD, (b[1] - a[1]) * RAD];
  const s = Math.sin(dLat / 2) ** 2 + Math.cos(a[0] * RAD) * Math.cos(b[0] * RAD) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(s)));
}

export function bearing_deg(a: Place, b: Place): number {
  const dLon = (b[1] - a[1]) * RAD;
  const y = Math.sin(dLon) * Math.cos(b[0] * RAD);
  const x = Math.cos(a[0] * RAD) * Math.sin(b[0] * RAD) - Math.sin(a[0] * RAD) * Math.cos(b[0] * RAD) * Math.cos(dLon);
  return (Math.atan2(y, x) / RAD + 360) % 360;
}

/** A line with places added on its great circles, longitudes running on over the 180th meridian. */
export function dense(line: readonly Place[], closed: boolean): Place[] {
  const out: Place[] = [];
  const n = closed ? line.length : line.length - 1;
  for (let i = 0; i < n; i++) {
    const [a, b] = [line[i]!, line[(i + 1) % line.length]!];
    out.push(a);
    const near = Math.abs(b[0] - a[0]) < 0.5 && Math.abs(b[1] - a[1]) < 0.5; // most are: no trigonometry for them
    const along = near ? 0 : distance_m(a, b);
    const parts = Math.min(200, Math.ceil(along / STEP_M));
    const bearing = parts > 1 ? bearing_deg(a, b) : 0;
    for (let k = 1; k < parts; k++) out.push(placeFrom(a[0], a[1], (along * k) / parts, bearing));
  }
  if (!closed && line.length) out.push(line[line.length - 1]!);
  let turn = 0;
  return out.map(([lat, lon], i) => {
    const before = i ? out[i - 1]![1] : lon;
    if (lon - before > 180) turn -= 360;
    else if (lon - before < -180) turn += 360;
    return [lat, lon + turn];
  });
}

/** The outline of a corridor: all within half its width of its line, round at its ends and outer corners. */
export function corridor(line: readonly Place[], width_m: number): Place[] {
  const half = width_m / 2;
  const side = (points: readonly Place[]): Place[] => {
    const out: Place[] = [];
    for (let i = 0; i < points.length - 1; i++) {
      const [a, b] = [points[i]!, points[i + 1]!];
      const bearing = bearing_deg(a, b);
      const next = points[i + 2];
      if (i === 0) out.push(placeFrom(a[0], a[1], half, bearing - 90));
      if (!next) {
        const last = (bearing_deg(b, a) + 180) % 360;
        for (let k = 0; k < 180; k += ARC_DEG) out.push(placeFrom(b[0], b[1], half, last - 90 + k)); // the end, rounded
        continue;
      }
      const arriving = bearing_deg(b, a) + 180;
      const turn = ((bearing_deg(b, next) - arriving + 540) % 360) - 180;
      if (turn > 0) {
        // the left side is the outer one
        const parts = Math.max(1, Math.ceil(turn / ARC_DEG));
        for (let k = 0; k <= parts; k++) out.push(placeFrom(b[0], b[1], half, arriving - 90 + (turn * k) / parts));
      } else {
        const slant = Math.min(half / Math.max(0.1, Math.cos((turn * RAD) / 2)), distance_m(a, b), distance_m(b, next));
        out.push(placeFrom(b[0], b[1], slant, arriving + turn / 2 - 90));
      }
    }
    return out;
  };
  return [...side(line), ...side([...line].reverse())];
}

/** The rings of a shape, outline first. */
export function rings(shape: Shape): Place[][] {
  if (shape.type === "polygon") return [shape.ring, ...(shape.holes ?? [])].map((r) => dense(r, true));
  if (shape.type === "corridor") return [dense(corridor(dense(shape.line, false), shape.width_m), true)];
  const flat = circle(shape.lat_deg, shape.lon_deg, shape.radius_m, shape.radius_m > 100_000 ? 120 : 60);
  return [Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!] as Place)];
}

/** The corners that a person sets and drags: of a circle its centre, of a corridor its line. */
export function corners(shape: Shape): Place[] {
  if (shape.type === "polygon") return [...shape.ring];
  return shape.type === "corridor" ? [...shape.line] : [[shape.lat_deg, shape.lon_deg]];
}
