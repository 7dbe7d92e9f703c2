// Range rings and bearing lines about a track, a sensor or a place.

import { destination } from "../geodesic";
import type { Layer } from "../layers";
import { ring, screenOf, type View } from "../plane";
import type { Tool } from "../scene";
import type { Store } from "../store";
import { bearingText } from "./coords";
import { INK } from "./ink";
import { along, haloed, trace } from "./lines";

/** About what: a track, by its number; or a place. */
export type Origin = { track: number } | { lat: number; lon: number; name: string };

export const SPACINGS_NM = [5, 10, 20, 25, 50, 100] as const;
export const COUNTS = [1, 2, 3, 4, 5, 6, 8, 10] as const;
const RADIAL_DEG = 30;
/** CSS pixels between rings from which on each is named; of the whole from which on bearings are. */
const LABEL_ROOM_PX = 20;
const RADIAL_ROOM_PX = 110;

const sub = ([ax, ay]: [number, number], [bx, by]: [number, number]): [number, number] => [ax - bx, ay - by];

export class Rings implements Layer, Tool {
  readonly id = "rings";
  readonly name = "map.rings" as const;
  readonly on = true;
  readonly place = "over";
  origin: Origin | undefined;
  spacing_nm = 25;
  count = 4;
  radials = true;
  /** One more line, degrees from true north. */
  bearing: number | undefined;
  private made = "";
  private lines: { places: Float64Array; closed: boolean; strong: boolean }[] = [];
  private words: { lat: number; lon: number; text: string; kind: "ring" | "outermost" | "radial" | "line" }[] = [];

  constructor(
    private readonly store: Store,
    private readonly changed: () => void,
    private readonly picked: () => void,
  ) {}

  get busy(): boolean {
    return this.origin !== undefined;
  }

  /** As a tool: the next click is the middle. */
  click(lat: number, lon: number): void {
    this.origin = { lat, lon, name: "" };
    this.changed();
    this.picked();
  }

  end(): void {
    this.picked();
  }

  /** Where the middle is now; undefined where its track is gone or not on the map. */
  middle(): [number, number] | undefined {
    if (!this.origin) return undefined;
    if ("lat" in this.origin) return [this.origin.lat, this.origin.lon];
    const row = this.store.rows.get(this.origin.track);
    const { tracks } = this.store;
    if (row === undefined || !tracks || Number.isNaN(tracks.lat_deg[row]!)) return undefined;
    return [tracks.lat_deg[row]!, tracks.lon_deg[row]!];
  }

  draw(g: CanvasRenderingContext2D, view: View): void {
    const middle = this.middle();
    if (!middle) return;
    this.lay(...middle);
    g.lineWidth = 1;
    for (const { places, closed, strong } of this.lines) {
      g.strokeStyle = strong ? INK.tool : INK.toolFaint;
      trace(g, view, places, closed);
    }
    const [mx, my] = screenOf(view, ...middle);
    const far = Math.max(...this.words.map((w) => Math.hypot(...sub(screenOf(view, w.lat, w.lon), [mx, my]))));
    const room = far / this.count > LABEL_ROOM_PX;
    for (const { lat, lon, text, kind } of this.words) {
      if ((kind === "radial" && far < RADIAL_ROOM_PX) || (kind === "ring" && !room)) continue;
      const [x, y] = screenOf(view, lat, lon);
      if (x > 0 && y > 0 && x < view.width && y < view.height) haloed(g, text, x, y - 3, "center");
    }
  }

  /** Make the lines, where anything has changed since. */
  private lay(lat: number, lon: number): void {
    const asked = [lat, lon, this.spacing_nm, this.count, this.radials, this.bearing].join();
    if (asked === this.made) return;
    this.made = asked;
    this.lines = [];
    this.words = [];
    const far = this.count * this.spacing_nm * 1852;
    for (let k = 1; k <= this.count; k++) {
      const metres = k * this.spacing_nm * 1852;
      this.lines.push({ places: ring(lat, lon, metres, 120), closed: true, strong: false });
      const [at, on] = destination(lat, lon, metres, 0);
      this.words.push({ lat: at, lon: on, text: `${k * this.spacing_nm}${k === this.count ? " NM" : ""}`, kind: k === this.count ? "outermost" : "ring" });
    }
    for (let b = 0; this.radials && b < 360; b += RADIAL_DEG) {
      const end = destination(lat, lon, far, b);
      this.lines.push({ places: along(...destination(lat, lon, this.spacing_nm * 1852, b), ...end), closed: false, strong: false });
      if (b) this.words.push({ lat: end[0], lon: end[1], text: bearingText(b), kind: "radial" });
    }
    if (this.bearing === undefined) return;
    const end = destination(lat, lon, far * 1.08, this.bearing);
    this.lines.push({ places: along(lat, lon, ...end), closed: false, strong: true });
    this.words.push({ lat: end[0], lon: end[1], text: bearingText(this.bearing), kind: "line" });
  }
}
