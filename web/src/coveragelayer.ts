// The WebGL2 layer under the tracks: hatched where nobody sees, sparsely where one does, with a line along the edge.

import type { Shown } from "./coverage";
import { cleared, program, uniforms } from "./gl";
import { MERCATOR, screenOf, screenX, screenY, type View } from "./plane";

const VERTEX = `#version 300 es
layout(location = 0) in vec2 a_clip;
layout(location = 1) in vec2 a_at; // in the image
out vec2 v_at;
void main() {
  v_at = a_at;
  gl_Position = vec4(a_clip, 0.0, 1.0);
}`;

// The image's opacity tells the classes apart (src/tenere/serve/coverage/png.py). Premultiplied colours out.
const FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D u_image;
uniform vec2 u_pixel; // one CSS pixel in the image
uniform vec2 u_shift; // holds the hatching to the ground
uniform float u_ratio;
in vec2 v_at;
out vec4 colour;
int kind(vec2 at) {
  float a = texture(u_image, at).a;
  return a > 0.5 ? 2 : a > 0.28 ? 1 : a > 0.1 ? 3 : 0;
}
float hatch(float along, float period, float wide) {
  float d = abs(fract(along / period) - 0.5) * period;
  return 1.0 - smoothstep(wide * 0.5 - 0.35, wide * 0.5 + 0.35, d);
}
void main() {
  vec2 p = vec2(gl_FragCoord.x, gl_FragCoord.y) / u_ratio + u_shift;
  int here = kind(v_at);
  float a = 0.0;
  if (here == 2) a = 0.085 + 0.15 * hatch((p.x + p.y) * 0.70710678, 8.0, 1.2);
  else if (here == 1) a = 0.16 * hatch((p.x - p.y) * 0.70710678, 13.0, 1.1);
  else if (here == 3) a = 0.22 * hatch(p.x, 7.0, 1.4) * hatch(p.y, 7.0, 1.4);
  int right = kind(v_at + vec2(u_pixel.x, 0.0));
  int below = kind(v_at + vec2(0.0, u_pixel.y));
  int other = right != here ? right : below;
  if (other != here) a = max(a, here == 3 || other == 3 ? 0.2 : here == 2 || other == 2 ? 0.6 : 0.32);
  colour = vec4(vec3(0.66, 0.58, 0.88) * a, a);
}`;

/** Cells along an edge of the image where the plane is not the image's own, Web Mercator. */
const CELLS = 24;

/** Every so many CSS pixels both hatchings meet their beginning again. */
const PERIOD = 8 * 13 * Math.SQRT2;

export class CoverageLayer {
  private readonly gl: WebGL2RenderingContext;
  private made!: WebGLProgram;
  private at!: (name: string) => WebGLUniformLocation | null;
  private texture!: WebGLTexture;
  private corners!: WebGLBuffer;
  private held: Shown | undefined;
  private size: [number, number] = [1, 1];

  constructor(readonly canvas: HTMLCanvasElement) {
    const gl = canvas.getContext("webgl2", { alpha: true, antialias: false, premultipliedAlpha: true, powerPreference: "low-power" });
    if (!gl) throw new Error("WebGL2 is not available");
    this.gl = gl;
    this.prepare();
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.prepare();
      this.held = undefined; // its image was closed, or will be: the next one is drawn
    });
  }

  private prepare(): void {
    const { gl } = this;
    this.made = program(gl, VERTEX, FRAGMENT);
    this.at = uniforms(gl, this.made);
    this.corners = gl.createBuffer();
    this.texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    for (const [name, value] of [
      [gl.TEXTURE_MIN_FILTER, gl.NEAREST],
      [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
      [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
      [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
    ] as const)
      gl.texParameteri(gl.TEXTURE_2D, name, value);
  }

  draw(view: View, shown: Shown | undefined): void {
    const { gl, canvas } = this;
    const ratio = cleared(gl, canvas, view);
    if (!shown) {
      this.held = undefined;
      return;
    }
    gl.useProgram(this.made);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    if (shown !== this.held) {
      if (shown.image.width === 0) return; // closed: a newer one comes
      gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, shown.image);
      this.held = shown;
      this.size = [shown.image.width, shown.image.height];
    }
    const { rows, wide, tall } = mesh(view, shown.box);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.corners);
    gl.bufferData(gl.ARRAY_BUFFER, rows, gl.STREAM_DRAW);
    for (const [location, offset] of [[0, 0], [1, 8]] as const) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, 2, gl.FLOAT, false, 16, offset);
    }
    gl.uniform2f(this.at("u_pixel"), Math.max(1 / wide, 0.5 / this.size[0]), Math.max(1 / tall, 0.5 / this.size[1]));
    gl.uniform2f(this.at("u_shift"), -screenX(view, 0, 0) % PERIOD, (screenY(view, 0, 0) - view.height) % PERIOD);
    gl.uniform1f(this.at("u_ratio"), ratio);
    gl.uniform1i(this.at("u_image"), 0);
    gl.drawArrays(gl.TRIANGLES, 0, rows.length / 4);
  }
}

/** Triangles that lay an image of a box, whose rows are even in Web Mercator, over the view: clip x, y and image x, y a corner. */
function mesh(view: View, [west, south, east, north]: readonly [number, number, number, number]): { rows: Float32Array; wide: number; tall: number } {
  const n = view.plane === MERCATOR ? 1 : CELLS;
  const [top, bottom] = [MERCATOR.y(north, 0), MERCATOR.y(south, 0)];
  const at: [number, number][] = [];
  for (let j = 0; j <= n; j++) {
    const lat = MERCATOR.lat(0, top + ((bottom - top) * j) / n);
    for (let i = 0; i <= n; i++) at.push(screenOf(view, lat, west + ((east - west) * i) / n));
  }
  const corner = (i: number, j: number): number[] => {
    const [x, y] = at[j * (n + 1) + i]!;
    return [(2 * x) / view.width - 1, 1 - (2 * y) / view.height, i / n, j / n];
  };
  const rows: number[] = [];
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) for (const [di, dj] of [[0, 0], [1, 0], [0, 1], [1, 0], [1, 1], [0, 1]] as const) rows.push(...corner(i + di, j + dj));
  const [a, b, c] = [at[0]!, at[n]!, at[n * (n + 1)]!];
  return { rows: Float32Array.from(rows), wide: Math.hypot(b[0] - a[0], b[1] - a[1]), tall: Math.hypot(c[0] - a[0], c[1] - a[1]) };
}
