// Painting gathered volumes on a canvas, on the page or beside it. What the page draws and what the painter's thread draws is this.

import { screenX, screenY, type View } from "../plane";
import { trace, type Bare, type Built, type Frame } from "./drawn";
import { DIM, INACTIVE, LOOKS } from "./looks";
import type { Kind } from "./volume";

/** Beyond so many points no dash, no width and no filling can be told apart: plain lines, which are painted much sooner. */
export const CROWD_POINTS = 30_000;

type Canvas = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export function paint(g: Canvas, view: Frame, built: Built, active: ArrayLike<boolean | number>, palette: Record<Kind, string>): void {
  const k = view.scale / built.scale;
  const crowd = built.points > CROWD_POINTS;
  g.save();
  if (!crowd) for (const l of built.buffered) if (active[l.row]) buffer(g, view, l, palette[l.volume.kind]);
  g.transform(k * view.cos, -k * view.sin, k * view.sin, k * view.cos, screenX(view as View, built.x, built.y), screenY(view as View, built.x, built.y));
  g.lineJoin = crowd ? "miter" : "round";
  for (const { kind, active: on, paths } of built.groups) {
    const look = on ? LOOKS[kind] : INACTIVE;
    g.strokeStyle = g.fillStyle = palette[kind];
    if (on && look.fill && !crowd) {
      g.globalAlpha = look.fill;
      for (const path of paths) g.fill(path, "evenodd");
    }
    g.globalAlpha = on ? 0.95 : crowd ? DIM / 2 : DIM;
    g.lineWidth = (crowd ? 1 : look.width) / k;
    g.setLineDash(crowd ? [] : look.dash.map((d) => d / k));
    for (const path of paths) g.stroke(path);
  }
  g.restore();
}

/** A buffer as a pale band along the outline, as wide as it is. */
function buffer(g: Canvas, view: Frame, l: Bare, colour: string): void {
  const wide = 2 * l.buffer * view.scale;
  if (wide < 3) return;
  g.globalAlpha = 0.13;
  g.strokeStyle = colour;
  g.lineJoin = "round";
  g.lineWidth = wide;
  outline(g, view, l);
  g.stroke();
}

/** The path of one volume. */
export function outline(g: Canvas, view: Frame, l: Bare): void {
  g.beginPath();
  g.save();
  g.transform(view.cos, -view.sin, view.sin, view.cos, view.width / 2, view.height / 2);
  for (const ring of l.rings) trace(g, ring, view.x, view.y, view.scale);
  g.restore();
}
