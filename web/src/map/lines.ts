// Lines and texts that tools draw over the map, in any plane.

import { between, destination } from "../geodesic";
import { inPlane, screenX, screenY, type View } from "../plane";
import { FONT } from "../theme";
import { INK } from "./ink";

const STEP_M = 40_000;
const STEPS_MAX = 96;

/** Places along the geodesic between two. */
export function along(lat1: number, lon1: number, lat2: number, lon2: number): Float64Array {
  const { metres, bearing } = between(lat1, lon1, lat2, lon2);
  const n = Math.min(STEPS_MAX, Math.max(1, Math.ceil(metres / STEP_M)));
  const out = new Float64Array(2 * n + 2);
  for (let i = 0; i <= n; i++) out.set(i === 0 ? [lat1, lon1] : i === n ? [lat2, lon2] : destination(lat1, lon1, (metres * i) / n, bearing), 2 * i);
  return out;
}

/** Draw a line of places; where it jumps over the map's edge it is broken. */
export function trace(g: CanvasRenderingContext2D, view: View, places: Float64Array, closed = false): void {
  const at = inPlane(places, view.plane);
  g.beginPath();
  for (let i = 0; i <= at.length - (closed ? 0 : 2); i += 2) {
    const k = i % at.length;
    const jumps = i > 0 && view.plane.id === "mercator" && Math.abs(at[k]! - at[i - 2]!) > 0.5;
    const [x, y] = [screenX(view, at[k]!, at[k + 1]!), screenY(view, at[k]!, at[k + 1]!)];
    if (i === 0 || jumps) g.moveTo(x, y);
    else g.lineTo(x, y);
  }
  g.stroke();
}

/** Text with a dark rim, its middle (or left) at a point. */
export function haloed(g: CanvasRenderingContext2D, text: string, x: number, y: number, align: CanvasTextAlign = "left", colour: string = INK.tool): void {
  g.font = `600 11.5px ${FONT}`;
  g.textAlign = align;
  g.lineJoin = "round";
  g.strokeStyle = INK.halo;
  g.lineWidth = 3.5;
  g.strokeText(text, x, y);
  g.fillStyle = colour;
  g.fillText(text, x, y);
}
