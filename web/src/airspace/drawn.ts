// Volumes laid out in a plane: their rings and boxes in its units, culled, thinned and gathered into few paths for drawing.

import type { Plane, View } from "../plane";
import { rings } from "./outline";
import type { Kind, Volume } from "./volume";

/** One volume in a plane. */
export interface Laid {
  readonly volume: Volume;
  readonly row: number;
  /** x, y, x, y … of each ring. */
  readonly rings: readonly Float64Array[];
  readonly west: number;
  readonly north: number;
  readonly east: number;
  readonly south: number;
  /** Where its name stands. */
  readonly x: number;
  readonly y: number;
}

export interface Group {
  readonly kind: Kind;
  readonly active: boolean;
  readonly path: Path2D;
}

/** Paths around a place of the plane, in CSS pixels of the scale they were made for. */
export interface Built {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly groups: readonly Group[];
  readonly points: number;
  readonly volumes: number;
  /** Volumes with a buffer that can be seen. */
  readonly buffered: readonly Laid[];
  /** Volumes large enough for a name, those to be named first in front. */
  readonly named: readonly Laid[];
  /** Half the sides of what they cover, in the plane's units. */
  readonly reach: number;
}

const THIN_PX = 0.9;
const LEAST_PX = 1.5;
const NAMED_PX = 46;
const NAMED_MAX = 400;

export function lay(volume: Volume, row: number, plane: Plane): Laid {
  let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
  const made = rings(volume.shape).map((ring) => {
    const out = new Float64Array(2 * ring.length);
    ring.forEach(([lat, lon], i) => {
      const [x, y] = [plane.x(lat, lon), plane.y(lat, lon)];
      out[2 * i] = x;
      out[2 * i + 1] = y;
      if (x < west) west = x;
      if (x > east) east = x;
      if (y < north) north = y;
      if (y > south) south = y;
    });
    return out;
  });
  const [x, y] = middle(made[0]!, (west + east) / 2, (north + south) / 2);
  return { volume, row, rings: made, west, north, east, south, x, y };
}

/** The middle of a ring where that is inside it, else the middle of its longest crossing on that height. */
function middle(ring: Float64Array, x: number, y: number): [number, number] {
  if (inside(ring, x, y)) return [x, y];
  const cuts: number[] = [];
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const [ya, yb] = [ring[j + 1]!, ring[i + 1]!];
    if (ya > y !== yb > y) cuts.push(ring[j]! + ((y - ya) / (yb - ya)) * (ring[i]! - ring[j]!));
  }
  cuts.sort((a, b) => a - b);
  let best = x;
  let longest = 0;
  for (let k = 0; k + 1 < cuts.length; k += 2) {
    if (cuts[k + 1]! - cuts[k]! > longest) {
      longest = cuts[k + 1]! - cuts[k]!;
      best = (cuts[k]! + cuts[k + 1]!) / 2;
    }
  }
  return [best, y];
}

export function inside(ring: Float64Array, x: number, y: number): boolean {
  let odd = false;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const [ya, yb] = [ring[j + 1]!, ring[i + 1]!];
    if (ya > y !== yb > y && x < ring[j]! + ((y - ya) / (yb - ya)) * (ring[i]! - ring[j]!)) odd = !odd;
  }
  return odd;
}

/** Whether a point of the plane is in a volume, its holes left out. */
export const holds = (l: Laid, x: number, y: number): boolean =>
  x >= l.west && x <= l.east && y >= l.north && y <= l.south && l.rings.reduce((odd, ring) => odd !== inside(ring, x, y), false);

/** How far a point is from the outline of a volume, in the plane's units. */
export function away(l: Laid, x: number, y: number): number {
  let best = Infinity;
  for (const ring of l.rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [ax, ay] = [ring[j]!, ring[j + 1]!];
      const [dx, dy] = [ring[i]! - ax, ring[i + 1]! - ay];
      const along = dx || dy ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy))) : 0;
      const [ex, ey] = [x - ax - along * dx, y - ay - along * dy];
      best = Math.min(best, ex * ex + ey * ey);
    }
  }
  return Math.sqrt(best);
}

/** Gather what is in reach of a view into one path a kind and state. reach_px: how far from its middle. */
export function build(laid: readonly Laid[], active: readonly boolean[], shown: (kind: Kind, active: boolean) => boolean, view: View, reach_px: number): Built {
  const { x, y, scale } = view;
  const reach = reach_px / scale;
  const least = LEAST_PX / scale;
  const paths = new Map<string, Group>();
  const buffered: Laid[] = [];
  const named: { at: Laid; rank: number }[] = [];
  let [points, volumes] = [0, 0];
  for (const l of laid) {
    if (l.west > x + reach || l.east < x - reach || l.north > y + reach || l.south < y - reach) continue;
    const on = active[l.row] ?? false;
    const { kind } = l.volume;
    const size = Math.max(l.east - l.west, l.south - l.north);
    if (size < least || !shown(kind, on)) continue;
    const key = `${kind} ${on}`;
    let group = paths.get(key);
    if (!group) paths.set(key, (group = { kind, active: on, path: new Path2D() }));
    for (const ring of l.rings) points += trace(group.path, ring, x, y, scale);
    volumes += 1;
    if (l.volume.buffer_m > 0) buffered.push(l);
    const px = size * scale;
    if (px > NAMED_PX) named.push({ at: l, rank: (on ? 1e6 : 0) - Math.abs(Math.log2(px / 160)) }); // middling ones say most
  }
  named.sort((a, b) => b.rank - a.rank);
  return { x, y, scale, groups: [...paths.values()], points, volumes, buffered, named: named.slice(0, NAMED_MAX).map((n) => n.at), reach };
}

/** Add a ring to a path, without the points that no eye could tell apart; return how many it took. */
export function trace(path: Path2D | CanvasRenderingContext2D, ring: Float64Array, x0: number, y0: number, scale: number): number {
  let [px, py] = [(ring[0]! - x0) * scale, (ring[1]! - y0) * scale];
  let count = 1;
  path.moveTo(px, py);
  for (let i = 2; i < ring.length; i += 2) {
    const [x, y] = [(ring[i]! - x0) * scale, (ring[i + 1]! - y0) * scale];
    if (Math.abs(x - px) < THIN_PX && Math.abs(y - py) < THIN_PX) continue;
    path.lineTo(x, y);
    [px, py] = [x, y];
    count += 1;
  }
  path.closePath();
  return count;
}
