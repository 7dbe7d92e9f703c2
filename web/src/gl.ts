// The few WebGL2 calls that every layer repeats.

import type { View } from "./plane";

export function program(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const made = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) throw new Error("no shader can be made");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) throw new Error(gl.getShaderInfoLog(shader) ?? "a shader does not compile");
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(made) ?? "a program does not link");
  return made;
}

/** Where each uniform of a program is, looked up once. */
export function uniforms(gl: WebGL2RenderingContext, of: WebGLProgram): (name: string) => WebGLUniformLocation | null {
  const known = new Map<string, WebGLUniformLocation | null>();
  return (name) => {
    let at = known.get(name);
    if (at === undefined) {
      at = gl.getUniformLocation(of, name);
      known.set(name, at);
    }
    return at;
  };
}

/** An attribute's layout in its buffer. */
export interface Attribute {
  location: number;
  size: number;
  type: "float" | "bytes" | "shorts";
  stride: number;
  offset: number;
  perInstance: boolean;
}

export function attach(gl: WebGL2RenderingContext, buffer: WebGLBuffer, attributes: Attribute[]): void {
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  for (const a of attributes) {
    gl.enableVertexAttribArray(a.location);
    if (a.type === "float") gl.vertexAttribPointer(a.location, a.size, gl.FLOAT, false, a.stride, a.offset);
    else gl.vertexAttribIPointer(a.location, a.size, a.type === "bytes" ? gl.UNSIGNED_BYTE : gl.UNSIGNED_SHORT, a.stride, a.offset);
    gl.vertexAttribDivisor(a.location, a.perInstance ? 1 : 0);
  }
}

/** Fit a layer's canvas to the view and clear it; returns how many of its pixels are one of the page. */
export function cleared(gl: WebGL2RenderingContext, canvas: HTMLCanvasElement, view: View): number {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  gl.viewport(0, 0, width, height);
  gl.clearColor(0, 0, 0, 0);
  gl.clear(gl.COLOR_BUFFER_BIT);
  return ratio;
}
