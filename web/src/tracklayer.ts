// The one WebGL2 layer of tracks: dots, points, vectors, symbols, labels. It reckons on from the last frame in the shader.

import { pack, STRIDE, type Packed } from "./columns";
import { attach, cleared, program, uniforms, type Attribute } from "./gl";
import type { Label } from "./labels";
import { aheadOf, zoomOf, type View } from "./plane";
import type { Rows } from "./rows";
import { DOT_FRAGMENT, DOT_VERTEX, POINT_FRAGMENT, POINT_VERTEX, SYMBOL_FRAGMENT, SYMBOL_VERTEX, VECTOR_FRAGMENT, VECTOR_VERTEX } from "./shaders";
import type { Dots } from "./store";
import { blink, palette, rgb, type Palette } from "./theme";
import type { App6 } from "./tracks/app6";
import { LabelLayer } from "./tracks/labellayer";
import type { Thinning } from "./tracks/thin";
import type { PageTracks } from "./wire";

const DOTS_DRAWN_MAX = 15_000;
const WORDS = STRIDE / 4;

type Name = "symbol" | "point" | "vector" | "dot";
type At = (name: string) => WebGLUniformLocation | null;

export class TrackLayer {
  packed: Packed | undefined;
  selectedRow = -1;
  hoveredRow = -1;
  /** Symbols of the standard instead of our own, once they are there. */
  app6: App6 | undefined;
  readonly labels: LabelLayer;
  /** The context was lost and is there again: all it held must be given anew. */
  onRestored: () => void = () => undefined;
  private readonly gl: WebGL2RenderingContext;
  /** Origins of the places as made from the last frame, and of those that the buffers hold. */
  private packedX = 0.5;
  private packedY = 0.5;
  /** Picture time of what the buffers hold. */
  private time_s = 0;
  private originX = 0.5;
  private originY = 0.5;
  private dotOriginX = 0.5;
  private dotOriginY = 0.5;
  private dotCount = 0;
  private dotRoom = new Float32Array(0);
  private points = 0;
  private programs!: Record<Name, { program: WebGLProgram; at: At; array: WebGLVertexArrayObject }>;
  private trackBuffer!: WebGLBuffer;
  private formBuffer!: WebGLBuffer;
  private symbolBuffer!: WebGLBuffer;
  private dotBuffer!: WebGLBuffer;
  private texture!: WebGLTexture;
  private symbols = new Uint32Array(0);
  private symbolRows = new Uint32Array(0);
  private symbolCount = 0;
  private painted: Palette | undefined;

