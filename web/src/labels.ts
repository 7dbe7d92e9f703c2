// Track labels on a 2-D canvas: placed once a frame where they cover nothing, then carried along with their tracks.

import { sized } from "./canvas";
import type { Packed } from "./columns";
import { height, trend } from "./format";
import { screenX, screenY, type View } from "./plane";
import type { Store } from "./store";
import { FONT, IDENTITY_COLOURS, SEVERITY_COLOURS } from "./theme";
import { Emergency, Identity, TrackFlag } from "./wire";

const LABELS_MAX = 220;
const CROWD = 500;
const CELL = 8;
const LINE = 13;
const NO_LEVEL = "---";
/** Where a label may stand, seen from its symbol: its nearest corner, in px. */
const PLACES: readonly [number, number][] = [[12, -10], [12, 12], [-12, -10], [-12, 12], [0, -24], [0, 30], [26, -26], [-26, -26], [26, 30], [-26, 30]];

interface Label {
  row: number;
  name: string;
  second: string;
  colour: string;
  x: number;
  y: number;
  width: number;
  dim: boolean;
}

export class Labels {
  placed: Label[] = [];
  /** How many symbols the view holds. */
  inView = 0;
  /** Which place each track's label took last: kept while it is free, so labels do not jump about. */
  private last = new Map<number, number>();

  constructor(readonly canvas: HTMLCanvasElement) {}

  /** Choose which tracks are labelled, and where. */
  layout(view: View, store: Store, packed: Packed | undefined, since_s: number): void {
    this.placed = [];
    const t = store.tracks;
    if (!packed || !t) return;
    const columns = Math.ceil(view.width / CELL) + 1;
    const rows = Math.ceil(view.height / CELL) + 1;
    const taken = new Uint8Array(columns * rows);
    const symbols: number[] = [];
    const wanted: { row: number; rank: number; x: number; y: number }[] = [];
    for (let i = 0; i < packed.count; i++) {
      const px = packed.x[i]! + packed.vx[i]! * since_s;
      const py = packed.y[i]! + packed.vy[i]! * since_s;
      const x = screenX(view, px, py);
      const y = screenY(view, px, py);
      if (!(x > 0 && y > 0 && x < view.width && y < view.height)) continue;
      symbols.push(x, y);
      const rank = rankOf(store, i);
      if (rank > 0 && (store.labels || rank >= 90)) wanted.push({ row: i, rank, x, y });
    }
    // A label keeps off the symbols while there is room between them; in a crowd it keeps off other labels only.
    this.inView = symbols.length / 2;
    const crowd = this.inView > CROWD;
    for (let k = 0; !crowd && k < symbols.length; k += 2) mark(taken, columns, rows, symbols[k]! - 7, symbols[k + 1]! - 7, symbols[k]! + 7, symbols[k + 1]! + 7);
    wanted.sort((a, b) => b.rank - a.rank || t.number[a.row]! - t.number[b.row]!);
    const g = sized(this.canvas, view.width, view.height);
    const before = this.last;
    this.last = new Map();
    let tries = 0;
    for (const { row, rank, x, y } of wanted) {
      if (this.placed.length >= LABELS_MAX || ++tries > 4 * LABELS_MAX) break;
      const label = this.make(g, store, row, rank);
      const number = t.number[row]!;
      const boxes = PLACES.map(([dx, dy]) => boxAt(x, y, dx, dy, label.width));
      const kept = before.get(number);
      let place = kept !== undefined && free(taken, columns, rows, boxes[kept]!) ? kept : boxes.findIndex((b) => free(taken, columns, rows, b));
      if (place < 0 && rank >= 90) place = 0;
      const box = boxes[place];
      if (!box) continue;
      this.last.set(number, place);
      mark(taken, columns, rows, ...box);
      this.placed.push({ ...label, x: box[0] - x, y: box[1] - y });
    }
  }

  private make(g: CanvasRenderingContext2D, store: Store, row: number, rank: number): Label {
    const t = store.tracks!;
    const name = store.nameOf(row);
    const speed = t.speed_kt[row]!;
    const flight = height(t.level_ft[row]!, t.altitude_ft[row]!);
    const parts = [flight ? flight + trend(t.trend[row]!) : NO_LEVEL, Number.isFinite(speed) ? `${Math.round(speed)}` : ""];
    const second = parts.filter(Boolean).join("  ");
    g.font = `600 11.5px ${FONT}`;
    let width = g.measureText(name).width;
    g.font = `11px ${FONT}`;
    width = Math.max(width, g.measureText(second).width);
    const severity = t.emergency[row] !== Emergency.NONE ? 3 : (store.alerted.get(t.number[row]!) ?? 0);
    const colour = severity > 1 ? SEVERITY_COLOURS[severity]! : (IDENTITY_COLOURS[t.identity[row]!] ?? "#fff");
    return { row, name, second, colour, x: 0, y: 0, width, dim: rank < 90 && Boolean(t.flags[row]! & TrackFlag.COASTING) };
  }

