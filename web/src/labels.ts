// Track labels: which tracks have one, what it says, and where it stands so that it covers nothing. Drawn by tracks/labellayer.ts.

import { LOUD, Rank, type Packed } from "./columns";
import { lang } from "./i18n";
import { screenX, screenY, type View } from "./plane";
import type { Store } from "./store";
import { palette } from "./theme";
import type { Glyphs } from "./tracks/glyphs";
import { Taken } from "./tracks/place";
import { linesOf, type Detail } from "./tracks/text";
import type { Thinning } from "./tracks/thin";
import { TrackFlag } from "./wire";

const LABELS_MAX = 220;
const TRIES_MAX = 2 * LABELS_MAX;
const CROWD = 500;
const SYMBOL_PX = 7;
/** A label farther off than this, px, is joined to its symbol by a line. */
const NEAR_PX = 14;
/** From line to line, CSS px: of an ordinary label, of a larger one. */
export const LINE_PX = [13, 15.5] as const;

export interface Label {
  row: number;
  number: number;
  lines: string[];
  /** Larger: the track is under the pointer or selected. */
  large: boolean;
  /** Left and upper edge seen from the symbol, and the size, CSS px. */
  left: number;
  top: number;
  width: number;
  height: number;
  colour: string;
  dim: boolean;
  leader: boolean;
}

const empty = (): Label => ({ row: 0, number: 0, lines: [], large: false, left: 0, top: 0, width: 0, height: 0, colour: "", dim: false, leader: false });

/** Where labels were put by hand: left and upper edge seen from the symbol, px, by track number. */
export type Held = Map<number, readonly [left: number, top: number]>;

export class Labels {
  readonly placed: Label[] = [];
  detail: Detail = 2;
  readonly held: Held = new Map();
  private readonly pool: Label[] = [];
  readonly taken = new Taken();
  /** Which place each track's label took last: kept while it is free, so labels do not jump about. */
  private last = new Map<number, number>();
  private spare = new Map<number, number>();
  /** What labels say, by row, until the next picture: while the view moves they are placed anew, not written anew. */
  private readonly texts = new Map<number, { lines: string[]; width: number }>();
  private textsOf: unknown[] = [];

  /** Choose which of the symbols are labelled, and where. */
  layout(view: View, store: Store, packed: Packed, thinning: Thinning, since_s: number, glyphs: Glyphs): void {
    const { taken, placed } = this;
    const tracks = store.tracks;
    placed.length = 0;
    if (!tracks) return;
    taken.clear(view);
    for (const number of this.held.keys()) if (!store.rows.has(number)) this.held.delete(number);
    const told = [store.frame, this.detail, lang(), glyphs];
    if (told.some((v, k) => v !== this.textsOf[k])) {
      this.textsOf = told;
      this.texts.clear();
    }
    const before = this.last;
    const now = this.spare;
    now.clear();
    // A label keeps off the symbols while there is room between them; in a crowd it keeps off other labels only.
    if (thinning.inView <= CROWD) this.markSymbols(view, packed, thinning, since_s);
    for (const held of [true, false]) {
      let tries = 0;
      for (let k = 0; k < thinning.count && placed.length < LABELS_MAX && tries < TRIES_MAX; k++) {
        const row = thinning.rows[k]!;
        const number = tracks.number[row]!;
        if (this.held.size === 0 ? held : this.held.has(number) !== held) continue;
        const rank = number === store.selected || number === store.hovered ? Rank.CHOSEN : packed.rank[row]!;
        if (rank === Rank.TENTATIVE || !(store.labels || rank >= LOUD || held)) continue;
        const px = packed.x[row]! + packed.vx[row]! * since_s;
        const py = packed.y[row]! + packed.vy[row]! * since_s;
        const x = screenX(view, px, py);
        const y = screenY(view, px, py);
        if (!(x > 0 && y > 0 && x < view.width && y < view.height)) continue;
        tries += 1;
        const label = this.write(store, glyphs, row, number, rank);
        const place = this.put(label, x, y, before.get(number) ?? -1);
        if (place < -1) continue;
        if (place >= 0) now.set(number, place);
        taken.mark(x + label.left, y + label.top, x + label.left + label.width, y + label.top + label.height);
        placed.push(label);
      }
    }
    this.last = now;
    this.spare = before;
  }

