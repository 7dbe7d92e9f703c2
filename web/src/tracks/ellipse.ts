// How sure the place of the selected track is: the ellipse in which it is 86 times of 100, two sigma, as the server tells it.

import type { Layer } from "../layers";
import { placeFrom, screenOf, type View } from "../plane";
import { palette } from "../theme";

const SIGMAS = 2;
const POINTS = 64;
const REFRESH_MS = 2000;
const RAD = Math.PI / 180;

/** At one sigma; the bearing is of the larger axis. */
export interface Ellipse {
  readonly major_m: number;
  readonly minor_m: number;
  readonly bearing_deg: number;
}

/** Latitudes and longitudes along an ellipse around a place: lat, lon, lat, lon … */
export function outline(lat: number, lon: number, e: Ellipse, sigmas = SIGMAS, points = POINTS): Float64Array {
  const out = new Float64Array(2 * points);
  for (let i = 0; i < points; i++) {
    const angle = (2 * Math.PI * i) / points;
    const [along, across] = [sigmas * e.major_m * Math.cos(angle), sigmas * e.minor_m * Math.sin(angle)];
    out.set(placeFrom(lat, lon, Math.hypot(along, across), e.bearing_deg + Math.atan2(across, along) / RAD), 2 * i);
  }
  return out;
}

export class EllipseLayer implements Layer {
  readonly id = "ellipse";
  readonly name = "layer.ellipse";
  readonly on = true;
  readonly place = "over";
  /** Half the larger axis as drawn, CSS px; 0: nothing is drawn. */
  drawn_px = 0;
  private held: { track: number; ellipse: Ellipse } | undefined;
  private asking = false;

  constructor(
    private readonly selected: () => number | undefined,
    private readonly where: (track: number, view: View) => [number, number] | undefined,
    private readonly shown: () => boolean,
    private readonly changed: () => void,
  ) {
    setInterval(() => void this.ask(), REFRESH_MS);
  }

  /** There is something to draw. */
  get busy(): boolean {
    return this.held !== undefined && this.held.track === this.selected();
  }

  /** Ask anew how sure the place is. */
  async ask(): Promise<void> {
    const track = this.selected();
    if (track !== this.held?.track) {
      this.held = undefined;
      this.drawn_px = 0;
    }
    if (track === undefined || this.asking || !this.shown()) return;
    this.asking = true;
    try {
      const answer = await fetch(`/api/tracks/${track}`);
      const told = answer.ok ? ((await answer.json()) as { ellipse?: Ellipse | null }) : {};
      if (this.selected() === track) this.held = told.ellipse ? { track, ellipse: told.ellipse } : undefined;
    } catch {
      // the banner already says that the server does not answer
    } finally {
      this.asking = false;
    }
    if (this.selected() !== track) void this.ask();
    this.changed();
  }

  draw(g: CanvasRenderingContext2D, view: View): void {
    this.drawn_px = 0;
    if (!this.held || !this.busy) return;
    const at = this.where(this.held.track, view);
    if (!at) return;
    const line = outline(...at, this.held.ellipse);
    const [x, y] = screenOf(view, ...at);
    g.beginPath();
    for (let i = 0; i < line.length; i += 2) {
      const [px, py] = screenOf(view, line[i]!, line[i + 1]!);
      g.lineTo(px, py);
      this.drawn_px = Math.max(this.drawn_px, Math.hypot(px - x, py - y));
    }
    g.closePath();
    g.strokeStyle = palette().halo;
    g.lineWidth = 3;
    g.globalAlpha = 0.6;
    g.stroke();
    g.strokeStyle = palette().ellipse;
    g.lineWidth = 1.2;
    g.globalAlpha = 0.9;
    g.setLineDash([5, 3]);
    g.stroke();
    g.globalAlpha = 0.08;
    g.fillStyle = palette().ellipse;
    g.fill();
  }
}
