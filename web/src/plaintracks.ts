// Tracks on a plain canvas, where there is no WebGL: the same frames as symbol.ts, vectors, dots. Meant for hundreds of tracks, not thousands.

import { sized } from "./canvas";
import { pack, STRIDE, type Packed } from "./columns";
import type { Label } from "./labels";
import { aheadOf, inPlane, screenX, screenY, zoomOf, type View } from "./plane";
import type { Rows } from "./rows";
import { Mark } from "./shaders";
import type { Dots } from "./store";
import { FRAMES } from "./symbol";
import { blink, faded, IDENTITY_COLOURS, palette, SEVERITY_COLOURS } from "./theme";
import type { TrackLayer } from "./tracklayer";
import { FACES, Glyphs } from "./tracks/glyphs";
import type { Thinning } from "./tracks/thin";
import { Identity, type PageTracks } from "./wire";

const DOTS_DRAWN_MAX = 6000;
const MARGIN_PX = 30;
/** Dashes of the frame, in its own 16 units. */
const DASHES = { pending: [2, 1.6], coasting: [2.4, 1.8] };
const LINE_PX = [13, 15.5] as const;
const DIM = 0.6;

/** What the scene asks of whatever draws the tracks. */
export type Tracks = Pick<TrackLayer, "packed" | "selectedRow" | "hoveredRow" | "app6" | "onRestored" | "setTracks" | "setSymbols" | "setLabels" | "setDots" | "draw"> & { readonly labels: { sharpen(): Glyphs } };

export class PlainTracks implements Tracks {
  packed: Packed | undefined;
  selectedRow = -1;
  hoveredRow = -1;
  app6: TrackLayer["app6"];
  onRestored = (): void => undefined;
  private readonly glyphs = new Glyphs(1);
  readonly labels = { sharpen: (): Glyphs => this.glyphs };
  private written: readonly Label[] = [];
  private chosen: Thinning | undefined;
  private time_s = 0;
  private dots: { places: Float64Array; strength: number }[] = [];
  private readonly paths = Object.fromEntries(Object.entries(FRAMES).map(([identity, d]) => [identity, new Path2D(d)]));

  constructor(readonly canvas: HTMLCanvasElement) {}

  setTracks(tracks: PageTracks, alerted: ReadonlyMap<number, number>, view: View): void {
    this.packed = pack(tracks, view.plane, view.x, view.y, alerted, this.packed);
  }

  setSymbols(thinning: Thinning, time_s: number): void {
    this.chosen = thinning;
    this.time_s = time_s;
  }

  setLabels(labels: readonly Label[]): void {
    this.written = labels;
  }

  setDots(dots: readonly Dots[], alive: Rows, now: number): void {
    this.dots = [];
    let total = 0;
    for (const d of [...dots].reverse()) {
      const rows = [...d.number.keys()].filter((i) => alive.has(d.number[i]!));
      total += rows.length;
      if (total > DOTS_DRAWN_MAX) break;
      this.dots.push({ places: Float64Array.from(rows.flatMap((i) => [d.lat[i]!, d.lon[i]!])), strength: Math.max(0.2, 0.85 - (now - d.time) / 500) });
    }
  }

  draw(view: View, since_s: number, frame_s: number, at_ms: number): void {
    const g = sized(this.canvas, view.width, view.height);
    for (const { places, strength } of this.dots) {
      const at = inPlane(places, view.plane);
      g.fillStyle = faded(palette().history, strength);
      for (let i = 0; i < at.length; i += 2) g.fillRect(screenX(view, at[i]!, at[i + 1]!) - 0.9, screenY(view, at[i]!, at[i + 1]!) - 0.9, 1.8, 1.8);
    }
    const { packed, chosen } = this;
    if (!packed || !chosen) return;
    const reckon_s = Math.max(0, since_s + frame_s - this.time_s);
    const radius = Math.min(11, Math.max(5.5, 3.2 + 0.85 * zoomOf(view)));
    if (chosen.points > 0) this.points(g, view, packed, chosen, reckon_s);
    for (let k = chosen.count - 1; k >= 0; k--) this.track(g, view, packed, chosen.rows[k]!, reckon_s, radius, at_ms);
    for (const label of this.written) this.label(g, view, packed, label, reckon_s);
  }

  /** Those that are no symbols: a small square at their true places. */
  private points(g: CanvasRenderingContext2D, view: View, p: Packed, chosen: Thinning, reckon_s: number): void {
    for (let i = 0; i < p.count; i++) {
      if (chosen.form[i]) continue;
      const [px, py] = [p.x[i]! + p.vx[i]! * reckon_s, p.y[i]! + p.vy[i]! * reckon_s];
      g.fillStyle = IDENTITY_COLOURS[p.style[STRIDE * i + 16]!] ?? palette().bright;
      g.fillRect(screenX(view, px, py) - 1.5, screenY(view, px, py) - 1.5, 3, 3);
    }
  }