  private markSymbols(view: View, packed: Packed, thinning: Thinning, since_s: number): void {
    for (let k = 0; k < thinning.count; k++) {
      const row = thinning.rows[k]!;
      const px = packed.x[row]! + packed.vx[row]! * since_s;
      const py = packed.y[row]! + packed.vy[row]! * since_s;
      const [x, y] = [screenX(view, px, py), screenY(view, px, py)];
      this.taken.mark(x - SYMBOL_PX, y - SYMBOL_PX, x + SYMBOL_PX, y + SYMBOL_PX);
    }
  }

  /** What the next label says and how large that is. */
  private write(store: Store, glyphs: Glyphs, row: number, number: number, rank: number): Label {
    const tracks = store.tracks!;
    const label = (this.pool[this.placed.length] ??= empty());
    label.row = row;
    label.number = number;
    label.large = rank === Rank.CHOSEN;
    const text = label.large ? undefined : this.texts.get(row);
    label.lines = text?.lines ?? linesOf(store, row, label.large ? 3 : this.detail);
    label.width = text?.width ?? widthOf(label, glyphs);
    if (!text && !label.large) this.texts.set(row, { lines: label.lines, width: label.width });
    label.height = label.lines.length * LINE_PX[label.large ? 1 : 0];
    const severity = tracks.emergency[row] ? 3 : (store.alerted.get(number) ?? 0);
    const colours = palette();
    label.colour = severity > 1 ? colours.severity[severity]! : (colours.identity[tracks.identity[row]!] ?? colours.bright);
    label.dim = rank < LOUD && Boolean(tracks.flags[row]! & TrackFlag.COASTING);
    return label;
  }

  /** Where the label stands: the place it took, -1 for one of its own, -2 for nowhere. */
  private put(label: Label, x: number, y: number, before: number): number {
    const held = this.held.get(label.number);
    if (held) {
      [label.left, label.top] = held;
      label.leader = distanceTo(label) > NEAR_PX;
      return -1;
    }
    // A label that grows under the pointer stays where it is: else it would flee from the hand.
    const stays = label.large && before >= 0;
    const spot = stays ? this.taken.at(before, label.width, label.height) : this.taken.find(x, y, label.width, label.height, before);
    if (spot.place < 0 && !(label.large || this.loud(label))) return -2;
    label.left = spot.left;
    label.top = spot.top;
    label.leader = distanceTo(label) > NEAR_PX;
    return spot.place < 0 ? -1 : spot.place;
  }

  private loud(label: Label): boolean {
    return palette().severity.indexOf(label.colour) > 1;
  }

  /** The label at a point of the view, where one is. */
  at(x: number, y: number, view: View, packed: Packed, since_s: number): Label | undefined {
    return this.placed.find((label) => {
      const [sx, sy] = anchorOf(label, view, packed, since_s);
      return x >= sx + label.left && x <= sx + label.left + label.width && y >= sy + label.top && y <= sy + label.top + label.height;
    });
  }
}

function widthOf(label: Label, glyphs: Glyphs): number {
  const face = label.large ? 2 : 0;
  return label.lines.reduce((width, line, k) => Math.max(width, glyphs.widthOf(line, face + (k ? 1 : 0))), 0);
}

/** Where a label's symbol is on the screen. */
export function anchorOf(label: Label, view: View, packed: Packed, since_s: number): [number, number] {
  const px = packed.x[label.row]! + packed.vx[label.row]! * since_s;
  const py = packed.y[label.row]! + packed.vy[label.row]! * since_s;
  return [screenX(view, px, py), screenY(view, px, py)];
}

/** How far the nearest edge of a label is from its symbol, px. */
export function distanceTo(label: Pick<Label, "left" | "top" | "width" | "height">): number {
  const across = Math.max(label.left, 0, -(label.left + label.width));
  const down = Math.max(label.top, 0, -(label.top + label.height));
  return Math.hypot(across, down);
}