  constructor(readonly canvas: HTMLCanvasElement) {
    const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, premultipliedAlpha: true, powerPreference: "low-power" });
    if (!gl) throw new Error("WebGL2 is not available");
    this.gl = gl;
    this.prepare();
    this.labels = new LabelLayer(gl);
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.prepare();
      this.labels.prepare();
      this.onRestored();
    });
  }

  private prepare(): void {
    const { gl } = this;
    const make = (vertex: string, fragment: string) => {
      const made = program(gl, vertex, fragment);
      return { program: made, at: uniforms(gl, made), array: gl.createVertexArray() };
    };
    this.programs = { symbol: make(SYMBOL_VERTEX, SYMBOL_FRAGMENT), point: make(POINT_VERTEX, POINT_FRAGMENT), vector: make(VECTOR_VERTEX, VECTOR_FRAGMENT), dot: make(DOT_VERTEX, DOT_FRAGMENT) };
    this.trackBuffer = gl.createBuffer();
    this.formBuffer = gl.createBuffer();
    this.symbolBuffer = gl.createBuffer();
    this.dotBuffer = gl.createBuffer();
    this.texture = gl.createTexture();
    this.dotCount = this.points = this.symbolCount = 0;
    this.painted = undefined;
    if (this.app6) this.app6.dirty = true;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.LINEAR);
    const shared = (perInstance: boolean): Attribute[] => [
      { location: 0, size: 2, type: "float", offset: 0, stride: STRIDE, perInstance },
      { location: 1, size: 2, type: "float", offset: 8, stride: STRIDE, perInstance },
      { location: 2, size: 4, type: "bytes", offset: 16, stride: STRIDE, perInstance },
    ];
    gl.bindVertexArray(this.programs.symbol.array);
    attach(gl, this.symbolBuffer, [...shared(true), { location: 3, size: 1, type: "float", offset: 20, stride: STRIDE, perInstance: true }, { location: 4, size: 4, type: "bytes", offset: 24, stride: STRIDE, perInstance: true }]);
    gl.bindVertexArray(this.programs.vector.array);
    attach(gl, this.symbolBuffer, shared(true));
    gl.bindVertexArray(this.programs.point.array);
    attach(gl, this.trackBuffer, shared(false));
    attach(gl, this.formBuffer, [{ location: 3, size: 1, type: "bytes", offset: 0, stride: 1, perInstance: false }]);
    gl.bindVertexArray(this.programs.dot.array);
    const dot = { stride: 12, perInstance: false, type: "float" as const };
    attach(gl, this.dotBuffer, [
      { location: 0, size: 2, offset: 0, ...dot },
      { location: 1, size: 1, offset: 8, ...dot },
    ]);
    gl.bindVertexArray(null);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** Give the programs the colours in force. */
  private paint(): void {
    const colours = palette();
    if (colours === this.painted) return;
    this.painted = colours;
    const { gl, programs } = this;
    const identity = [0, 1, 2, 3, 4, 5].flatMap((i) => rgb(colours.identity[i] ?? colours.bright));
    for (const name of ["point", "symbol"] as const) {
      gl.useProgram(programs[name].program);
      gl.uniform3fv(programs[name].at("u_colours"), identity);
      gl.uniform3f(programs[name].at("u_halo"), ...rgb(colours.halo));
      gl.uniform3f(programs[name].at("u_bright"), ...rgb(colours.bright));
    }
    gl.useProgram(programs.symbol.program);
    gl.uniform3fv(programs.symbol.at("u_alerts"), colours.severity.flatMap(rgb));
    gl.uniform3f(programs.symbol.at("u_not_live"), ...rgb(colours.notLive));
    gl.useProgram(programs.vector.program);
    gl.uniform3f(programs.vector.at("u_bright"), ...rgb(colours.bright));
    gl.useProgram(programs.dot.program);
    gl.uniform3f(programs.dot.at("u_history"), ...rgb(colours.history));
  }

  /** Take the columns of a frame; the origin follows the view, so 32-bit places stay exact. Drawn once setSymbols says how. */
  setTracks(tracks: PageTracks, alerted: ReadonlyMap<number, number>, view: View): void {
    this.packed = pack(tracks, view.plane, view.x, view.y, alerted, this.packed);
    this.packedX = view.x;
    this.packedY = view.y;
  }

  /** Take which tracks are symbols: those that matter most are drawn last, over the others. time_s: of the picture they are of. */
  setSymbols(thinning: Thinning, time_s: number): void {
    const { gl, packed } = this;
    if (!packed) return;
    this.originX = this.packedX;
    this.originY = this.packedY;
    this.time_s = time_s;
    const { rows, count } = thinning;
    if (this.symbols.length < count * WORDS) this.symbols = new Uint32Array(Math.ceil(1.5 * count) * WORDS);
    const { symbols } = this;
    const from = packed.words;
    for (let k = 0; k < count; k++) {
      const row = rows[count - 1 - k]!;
      for (let w = 0; w < WORDS; w++) symbols[k * WORDS + w] = from[row * WORDS + w]!;
      if (this.app6) this.app6.want(packed.style[row * STRIDE + 16]!, packed.style[row * STRIDE + 17]!, packed.style[row * STRIDE + 18]!);
    }
    this.symbolRows = rows;
    this.symbolCount = count;
    this.points = thinning.points > 0 ? packed.count : 0;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.symbolBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, symbols.subarray(0, count * WORDS), gl.DYNAMIC_DRAW);
    if (this.points === 0) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.trackBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, packed.words.subarray(0, packed.count * WORDS), gl.DYNAMIC_DRAW);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.formBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, thinning.form.subarray(0, packed.count), gl.DYNAMIC_DRAW);
  }

  /** Take labels as laid out. */
  setLabels(labels: readonly Label[]): void {
    if (this.packed) this.labels.take(labels, this.packed);
  }

  /** Take the history dots of the tracks alive; with too many, the oldest are left out. */
  setDots(dots: readonly Dots[], alive: Rows, now: number, view: View): void {
    this.dotOriginX = view.x;
    this.dotOriginY = view.y;
    const total = dots.reduce((sum, d) => sum + d.number.length, 0);
    const size = 3 * Math.min(total, DOTS_DRAWN_MAX);
    if (this.dotRoom.length < size) this.dotRoom = new Float32Array(size);
    const out = this.dotRoom;
    let at = 0;
    for (let k = dots.length - 1; k >= 0; k--) {
      const d = dots[k];
      if (!d || at / 3 + d.number.length > DOTS_DRAWN_MAX) break;
      const strength = Math.max(0.2, 0.85 - (now - d.time) / 500);
      for (let i = 0; i < d.number.length; i++) {
        if (!alive.has(d.number[i]!)) continue;
        out[at++] = view.plane.x(d.lat[i]!, d.lon[i]!) - this.dotOriginX;
        out[at++] = view.plane.y(d.lat[i]!, d.lon[i]!) - this.dotOriginY;
        out[at++] = strength;
      }
    }
    this.dotCount = at / 3;
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.dotBuffer);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, out.subarray(0, at), this.gl.DYNAMIC_DRAW);
  }

  /** Which of the symbols a row is, as setSymbols ordered them; -1: none. */
  private placeOf(row: number): number {
    if (row < 0) return -1;
    for (let k = 0; k < this.symbolCount; k++) if (this.symbolRows[k] === row) return this.symbolCount - 1 - k;
    return -1;
  }

  /** Draw the picture as it is since_s seconds after a frame of frame_s: what the buffers hold may be of the one before. */
  draw(view: View, since_s: number, frame_s: number, at_ms: number): void {
    const { gl, canvas } = this;
    const ratio = cleared(gl, canvas, view);
    this.paint();
    const radius = Math.min(11, Math.max(5.5, 3.2 + 0.85 * zoomOf(view)));
    const reckon_s = Math.max(0, since_s + frame_s - this.time_s);
    const look = (at: At, originX: number, originY: number): void => {
      gl.uniform2f(at("u_centre"), view.x - originX, view.y - originY);
      gl.uniform2f(at("u_half"), view.width / 2, view.height / 2);
      gl.uniform1f(at("u_scale"), view.scale);
      gl.uniform2f(at("u_turn"), view.cos, view.sin);
      gl.uniform1f(at("u_time"), reckon_s);
      gl.uniform1f(at("u_pixel"), 1 / ratio);
    };
    const use = (name: Name, originX = this.originX, originY = this.originY): At => {
      const { program: made, at, array } = this.programs[name];
      gl.useProgram(made);
      gl.bindVertexArray(array);
      look(at, originX, originY);
      return at;
    };
    if (this.dotCount > 0) {
      use("dot", this.dotOriginX, this.dotOriginY);
      gl.drawArrays(gl.POINTS, 0, this.dotCount);
    }
    if (this.points > 0) {
      use("point");
      gl.drawArrays(gl.POINTS, 0, this.points);
    }
    if (this.symbolCount > 0) {
      const vector = use("vector");
      gl.uniform1f(vector("u_ahead"), aheadOf(view));
      gl.uniform1f(vector("u_radius"), radius * (this.app6 ? 1.3 : 1));
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.symbolCount);
      const to = use("symbol");
      this.bindSymbols(to);
      gl.uniform1f(to("u_radius"), radius);
      gl.uniform1i(to("u_selected"), this.placeOf(this.selectedRow));
      gl.uniform1i(to("u_hovered"), this.placeOf(this.hoveredRow));
      gl.uniform1f(to("u_pulse"), blink(at_ms));
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.symbolCount);
      this.labels.draw((at) => look(at, this.originX, this.originY));
    }
    gl.bindVertexArray(null);
  }

  private bindSymbols(at: At): void {
    const { gl, app6 } = this;
    gl.uniform1i(at("u_app6"), app6 ? 1 : 0);
    gl.uniform1i(at("u_symbols"), 0);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    if (!app6?.dirty) return;
    app6.dirty = false;
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, app6.canvas);
  }
}
