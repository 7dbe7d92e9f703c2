// The one WebGL2 layer of tracks: dots, vectors, symbols. It reckons on from the last frame in the shader.

import { pack, STRIDE, type Packed } from "./columns";
import { attach, cleared, program, uniforms } from "./gl";
import { aheadOf, zoomOf, type View } from "./plane";
import { CROWD_FRAGMENT, CROWD_VERTEX, DOT_FRAGMENT, DOT_VERTEX, SYMBOL_FRAGMENT, SYMBOL_VERTEX, VECTOR_FRAGMENT, VECTOR_VERTEX } from "./shaders";
import type { Dots } from "./store";
import type { Palette } from "./palettes";
import { calm, palette, rgb } from "./theme";
import type { PageTracks } from "./wire";

/** With more symbols in view they become small points without vectors: those would only cover each other. */
const CROWD = 2000;
const DOTS_DRAWN_MAX = 15_000;

type Name = "symbol" | "crowd" | "vector" | "dot";

export class TrackLayer {
  packed: Packed | undefined;
  selectedRow = -1;
  hoveredRow = -1;
  private readonly gl: WebGL2RenderingContext;
  private originX = 0.5;
  private originY = 0.5;
  private dotOriginX = 0.5;
  private dotOriginY = 0.5;
  private dotCount = 0;
  private painted: Palette | undefined;
  private programs!: Record<Name, { program: WebGLProgram; at: (name: string) => WebGLUniformLocation | null; array: WebGLVertexArrayObject }>;
  private trackBuffer!: WebGLBuffer;
  private dotBuffer!: WebGLBuffer;

  constructor(readonly canvas: HTMLCanvasElement) {
    const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, premultipliedAlpha: true, powerPreference: "low-power" });
    if (!gl) throw new Error("WebGL2 is not available");
    this.gl = gl;
    this.prepare();
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => this.prepare());
  }

  private prepare(): void {
    const { gl } = this;
    const make = (vertex: string, fragment: string) => {
      const made = program(gl, vertex, fragment);
      return { program: made, at: uniforms(gl, made), array: gl.createVertexArray() };
    };
    this.programs = { symbol: make(SYMBOL_VERTEX, SYMBOL_FRAGMENT), crowd: make(CROWD_VERTEX, CROWD_FRAGMENT), vector: make(VECTOR_VERTEX, VECTOR_FRAGMENT), dot: make(DOT_VERTEX, DOT_FRAGMENT) };
    this.trackBuffer = gl.createBuffer();
    this.dotBuffer = gl.createBuffer();
    this.dotCount = 0;
    const track = { stride: STRIDE, perInstance: true };
    const shared = [
      { location: 0, size: 2, type: "float" as const, offset: 0, ...track },
      { location: 1, size: 2, type: "float" as const, offset: 8, ...track },
      { location: 2, size: 4, type: "bytes" as const, offset: 16, ...track },
    ];
    gl.bindVertexArray(this.programs.symbol.array);
    attach(gl, this.trackBuffer, [...shared, { location: 3, size: 1, type: "float", offset: 20, ...track }]);
    gl.bindVertexArray(this.programs.vector.array);
    attach(gl, this.trackBuffer, shared);
    gl.bindVertexArray(this.programs.crowd.array);
    attach(gl, this.trackBuffer, shared.map((a) => ({ ...a, perInstance: false })));
    gl.bindVertexArray(this.programs.dot.array);
    const dot = { stride: 12, perInstance: false, type: "float" as const };
    attach(gl, this.dotBuffer, [
      { location: 0, size: 2, offset: 0, ...dot },
      { location: 1, size: 1, offset: 8, ...dot },
    ]);
    gl.bindVertexArray(null);
    this.painted = undefined;
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** Draw in the colours that hold now. */
  private paint(): void {
    if (this.painted === palette()) return;
    const { gl } = this;
    const { identity, severity } = (this.painted = palette());
    const colours = [0, 1, 2, 3, 4, 5].flatMap((i) => rgb(identity[i] ?? "#ffffff"));
    for (const name of ["crowd", "symbol"] as const) {
      gl.useProgram(this.programs[name].program);
      gl.uniform3fv(this.programs[name].at("u_colours"), colours);
    }
    gl.uniform3fv(this.programs.symbol.at("u_alerts"), severity.flatMap(rgb));
  }

  /** Take the columns of a frame; the origin follows the view, so 32-bit places stay exact. */
  setTracks(tracks: PageTracks, alerted: ReadonlyMap<number, number>, view: View): void {
    this.originX = view.x;
    this.originY = view.y;
    this.packed = pack(tracks, view.plane, this.originX, this.originY, alerted, this.packed);
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.trackBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, new Uint8Array(this.packed.bytes, 0, this.packed.count * STRIDE), gl.DYNAMIC_DRAW);
  }

  /** Take the history dots of the tracks alive; with too many, the oldest are left out. */
  setDots(dots: readonly Dots[], alive: ReadonlyMap<number, number>, now: number, view: View): void {
    this.dotOriginX = view.x;
    this.dotOriginY = view.y;
    const total = dots.reduce((sum, d) => sum + d.number.length, 0);
    const out = new Float32Array(3 * Math.min(total, DOTS_DRAWN_MAX));
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

  /** Draw the picture as it is since_s seconds after the frame; the more symbols in view, the smaller they are. */
  draw(view: View, since_s: number, at_ms: number, inView: number): void {
    const { gl, canvas } = this;
    const ratio = cleared(gl, canvas, view);
    this.paint();
    const zoom = zoomOf(view);
    const radius = Math.min(11, Math.max(5.5, 3.2 + 0.85 * zoom));
    const crowd = inView > CROWD;
    const use = (name: Name, originX: number, originY: number): ((name: string) => WebGLUniformLocation | null) => {
      const { program: made, at, array } = this.programs[name];
      gl.useProgram(made);
      gl.bindVertexArray(array);
      gl.uniform2f(at("u_centre"), view.x - originX, view.y - originY);
      gl.uniform2f(at("u_half"), view.width / 2, view.height / 2);
      gl.uniform1f(at("u_scale"), view.scale);
      gl.uniform2f(at("u_turn"), view.cos, view.sin);
      gl.uniform1f(at("u_time"), since_s);
      gl.uniform1f(at("u_pixel"), 1 / ratio);
      return at;
    };
    if (this.dotCount > 0) {
      use("dot", this.dotOriginX, this.dotOriginY);
      gl.drawArrays(gl.POINTS, 0, this.dotCount);
    }
    const count = this.packed?.count ?? 0;
    if (count > 0) {
      const first = use(crowd ? "crowd" : "vector", this.originX, this.originY);
      gl.uniform1f(first("u_ahead"), aheadOf(view));
      gl.uniform1f(first("u_radius"), crowd ? Math.max(2.6, radius * Math.sqrt(CROWD / inView)) : radius);
      if (crowd) gl.drawArrays(gl.POINTS, 0, count);
      else gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
      const to = use("symbol", this.originX, this.originY);
      gl.uniform1f(to("u_radius"), radius);
      gl.uniform1i(to("u_special"), crowd ? 1 : 0);
      gl.uniform1i(to("u_selected"), this.selectedRow);
      gl.uniform1i(to("u_hovered"), this.hoveredRow);
      gl.uniform1f(to("u_pulse"), calm() ? 1 : 0.5 + 0.5 * Math.sin(at_ms / 250));
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
    }
    gl.bindVertexArray(null);
  }
}
