// Where labels stand so that they cover nothing: a coarse grid of what is taken, and the places around a symbol tried in order.

import type { View } from "../plane";

const CELL = 8;

/** Where a label may stand, seen from its symbol: its nearest corner, px; across 0: in the middle. */
const PLACES: readonly (readonly [across: number, down: number])[] = [
  [12, -3],
  [12, 8],
  [-12, -3],
  [-12, 8],
  [0, -12],
  [0, 12],
  [26, -20],
  [-26, -20],
  [26, 22],
  [-26, 22],
];

/** Left and upper edge of the label, seen from its symbol. */
export interface Spot {
  left: number;
  top: number;
  /** Which of the places it is; -1: none was free. */
  place: number;
}

export class Taken {
  private cells = new Uint8Array(0);
  private columns = 0;
  private lines = 0;
  /** How much farther off labels stand, px: some symbols are larger. */
  wider = 0;
  private readonly spot: Spot = { left: 0, top: 0, place: -1 };

  clear(view: View): void {
    this.columns = Math.ceil(view.width / CELL) + 1;
    this.lines = Math.ceil(view.height / CELL) + 1;
    const size = this.columns * this.lines;
    if (this.cells.length < size) this.cells = new Uint8Array(size);
    else this.cells.fill(0);
  }

  mark(left: number, top: number, right: number, bottom: number): void {
    const from = Math.max(0, Math.floor(left / CELL));
    const to = Math.min(this.columns - 1, Math.floor(right / CELL));
    for (let j = Math.max(0, Math.floor(top / CELL)); j <= Math.min(this.lines - 1, Math.floor(bottom / CELL)); j++) {
      for (let i = from; i <= to; i++) this.cells[j * this.columns + i] = 1;
    }
  }

  free(left: number, top: number, right: number, bottom: number): boolean {
    if (left < 0 || top < 0 || right >= this.columns * CELL || bottom >= this.lines * CELL) return false;
    const [from, to] = [Math.floor(left / CELL), Math.floor(right / CELL)];
    for (let j = Math.floor(top / CELL); j <= Math.floor(bottom / CELL) && j < this.lines; j++) {
      for (let i = from; i <= to; i++) if (this.cells[j * this.columns + i]) return false;
    }
    return true;
  }

  /** A label at one of the places, free or not. The answer is overwritten by the next call. */
  at(place: number, width: number, height: number): Spot {
    put(this.spot, place, width, height, this.wider);
    return this.spot;
  }

  /** The first free place of a label around a symbol; the one it had comes first. The answer is overwritten by the next call. */
  find(x: number, y: number, width: number, height: number, before: number): Spot {
    const { spot } = this;
    for (let k = -1; k < PLACES.length; k++) {
      const place = k < 0 ? before : k;
      if (place < 0 || (k >= 0 && k === before)) continue;
      put(spot, place, width, height, this.wider);
      if (this.free(x + spot.left, y + spot.top, x + spot.left + width, y + spot.top + height)) return spot;
    }
    put(spot, 0, width, height, this.wider);
    spot.place = -1;
    return spot;
  }
}

function put(spot: Spot, place: number, width: number, height: number, wider: number): void {
  const [across, down] = [PLACES[place]![0] + wider * Math.sign(PLACES[place]![0]), PLACES[place]![1] + (PLACES[place]![0] === 0 ? wider * Math.sign(PLACES[place]![1]) : 0)];
  spot.place = place;
  spot.left = across === 0 ? -width / 2 : across > 0 ? across : across - width;
  spot.top = across === 0 ? (down < 0 ? down - height : down) : down < 0 ? down - height + 10 : down - 4;
}
