// Tracks on a plain canvas, where there is no WebGL: the same frames as symbol.ts, vectors, dots. Meant for hundreds of tracks, not thousands.

import { sized } from "./canvas";
import { pack, type Packed } from "./columns";
import { aheadOf, inPlane, screenX, screenY, zoomOf, type View } from "./plane";
import { Mark } from "./shaders";
import type { Dots } from "./store";
import { FRAMES } from "./symbol";
import { IDENTITY_COLOURS, SEVERITY_COLOURS } from "./theme";
import type { TrackLayer } from "./tracklayer";
import { Identity, type PageTracks } from "./wire";

const DOTS_DRAWN_MAX = 6000;
/** With more symbols in view each is a small dot, and vectors are left out. */
const CROWD = 1500;
const MARGIN_PX = 30;
/** Dashes of the frame, in its own 16 units. */
const DASHES = { pending: [2, 1.6], coasting: [2.4, 1.8] };

export type Tracks = Pick<TrackLayer, "packed" | "selectedRow" | "hoveredRow" | "setTracks" | "setDots" | "draw">;

export class PlainTracks implements Tracks {
  packed: Packed | undefined;
  selectedRow = -1;
  hoveredRow = -1;
  private style = new Uint8Array(0);
  private dots: { places: Float64Array; strength: number }[] = [];
  private readonly paths = Object.fromEntries(Object.entries(FRAMES).map(([identity, d]) => [identity, new Path2D(d)]));

  constructor(readonly canvas: HTMLCanvasElement) {}

  setTracks(tracks: PageTracks, alerted: ReadonlyMap<number, number>, view: View): void {
    this.packed = pack(tracks, view.plane, view.x, view.y, alerted, this.packed);
    this.style = new Uint8Array(this.packed.bytes);
  }

  setDots(dots: readonly Dots[], alive: ReadonlyMap<number, number>, now: number): void {
    this.dots = [];
    let total = 0;
    for (const d of [...dots].reverse()) {
      const rows = [...d.number.keys()].filter((i) => alive.has(d.number[i]!));
      total += rows.length;
      if (total > DOTS_DRAWN_MAX) break;
      this.dots.push({ places: Float64Array.from(rows.flatMap((i) => [d.lat[i]!, d.lon[i]!])), strength: Math.max(0.2, 0.85 - (now - d.time) / 500) });
    }
  }

  draw(view: View, since_s: number, at_ms: number, inView: number): void {
    const g = sized(this.canvas, view.width, view.height);
    for (const { places, strength } of this.dots) {
      const at = inPlane(places, view.plane);
      g.fillStyle = `rgba(74, 122, 214, ${strength})`;
      for (let i = 0; i < at.length; i += 2) g.fillRect(screenX(view, at[i]!, at[i + 1]!) - 0.9, screenY(view, at[i]!, at[i + 1]!) - 0.9, 1.8, 1.8);
    }
    const p = this.packed;
    if (!p) return;
    const radius = Math.min(11, Math.max(5.5, 3.2 + 0.85 * zoomOf(view)));
    const ahead = aheadOf(view);
    for (let i = 0; i < p.count; i++) {
      const [px, py] = [p.x[i]! + p.vx[i]! * since_s, p.y[i]! + p.vy[i]! * since_s];
      const [x, y] = [screenX(view, px, py), screenY(view, px, py)];
      if (!(x > -MARGIN_PX && y > -MARGIN_PX && x < view.width + MARGIN_PX && y < view.height + MARGIN_PX)) continue;
      const special = i === this.selectedRow || i === this.hoveredRow || this.style[24 * i + 19]! > 1;
      if (inView > CROWD && !special) {
        g.fillStyle = IDENTITY_COLOURS[this.style[24 * i + 16]!] ?? "#fff";
        g.fillRect(x - 1.5, y - 1.5, 3, 3);
        continue;
      }
      const marks = this.style[24 * i + 18]!;
      if (!(marks & Mark.TENTATIVE) && (p.vx[i] !== 0 || p.vy[i] !== 0)) {
        g.strokeStyle = "rgba(255, 255, 255, 0.8)";
        g.lineWidth = 1;
        g.beginPath();
        g.moveTo(x, y);
        g.lineTo(screenX(view, px + p.vx[i]! * ahead, py + p.vy[i]! * ahead), screenY(view, px + p.vx[i]! * ahead, py + p.vy[i]! * ahead));
        g.stroke();
      }
      this.symbol(g, i, x, y, radius * (i === this.selectedRow || i === this.hoveredRow ? 1.35 : 1), at_ms);
    }
  }

  /** One symbol: its frame by identity, what its marks say, a ring where an alert is about it. */
  private symbol(g: CanvasRenderingContext2D, row: number, x: number, y: number, radius: number, at_ms: number): void {
    const [identity, , marks, severity] = this.style.subarray(24 * row + 16, 24 * row + 20) as unknown as [number, number, number, number];
    const colour = IDENTITY_COLOURS[identity] ?? "#fff";
    if (marks & Mark.TENTATIVE) {
      g.fillStyle = `${colour}8c`;
      g.fillRect(x - 1.2, y - 1.2, 2.4, 2.4);
      return;
    }
    const path = this.paths[identity] ?? this.paths[Identity.UNKNOWN]!;
    const scale = radius / 5.6; // a frame of symbol.ts has a radius of 5.6 in its 16 units
    g.save();
    g.translate(x, y);
    g.scale(scale, scale);
    g.translate(-8, -8);
    g.globalAlpha = marks & Mark.COASTING ? 0.55 : 1;
    g.lineWidth = 1.7 / scale;
    g.strokeStyle = colour;
    if (!(marks & Mark.SYSTEM)) {
      g.fillStyle = "rgba(4, 7, 11, 0.85)";
      g.fill(path);
      g.fillStyle = `${colour}42`;
      g.fill(path);
    }
    g.setLineDash(marks & Mark.COASTING ? DASHES.coasting : identity === Identity.PENDING ? DASHES.pending : []);
    g.stroke(path);
    g.setLineDash([]);
    if (marks & Mark.NOT_LIVE) {
      g.strokeStyle = "#f280ff";
      g.beginPath();
      g.moveTo(3, 13);
      g.lineTo(13, 3);
      g.stroke();
    }
    if (marks & Mark.PROTECTED) {
      g.translate(8, 8);
      g.scale(1.5, 1.5);
      g.translate(-8, -8);
      g.lineWidth = 1 / scale;
      g.strokeStyle = "#fff";
      g.stroke(path);
    }
    g.restore();
    if (severity > 1) {
      g.strokeStyle = SEVERITY_COLOURS[severity] ?? "#fff";
      g.globalAlpha = severity > 2 ? 0.7 + 0.3 * Math.sin(at_ms / 250) : 0.9;
      g.lineWidth = 1.8;
      g.beginPath();
      g.arc(x, y, radius + 6, 0, 2 * Math.PI);
      g.stroke();
      g.globalAlpha = 1;
    }
    if (row === this.selectedRow) this.bracket(g, x, y, radius + 6.5);
  }

  private bracket(g: CanvasRenderingContext2D, x: number, y: number, half: number): void {
    g.strokeStyle = "#fff";
    g.lineWidth = 1.6;
    g.beginPath();
    for (const [a, b] of [[-1, -1], [1, -1], [1, 1], [-1, 1]] as const) {
      g.moveTo(x + a * half, y + b * (half - 5));
      g.lineTo(x + a * half, y + b * half);
      g.lineTo(x + a * (half - 5), y + b * half);
    }
    g.stroke();
  }
}
