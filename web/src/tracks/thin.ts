// Which tracks are drawn as symbols where they would cover each other, and which as points at their true places.

import { ALWAYS, Rank, type Packed } from "../columns";
import type { View } from "../plane";

/** A cell takes this many symbols side by side without one covering another. */
const FULL = 4;
const CELL_PX = 32;
/** So many symbols may be drawn at once before cells hold fewer; those that always show come on top of it. */
const BUDGET = 600;
/** With more unknown and protected flights in view than this, they too share the cells; the rest are small frames. */
const ALWAYS_MAX = 900;
/** Beyond each edge of the view, so that a moving map has symbols at its edges. */
const MARGIN = 0.2;
const NONE = 0xffffffff;

const STEPS = [Rank.ALERT, Rank.SUSPECT, Rank.PROTECTED, Rank.UNKNOWN, Rank.ORDINARY, Rank.LATE] as const;
const RANKS = Rank.CHOSEN + 1;

export class Thinning {
  /** Rows drawn as symbols, those that matter most first. */
  rows = new Uint32Array(0);
  count = 0;
  /** By row: 1 where it is drawn as a symbol. */
  form = new Uint8Array(0);
  /** Tracks inside the view; how many of them only as points, which tentative ones always are. */
  inView = 0;
  points = 0;
  private cells = new Uint32Array(0);
  private held = new Uint16Array(0);
  /** By row: 1 where it is inside the view. */
  private kept = new Uint8Array(0);
  /** Rows that may be symbols, those that matter most first; and how many there are of each rank, then where the next of it goes. */
  private order = new Uint32Array(0);
  private readonly next = new Uint32Array(RANKS);

  /** Choose anew. The cells lie fast on the ground, so that a panned picture keeps its symbols. */
  choose(packed: Packed, view: View, since_s: number, selected: number, hovered: number): void {
    const n = packed.count;
    if (this.form.length < n) {
      const size = Math.ceil(1.25 * n);
      this.rows = new Uint32Array(size);
      this.form = new Uint8Array(size);
      this.cells = new Uint32Array(size);
      this.kept = new Uint8Array(size);
      this.order = new Uint32Array(size);
    }
    const perUnit = 2 ** (Math.round(2 * Math.log2(view.scale)) / 2) / CELL_PX; // cells
    const reach = (0.5 + MARGIN) * Math.hypot(view.width, view.height);
    const side = Math.ceil(((2 * reach) / view.scale) * perUnit) + 3;
    const [fromX, fromY] = [2 * Math.floor(((view.x - reach / view.scale) * perUnit) / 2), 2 * Math.floor(((view.y - reach / view.scale) * perUnit) / 2)]; // even, so that four cells make one
    if (this.held.length < side * side) this.held = new Uint16Array(side * side);
    this.held.fill(0);
    const { cells, held, form, kept, next } = this;
    const { x, y, vx, vy, rank } = packed;
    next.fill(0);
    const [left, top] = [-MARGIN * view.width, -MARGIN * view.height];
    const [right, bottom] = [view.width - left, view.height - top];
    // What screenX and screenY say, with all that is the same for every track reckoned once.
    const [cos, sin] = [view.cos * view.scale, view.sin * view.scale];
    const [halfWidth, halfHeight] = [view.width / 2, view.height / 2];
    const { x: atX, y: atY, width, height } = view;
    let [inView, must] = [0, 0];
    for (let i = 0; i < n; i++) {
      form[i] = 0;
      cells[i] = NONE;
      const px = x[i]! + vx[i]! * since_s;
      const py = y[i]! + vy[i]! * since_s;
      const [dx, dy] = [px - atX, py - atY];
      const sx = dx * cos + dy * sin + halfWidth;
      const sy = dy * cos - dx * sin + halfHeight;
      if (!(sx > left && sy > top && sx < right && sy < bottom)) continue;
      const cell = (Math.floor(py * perUnit) - fromY) * side + Math.floor(px * perUnit) - fromX;
      cells[i] = cell;
      const inside = sx >= 0 && sy >= 0 && sx < width && sy < height;
      kept[i] = inside ? 1 : 0;
      if (inside) inView += 1;
      const matters = rank[i]!;
      if (matters <= Rank.TENTATIVE) continue;
      if (matters >= ALWAYS) must += 1;
      held[cell]! += 1;
      next[matters]! += 1;
    }
    const free = must > ALWAYS_MAX ? Rank.SUSPECT : ALWAYS;
    const room = roomOf(held, side * side, BUDGET);
    if (room === 0) for (let i = 0; i < n; i++) if (cells[i] !== NONE) cells[i] = (Math.floor(cells[i]! / side) >> 1) * side + ((cells[i]! % side) >> 1);
    this.inView = inView;
    this.fill(packed, free, Math.max(1, room), selected, hovered);
  }

  /** Fill the cells with those that matter most, step by step. */
  private fill(packed: Packed, free: number, room: number, selected: number, hovered: number): void {
    const { cells, held, form, rows, kept, order } = this;
    const { rank, count: n } = packed;
    held.fill(0);
    let count = 0;
    const take = (row: number): void => {
      rows[count++] = row;
      form[row] = 1;
      held[cells[row]!]! += 1;
    };
    for (const row of [selected, hovered]) if (row >= 0 && row < n && cells[row] !== NONE && !form[row]) take(row);
    const many = this.sort(rank, n);
    for (let k = 0; k < many; k++) {
      const row = order[k]!;
      if (!form[row] && (rank[row]! >= free || held[cells[row]!]! < room)) take(row);
    }
    let drawn = 0;
    for (let k = 0; k < count; k++) drawn += kept[rows[k]!]!;
    this.count = count;
    this.points = this.inView - drawn;
  }

  /** Put the rows that were counted in the order of their ranks; return how many. */
  private sort(rank: Uint8Array, n: number): number {
    const { cells, next, order } = this;
    let many = 0;
    for (const step of STEPS) [next[step], many] = [many, many + next[step]!];
    for (let i = 0; i < n; i++) if (cells[i] !== NONE && rank[i]! > Rank.TENTATIVE) order[next[rank[i]!]!++] = i;
    return many;
  }
}

/** How many symbols a cell may hold so that all together stay within the budget: 4, 2 or 1; 0: one in four cells together. */
export function roomOf(held: Uint16Array, cells: number, budget: number): number {
  for (const room of [FULL, 2, 1]) {
    let sum = 0;
    for (let k = 0; k < cells; k++) sum += Math.min(held[k]!, room);
    if (sum <= budget) return room;
  }
  return 0;
}
