// Draws land, borders and water on a plain canvas, in any plane: as paths, laid once a plane and thinned once a zoom.

import { east } from "../geodesic";
import { inPlane, planeX, planeY, zoomOf, type Plane, type View } from "../plane";
import { RANGE_MAX_M, RangePlane } from "../rangeplane";
import { INK } from "./ink";
import type { Shape } from "./land";

/** Beyond this the polygons were cut (scripts/lines.mjs): the cut is no border. */
const CUT_DEG = 180.15;
/** CSS pixels that a thinned line may be off. */
const OFF_PX = 0.6;
/** Paths are drawn about the plane's middle, so that their 32 bits do. */
const MIDDLE = 0.5;

interface Piece {
  shape: Shape;
  laid: Float64Array[];
  /** West, north, east, south in the plane. */
  box: [number, number, number, number];
  /** A part lies where the plane tears. */
  torn: boolean;
  /** The plane's tear lies inside: the fill goes round it. */
  around: boolean;
  level: number;
  fill?: Path2D;
  line?: Path2D;
}

export class Chart {
  private pieces: Piece[] = [];
  private plane: Plane | undefined;

  constructor(private readonly shapes: readonly Shape[]) {}

  draw(g: CanvasRenderingContext2D, view: View, home: string, water: boolean): void {
    if (view.plane !== this.plane) {
      this.plane = view.plane;
      this.pieces = this.shapes.map((shape) => pieceOf(shape, view.plane)).filter((p) => p !== undefined);
    }
    const level = Math.ceil(zoomOf(view));
    const seen = boxOf(view);
    const shown = this.pieces.filter(({ box }) => box[0] < seen[2] && box[2] > seen[0] && box[1] < seen[3] && box[3] > seen[1]);
    for (const piece of shown) if (piece.level !== level) trace(piece, level, view.plane);
    g.save();
    intoPlane(g, view);
    const wide = (px: number): number => px / view.scale;
    const of = (kind: Shape["kind"]): Piece[] => shown.filter((p) => p.shape.kind === kind);
    const land = of("land");
    for (const p of land) {
      g.fillStyle = p.shape.code === home && home ? INK.home : INK.land;
      g.fill(p.fill!, "evenodd");
    }
    if (water) {
      g.strokeStyle = INK.river;
      g.lineWidth = wide(1);
      for (const p of of("river")) g.stroke(p.line!);
      g.fillStyle = INK.lake;
      for (const p of of("lake")) {
        g.fill(p.fill!, "evenodd");
        g.stroke(p.line!);
      }
    }
    g.lineJoin = "round";
    for (const mine of [false, true]) {
      g.strokeStyle = mine ? INK.homeBorder : INK.border;
      g.lineWidth = wide(mine ? 1.4 : 0.9);
      for (const p of land) if ((p.shape.code === home && home !== "") === mine) g.stroke(p.line!);
    }
    if (view.plane.id === "range") rim(g, view.plane as RangePlane, wide(1));
    g.restore();
  }
}

/** Draw in units of the plane about its middle from here on. */
export function intoPlane(g: CanvasRenderingContext2D, view: View): void {
  const s = view.scale;
  g.translate(view.width / 2, view.height / 2);
  g.transform(view.cos * s, -view.sin * s, view.sin * s, view.cos * s, 0, 0);
  g.translate(MIDDLE - view.x, MIDDLE - view.y);
}

/** What a view shows at most: west, north, east, south in the plane. */
export function boxOf(view: View): [number, number, number, number] {
  const corners = [0, view.width].flatMap((x) => [0, view.height].map((y) => [planeX(view, x, y), planeY(view, x, y)] as const));
  const [xs, ys] = [corners.map((c) => c[0]), corners.map((c) => c[1])];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function pieceOf(shape: Shape, plane: Plane): Piece | undefined {
  const laid = shape.rings.map((ring) => inPlane(ring, plane));
  const box: Piece["box"] = [Infinity, Infinity, -Infinity, -Infinity];
  const limit = plane instanceof RangePlane ? (RANGE_MAX_M - 1) * plane.perMetre : Infinity;
  let [torn, whole] = [0, 0];
  for (const at of laid) {
    for (let i = 0; i < at.length; i += 2) {
      const [x, y] = [at[i]!, at[i + 1]!];
      if (x < box[0]) box[0] = x;
      if (x > box[2]) box[2] = x;
      if (y < box[1]) box[1] = y;
      if (y > box[3]) box[3] = y;
      whole += 1;
      if (Math.hypot(x - MIDDLE, y - MIDDLE) >= limit) torn += 1;
    }
  }
  if (torn === whole) return undefined;
  const around = torn > 0 && plane instanceof RangePlane && holds(shape.rings, -plane.lat0, east(plane.lon0 + 180));
  return { shape, laid, box: around ? [-1, -1, 2, 2] : box, torn: torn > 0, around, level: NaN };
}

/** Make the paths of a piece with no more points than a zoom shows. */
function trace(piece: Piece, level: number, plane: Plane): void {
  piece.level = level;
  const [fill, line] = [new Path2D(), new Path2D()];
  const off = OFF_PX / (512 * 2 ** level);
  const closed = piece.shape.kind !== "river";
  const limit = plane instanceof RangePlane ? (RANGE_MAX_M - 1) * plane.perMetre : Infinity;
  piece.laid.forEach((at, k) => {
    const places = piece.shape.rings[k]!;
    let [lastX, lastY] = [Infinity, Infinity];
    let cut = true;
    for (let i = 0; i < at.length; i += 2) {
      const [x, y] = [at[i]! - MIDDLE, at[i + 1]! - MIDDLE];
      if (i > 0 && i < at.length - 2 && Math.abs(x - lastX) < off && Math.abs(y - lastY) < off) continue;
      const edge = Math.abs(places[i + 1]!) > CUT_DEG || Math.abs(places[i]!) > 89.9 || (piece.torn && Math.hypot(x, y) >= limit);
      if (i === 0) fill.moveTo(x, y);
      else fill.lineTo(x, y);
      if (cut || (edge && i > 0)) line.moveTo(x, y);
      else line.lineTo(x, y);
      cut = edge;
      [lastX, lastY] = [x, y];
    }
    if (closed) fill.closePath();
  });
  if (piece.around) fill.arc(0, 0, limit, 0, 2 * Math.PI);
  piece.fill = fill;
  piece.line = line;
}

/** Whether a polygon of latitudes and longitudes holds a place. */
function holds(rings: readonly Float64Array[], lat: number, lon: number): boolean {
  let odd = false;
  for (const r of rings) {
    for (let i = 0, j = r.length - 2; i < r.length; j = i, i += 2) {
      const [yi, xi, yj, xj] = [r[i]!, r[i + 1]!, r[j]!, r[j + 1]!];
      if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) odd = !odd;
    }
  }
  return odd;
}

function rim(g: CanvasRenderingContext2D, plane: RangePlane, width: number): void {
  g.beginPath();
  g.arc(0, 0, RANGE_MAX_M * plane.perMetre, 0, 2 * Math.PI);
  g.strokeStyle = INK.rim;
  g.lineWidth = width;
  g.stroke();
}
