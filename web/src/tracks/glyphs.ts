// Letters on a texture: each once a size and weight, its body in green and what surrounds it in red, so that any colour can be laid on.

import { FONT } from "../theme";

export interface Face {
  readonly font: (size: number) => string;
  /** CSS px. */
  readonly size: number;
}

/** The faces of labels: the name, the rest, and both larger. */
export const FACES: readonly Face[] = [
  { font: (size) => `600 ${size}px ${FONT}`, size: 11.5 },
  { font: (size) => `${size}px ${FONT}`, size: 11 },
  { font: (size) => `600 ${size}px ${FONT}`, size: 14 },
  { font: (size) => `${size}px ${FONT}`, size: 12.5 },
];

const SIDE = 1024;
const PAD = 3;
const UNKNOWN = "?";

/** Where a letter is on the texture, device px; its pen's advance with them. */
export interface Glyph {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** From the pen to the left edge, and from the line to the upper edge. */
  readonly left: number;
  readonly up: number;
  readonly advance: number;
}

export class Glyphs {
  readonly canvas = document.createElement("canvas");
  private readonly g: CanvasRenderingContext2D;
  private readonly held: Map<string, Glyph>[] = FACES.map(() => new Map());
  private penX = 0;
  private penY = 0;
  private rowHeight = 0;
  /** Letters were drawn since the texture was last taken. */
  dirty = true;

  /** ratio: device pixels of one CSS pixel. */
  constructor(readonly ratio: number) {
    this.canvas.width = this.canvas.height = SIDE;
    const g = this.canvas.getContext("2d", { willReadFrequently: true });
    if (!g) throw new Error("no 2-D canvas");
    this.g = g;
    g.fillStyle = "#000";
    g.fillRect(0, 0, SIDE, SIDE);
    g.lineJoin = "round";
    g.globalCompositeOperation = "lighter";
    for (let face = 0; face < FACES.length; face++) for (let code = 32; code < 127; code++) this.get(String.fromCharCode(code), face);
  }

  get(letter: string, face: number): Glyph {
    return this.held[face]!.get(letter) ?? this.draw(letter, face);
  }

  private draw(letter: string, face: number): Glyph {
    const { g, ratio } = this;
    const { font, size } = FACES[face]!;
    const px = size * ratio;
    g.font = font(px);
    const measured = g.measureText(letter);
    const pad = Math.ceil(PAD * ratio);
    const advance = Math.round(measured.width);
    const [left, right] = [Math.ceil(Math.max(0, measured.actualBoundingBoxLeft)) + pad, Math.ceil(Math.max(advance, measured.actualBoundingBoxRight)) + pad];
    const [up, down] = [Math.ceil(px) + pad, Math.ceil(0.3 * px) + pad];
    if (this.penX + left + right > SIDE) {
      this.penX = 0;
      this.penY += this.rowHeight;
      this.rowHeight = 0;
    }
    if (this.penY + up + down > SIDE) {
      // The texture is full: a letter that nobody foresaw is shown as a question mark.
      const other = this.held[face]!.get(UNKNOWN)!;
      this.held[face]!.set(letter, other);
      return other;
    }
    const [x, y] = [this.penX + left, this.penY + up];
    g.strokeStyle = "#f00";
    g.lineWidth = 3 * ratio;
    g.strokeText(letter, x, y);
    g.fillStyle = "#0f0";
    g.fillText(letter, x, y);
    const glyph = { x: this.penX, y: this.penY, width: left + right, height: up + down, left, up, advance };
    this.penX += left + right;
    this.rowHeight = Math.max(this.rowHeight, up + down);
    this.held[face]!.set(letter, glyph);
    this.dirty = true;
    return glyph;
  }

  /** CSS px that a text takes. */
  widthOf(text: string, face: number): number {
    let sum = 0;
    for (const letter of text) sum += this.get(letter, face).advance;
    return sum / this.ratio;
  }
}
