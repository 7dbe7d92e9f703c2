// Labels and their leader lines in the track layer's WebGL: laid out now and then, carried along with their tracks by the shader.

import { STRIDE, type Packed } from "../columns";
import { attach, program, uniforms } from "../gl";
import { LINE_PX, type Label } from "../labels";
import { GLYPH_FRAGMENT, GLYPH_VERTEX, LEADER_FRAGMENT, LEADER_VERTEX } from "../shaders";
import { palette, rgb } from "../theme";
import { FACES, Glyphs } from "./glyphs";

/** place 2 × f4 | velocity 2 × f4 | from the anchor 2 × f4, device px | on the texture 4 × u2 | colour 4 × u1 */
const GLYPH_WORDS = 9;
/** place | velocity | begin and end seen from the anchor 4 × f4, CSS px */
const LEADER_WORDS = 8;
const TRACK_WORDS = STRIDE / 4;
const DIM = 0.6;
const CLEAR_PX = 8;

interface Drawn {
  program: WebGLProgram;
  at: (name: string) => WebGLUniformLocation | null;
  array: WebGLVertexArrayObject;
  buffer: WebGLBuffer;
  count: number;
}

export class LabelLayer {
  glyphs: Glyphs;
  private letters!: Drawn;
  private leaders!: Drawn;
  private texture!: WebGLTexture;
  private bytes = new ArrayBuffer(0);
  private floats = new Float32Array(0);
  private lines = new Float32Array(0);

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.glyphs = new Glyphs(window.devicePixelRatio || 1);
    this.prepare();
  }

  /** Make everything that the context holds; again after it was lost. */
  prepare(): void {
    const { gl } = this;
    const make = (vertex: string, fragment: string): Drawn => {
      const made = program(gl, vertex, fragment);
      return { program: made, at: uniforms(gl, made), array: gl.createVertexArray(), buffer: gl.createBuffer(), count: 0 };
    };
    this.letters = make(GLYPH_VERTEX, GLYPH_FRAGMENT);
    this.leaders = make(LEADER_VERTEX, LEADER_FRAGMENT);
    const glyph = { stride: 4 * GLYPH_WORDS, perInstance: true };
    gl.bindVertexArray(this.letters.array);
    attach(gl, this.letters.buffer, [
      { location: 0, size: 2, type: "float", offset: 0, ...glyph },
      { location: 1, size: 2, type: "float", offset: 8, ...glyph },
      { location: 2, size: 2, type: "float", offset: 16, ...glyph },
      { location: 3, size: 4, type: "shorts", offset: 24, ...glyph },
      { location: 4, size: 4, type: "bytes", offset: 32, ...glyph },
    ]);
    const leader = { stride: 4 * LEADER_WORDS, perInstance: true, type: "float" as const };
    gl.bindVertexArray(this.leaders.array);
    attach(gl, this.leaders.buffer, [
      { location: 0, size: 2, offset: 0, ...leader },
      { location: 1, size: 2, offset: 8, ...leader },
      { location: 2, size: 4, offset: 16, ...leader },
    ]);
    gl.bindVertexArray(null);
    this.texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
    this.glyphs.dirty = true;
  }

  /** Letters fit for the screen as it is now: it may have moved to another one. */
  sharpen(): Glyphs {
    const ratio = window.devicePixelRatio || 1;
    if (this.glyphs.ratio !== ratio) this.glyphs = new Glyphs(ratio);
    return this.glyphs;
  }

  /** Take labels as laid out; packed holds where their tracks are. */
  take(labels: readonly Label[], packed: Packed): void {
    const { gl } = this;
    this.room(labels);
    const { floats, bytes, lines, glyphs } = this;
    const [shorts, colours] = [new Uint16Array(bytes), new Uint8Array(bytes)];
    const second = rgb(palette().label).map((v) => Math.round(255 * v));
    let letters = 0;
    let leaders = 0;
    for (const label of labels) {
      const track = label.row * TRACK_WORDS;
      if (label.leader) {
        lines.set(packed.floats.subarray(track, track + 4), leaders * LEADER_WORDS);
        lines.set(endsOf(label), leaders * LEADER_WORDS + 4);
        leaders += 1;
      }
      const first = rgb(label.colour).map((v) => Math.round(255 * v));
      const alpha = label.dim ? Math.round(255 * DIM) : 255;
      const step = LINE_PX[label.large ? 1 : 0];
      label.lines.forEach((line, k) => {
        const face = (label.large ? 2 : 0) + (k ? 1 : 0);
        let pen = Math.round(label.left * glyphs.ratio);
        const base = Math.round((label.top + k * step + 0.92 * FACES[face]!.size) * glyphs.ratio);
        const colour = k ? second : first;
        for (const letter of line) {
          const glyph = glyphs.get(letter, face);
          if (letter !== " ") {
            const at = letters++ * GLYPH_WORDS;
            for (let w = 0; w < 4; w++) floats[at + w] = packed.floats[track + w]!;
            floats[at + 4] = pen - glyph.left;
            floats[at + 5] = base - glyph.up;
            const short = 2 * (at + 6);
            shorts[short] = glyph.x;
            shorts[short + 1] = glyph.y;
            shorts[short + 2] = glyph.width;
            shorts[short + 3] = glyph.height;
            const byte = 4 * (at + 8);
            for (let c = 0; c < 3; c++) colours[byte + c] = colour[c]!;
            colours[byte + 3] = alpha;
          }
          pen += glyph.advance;
        }
      });
    }
    this.letters.count = letters;
    this.leaders.count = leaders;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.letters.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, floats.subarray(0, letters * GLYPH_WORDS), gl.DYNAMIC_DRAW);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.leaders.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, lines.subarray(0, leaders * LEADER_WORDS), gl.DYNAMIC_DRAW);
  }

  private room(labels: readonly Label[]): void {
    let letters = 0;
    for (const label of labels) for (const line of label.lines) letters += line.length;
    if (this.floats.length < letters * GLYPH_WORDS) {
      this.bytes = new ArrayBuffer(4 * GLYPH_WORDS * Math.ceil(1.5 * letters));
      this.floats = new Float32Array(this.bytes);
    }
    if (this.lines.length < labels.length * LEADER_WORDS) this.lines = new Float32Array(LEADER_WORDS * Math.ceil(1.5 * labels.length));
  }

  /** Draw them; prepared sets what the view says to a program. */
  draw(prepared: (at: (name: string) => WebGLUniformLocation | null) => void): void {
    const { gl, letters, leaders } = this;
    const colours = palette();
    if (leaders.count > 0) {
      gl.useProgram(leaders.program);
      gl.bindVertexArray(leaders.array);
      prepared(leaders.at);
      gl.uniform3f(leaders.at("u_colour"), ...rgb(colours.leader));
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, leaders.count);
    }
    if (letters.count === 0) return;
    gl.useProgram(letters.program);
    gl.bindVertexArray(letters.array);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    if (this.glyphs.dirty) {
      this.glyphs.dirty = false;
      gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, this.glyphs.canvas);
    }
    prepared(letters.at);
    gl.uniform1i(letters.at("u_letters"), 0);
    gl.uniform3f(letters.at("u_around"), ...rgb(colours.halo));
    for (const around of [1, 0]) {
      gl.uniform1i(letters.at("u_halo"), around);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, letters.count);
    }
  }
}

/** From the edge of the symbol to the nearest point of the label. */
export function endsOf(label: Pick<Label, "left" | "top" | "width" | "height">): [number, number, number, number] {
  const x = Math.min(Math.max(0, label.left - 2), label.left + label.width + 2);
  const y = Math.min(Math.max(0, label.top), label.top + label.height);
  const reach = Math.hypot(x, y) || 1;
  return [(x / reach) * CLEAR_PX, (y / reach) * CLEAR_PX, x, y];
}
