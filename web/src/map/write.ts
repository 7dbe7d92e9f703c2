// Text on the map that covers no other text.

import type { View } from "../plane";
import { FONT } from "../theme";

/** Left, top, right, bottom in CSS pixels. */
export type Box = [number, number, number, number];

export interface Style {
  size: number;
  colour: string;
  /** Offsets to try: x of ±1 puts the text right or left of the mark. */
  places: readonly (readonly [number, number])[];
  spacing?: string;
  weight?: number;
}

export const SIDES: readonly (readonly [number, number])[] = [[1, 4], [-1, 4], [0, -10], [0, 19]];

/** What has been written on a view, by cells of the screen: a crowd of names is looked through quickly. */
export class Taken {
  private readonly cells = new Map<number, Box[]>();
  private static readonly CELL = 64;

  add(box: Box): void {
    for (const key of this.keys(box)) this.cells.set(key, [...(this.cells.get(key) ?? []), box]);
  }

  free(box: Box): boolean {
    return !this.keys(box).some((key) => this.cells.get(key)?.some((b) => box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3]));
  }

  private keys([left, top, right, bottom]: Box): number[] {
    const out: number[] = [];
    const c = Taken.CELL;
    for (let i = Math.floor(left / c); i <= Math.floor(right / c); i++) for (let j = Math.floor(top / c); j <= Math.floor(bottom / c); j++) out.push(i * 4096 + j);
    return out;
  }
}

export const onScreen = (view: View, x: number, y: number, margin = 40): boolean => x > -margin && y > -margin && x < view.width + margin && y < view.height + margin;

/** Write text at the first of its places that is free; nowhere, and false, if none is. */
export function write(g: CanvasRenderingContext2D, text: string, atX: number, atY: number, taken: Taken, style: Style): boolean {
  g.font = `${style.weight ? `${style.weight} ` : ""}${style.size}px ${FONT}`;
  g.letterSpacing = style.spacing ?? "0px";
  const width = g.measureText(text).width;
  let written = false;
  for (const [side, dy] of style.places) {
    const x = side === 0 ? atX - width / 2 : side > 0 ? atX + 9 : atX - 9 - width;
    const box: Box = [x - 2, atY + dy - style.size, x + width + 2, atY + dy + 3];
    if (!taken.free(box)) continue;
    taken.add(box);
    g.textAlign = "left";
    g.fillStyle = style.colour;
    g.fillText(text, x, atY + dy);
    written = true;
    break;
  }
  g.letterSpacing = "0px";
  return written;
}
