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
  /** Its buffer in the plane's units. */
  readonly buffer: number;
}

/** What gathering and painting need of one: it goes to the painter as it is. */
export type Bare = Omit<Laid, "volume"> & { readonly volume: { readonly id: string; readonly kind: Kind } };

/** What painting needs of a view. */
export type Frame = Pick<View, "x" | "y" | "scale" | "width" | "height" | "cos" | "sin">;

export interface Group {
  readonly kind: Kind;
  readonly active: boolean;
  /** In pieces: many short paths are painted far sooner than one long one. */
  readonly paths: readonly Path2D[];
}

/** Paths around a place of the plane, in CSS pixels of the scale they were made for. */
export interface Built {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly groups: readonly Group[];
  readonly points: number;
  readonly volumes: number;
  /** Volumes with a buffer. */
  readonly buffered: readonly Bare[];
  /** Half the sides of what they cover, in the plane's units. */
  readonly reach: number;
}

const THIN_PX = 0.9;
const PIECE = 50;
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
  const buffer = volume.buffer_m > 0 ? volume.buffer_m * plane.unitsPerMetre(plane.lat(x, y), plane.lon(x, y)) : 0;
  return { volume, row, rings: made, west, north, east, south, x, y, buffer };
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

/** Whether a box of a volume meets a square around a place. */
const meets = (l: Bare, x: number, y: number, reach: number): boolean => l.west <= x + reach && l.east >= x - reach && l.north <= y + reach && l.south >= y - reach;

/** Gather what is in reach of a view into a few paths a kind and state. reach_px: how far from its middle. */
export function build(laid: readonly Bare[], active: ArrayLike<boolean | number>, shown: (kind: Kind, active: boolean) => boolean, view: Frame, reach_px: number): Built {
  const { x, y, scale } = view;
  const reach = reach_px / scale;
  const least = LEAST_PX / scale;
  const groups = new Map<string, { kind: Kind; active: boolean; paths: Path2D[]; held: number }>();
  const buffered: Bare[] = [];
  let [points, volumes] = [0, 0];
  for (const l of laid) {
    if (!meets(l, x, y, reach)) continue;
    const on = Boolean(active[l.row]);
    const { kind } = l.volume;
    if (Math.max(l.east - l.west, l.south - l.north) < least || !shown(kind, on)) continue;
    const key = `${kind} ${on}`;
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { kind, active: on, paths: [], held: PIECE }));
    if (group.held >= PIECE) {
      group.paths.push(new Path2D());
      group.held = 0;
    }
    group.held += 1;
    for (const ring of l.rings) points += trace(group.paths[group.paths.length - 1]!, ring, x, y, scale);
    volumes += 1;
    if (l.buffer > 0) buffered.push(l);
  }
  return { x, y, scale, groups: [...groups.values()], points, volumes, buffered, reach };
}

/** The volumes large enough for a name in a view, those to be named first in front. */
export function named(laid: readonly Laid[], active: readonly boolean[], shown: (kind: Kind, active: boolean) => boolean, view: Frame, reach_px: number): Laid[] {
  const { x, y, scale } = view;
  const out: { at: Laid; rank: number }[] = [];
  for (const l of laid) {
    const px = Math.max(l.east - l.west, l.south - l.north) * scale;
    if (px < NAMED_PX || !meets(l, x, y, reach_px / scale)) continue;
    const on = active[l.row] ?? false;
    if (shown(l.volume.kind, on)) out.push({ at: l, rank: (on ? 1e6 : 0) - Math.abs(Math.log2(px / 160)) }); // middling ones say most
  }
  out.sort((a, b) => b.rank - a.rank);
  return out.slice(0, NAMED_MAX).map((n) => n.at);
}

/** Add a ring to a path, without the points that no eye could tell apart; return how many it took. */
export function trace(path: Pick<Path2D, "moveTo" | "lineTo" | "closePath">, ring: Float64Array, x0: number, y0: number, scale: number): number {
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