  private track(g: CanvasRenderingContext2D, view: View, p: Packed, i: number, reckon_s: number, radius: number, at_ms: number): void {
    const [px, py] = [p.x[i]! + p.vx[i]! * reckon_s, p.y[i]! + p.vy[i]! * reckon_s];
    const [x, y] = [screenX(view, px, py), screenY(view, px, py)];
    if (!(x > -MARGIN_PX && y > -MARGIN_PX && x < view.width + MARGIN_PX && y < view.height + MARGIN_PX)) return;
    if (!(p.style[STRIDE * i + 18]! & Mark.TENTATIVE) && (p.vx[i] !== 0 || p.vy[i] !== 0)) {
      const ahead = aheadOf(view);
      const [tx, ty] = [px + p.vx[i]! * ahead, py + p.vy[i]! * ahead];
      g.strokeStyle = faded(palette().bright, 0.8);
      g.lineWidth = 1;
      g.beginPath();
      g.moveTo(x, y);
      g.lineTo(screenX(view, tx, ty), screenY(view, tx, ty));
      g.stroke();
    }
    this.symbol(g, i, x, y, radius * (i === this.selectedRow || i === this.hoveredRow ? 1.35 : 1), at_ms);
  }

  private label(g: CanvasRenderingContext2D, view: View, p: Packed, label: Label, reckon_s: number): void {
    if (label.row >= p.count) return;
    const [px, py] = [p.x[label.row]! + p.vx[label.row]! * reckon_s, p.y[label.row]! + p.vy[label.row]! * reckon_s];
    const [ax, ay] = [screenX(view, px, py), screenY(view, px, py)];
    const [x, y] = [ax + label.left, ay + label.top];
    g.globalAlpha = label.dim ? DIM : 1;
    if (label.leader) {
      g.strokeStyle = faded(palette().leader, 0.6);
      g.lineWidth = 1;
      g.beginPath();
      g.moveTo(ax, ay);
      g.lineTo(Math.min(Math.max(ax, x), x + label.width), Math.min(Math.max(ay, y), y + label.height));
      g.stroke();
    }
    g.textAlign = "left";
    g.lineJoin = "round";
    label.lines.forEach((line, k) => {
      const face = FACES[(label.large ? 2 : 0) + (k ? 1 : 0)]!;
      const base = y + k * LINE_PX[label.large ? 1 : 0] + 0.92 * face.size;
      g.font = face.font(face.size);
      g.strokeStyle = faded(palette().halo, 0.85);
      g.lineWidth = 3;
      g.strokeText(line, x, base);
      g.fillStyle = k ? palette().label : label.colour;
      g.fillText(line, x, base);
    });
    g.globalAlpha = 1;
  }

  /** One symbol: its frame by identity, what its marks say, a ring where an alert is about it. */
  private symbol(g: CanvasRenderingContext2D, row: number, x: number, y: number, radius: number, at_ms: number): void {
    const style = this.packed!.style.subarray(STRIDE * row + 16, STRIDE * row + 20);
    const [identity, marks, severity] = [style[0]!, style[2]!, style[3]!];
    const colour = IDENTITY_COLOURS[identity] ?? palette().bright;
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
      g.fillStyle = faded(palette().halo, 0.85);
      g.fill(path);
      g.fillStyle = `${colour}42`;
      g.fill(path);
    }
    g.setLineDash(marks & Mark.COASTING ? DASHES.coasting : identity === Identity.PENDING ? DASHES.pending : []);
    g.stroke(path);
    g.setLineDash([]);
    if (marks & Mark.NOT_LIVE) {
      g.strokeStyle = palette().notLive;
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
      g.strokeStyle = palette().bright;
      g.stroke(path);
    }
    g.restore();
    if (severity > 1) {
      g.strokeStyle = SEVERITY_COLOURS[severity] ?? palette().bright;
      g.globalAlpha = severity > 2 ? 0.45 + 0.55 * blink(at_ms) : 0.9;
      g.lineWidth = 1.8;
      g.beginPath();
      g.arc(x, y, radius + 6, 0, 2 * Math.PI);
      g.stroke();
      g.globalAlpha = 1;
    }
    if (row === this.selectedRow) this.bracket(g, x, y, radius + 6.5);
  }

  private bracket(g: CanvasRenderingContext2D, x: number, y: number, half: number): void {
    g.strokeStyle = palette().bright;
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