  /** Draw the labels where their tracks are now. */
  draw(view: View, packed: Packed | undefined, since_s: number): void {
    const g = sized(this.canvas, view.width, view.height);
    if (!packed) return;
    g.textAlign = "left";
    g.lineJoin = "round";
    for (const label of this.placed) {
      if (label.row >= packed.count) continue;
      const px = packed.x[label.row]! + packed.vx[label.row]! * since_s;
      const py = packed.y[label.row]! + packed.vy[label.row]! * since_s;
      const [ax, ay] = [screenX(view, px, py), screenY(view, px, py)];
      const [x, y] = [ax + label.x, ay + label.y];
      g.globalAlpha = label.dim ? 0.6 : 1;
      if (Math.abs(label.y) > 28 || Math.abs(label.x) > 24 + (label.x < 0 ? label.width : 0)) {
        g.strokeStyle = "rgba(170, 185, 200, 0.5)";
        g.lineWidth = 1;
        g.beginPath();
        g.moveTo(ax + Math.sign(label.x + label.width / 2) * 7, ay + Math.sign(label.y + LINE) * 7);
        g.lineTo(label.x > 0 ? x - 2 : x + label.width + 2, label.y > 0 ? y : y + 2 * LINE);
        g.stroke();
      }
      for (const [text, dy, font, colour] of [
        [label.name, LINE - 2, `600 11.5px ${FONT}`, label.colour],
        [label.second, 2 * LINE - 2, `11px ${FONT}`, "#c3ced9"],
      ] as const) {
        g.font = font;
        g.strokeStyle = "rgba(4, 7, 11, 0.85)";
        g.lineWidth = 3;
        g.strokeText(text, x, y + dy);
        g.fillStyle = colour;
        g.fillText(text, x, y + dy);
      }
    }
    g.globalAlpha = 1;
  }
}

/** How much a track deserves a label; 0: none. From 90 it is labelled even over others. */
function rankOf(store: Store, row: number): number {
  const t = store.tracks!;
  const number = t.number[row]!;
  if (number === store.selected || number === store.hovered) return 100;
  if (t.emergency[row] !== Emergency.NONE || (store.alerted.get(number) ?? 0) > 1) return 90;
  if (!(t.flags[row]! & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM))) return 0;
  if (t.identity[row] === Identity.SUSPECT) return 80;
  if (t.protected[row]) return 70;
  if (t.identity[row] === Identity.UNKNOWN) return 60;
  return t.flags[row]! & (TrackFlag.COASTING | TrackFlag.ON_GROUND) ? 20 : 40;
}

type Box = [number, number, number, number];

function boxAt(x: number, y: number, dx: number, dy: number, width: number): Box {
  const left = dx === 0 ? x - width / 2 : dx > 0 ? x + dx : x + dx - width;
  return [left, y + dy - LINE, left + width, y + dy + LINE];
}

function mark(taken: Uint8Array, columns: number, rows: number, x0: number, y0: number, x1: number, y1: number): void {
  for (let j = Math.max(0, Math.floor(y0 / CELL)); j <= Math.min(rows - 1, Math.floor(y1 / CELL)); j++) {
    for (let i = Math.max(0, Math.floor(x0 / CELL)); i <= Math.min(columns - 1, Math.floor(x1 / CELL)); i++) taken[j * columns + i] = 1;
  }
}

function free(taken: Uint8Array, columns: number, rows: number, [x0, y0, x1, y1]: Box): boolean {
  if (x0 < 0 || y0 < 0 || x1 >= columns * CELL || y1 >= rows * CELL) return false;
  for (let j = Math.floor(y0 / CELL); j <= Math.floor(y1 / CELL) && j < rows; j++) {
    for (let i = Math.floor(x0 / CELL); i <= Math.floor(x1 / CELL) && i < columns; i++) if (taken[j * columns + i]) return false;
  }
  return true;
}
