// What lies still beneath the tracks: country names, airports, sensors with their rings, a scale. Redrawn when the view moves.

import countryLabels from "../build/labels.json";
import { sized } from "./canvas";
import type { Hole } from "./coverage";
import { duration } from "./format";
import { lang, t } from "./i18n";
import { pixelsPerMetre, ring, screenOf, zoomOf, type View } from "./plane";
import type { Sensor } from "./store";
import { faded, FONT, palette } from "./theme";

/** [code, name, latitude, longitude, rank]: src/tenere/serve/places.py. */
export type Airport = [string, string, number, number, number];

type Box = [number, number, number, number];

/** What a sensor is drawn in: quiet while it works. */
const stateColour = (state: Sensor["state"]): string => (state === "ok" ? palette().map.ring : state === "never heard" ? palette().map.name_small : palette().page.amber);
const HOLES_MARKED = 9;
const SCALES_NM = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

export class Ground {
  airports: Airport[] = [];
  private rings = new Map<string, Float64Array>();
  private names: Intl.DisplayNames | undefined;
  private namesLang = "";

  constructor(readonly canvas: HTMLCanvasElement) {}

  /** holes: the largest, of the coverage layer where it is on. */
  draw(view: View, sensors: readonly Sensor[], ahead_s: number, holes: readonly Hole[]): void {
    const g = sized(this.canvas, view.width, view.height);
    const taken: Box[] = [];
    for (const sensor of sensors) this.ring(g, view, sensor);
    this.airportMarks(g, view, taken);
    for (const sensor of sensors) this.sensor(g, view, sensor, taken);
    for (const hole of holes.slice(0, HOLES_MARKED)) this.hole(g, view, hole, taken);
    this.countries(g, view, taken);
    this.scale(g, view, ahead_s);
  }

  private ring(g: CanvasRenderingContext2D, view: View, sensor: Sensor): void {
    if (sensor.lat === null || sensor.lon === null || !sensor.range_m) return;
    const key = `${sensor.lat},${sensor.lon},${sensor.range_m}`;
    const points = this.rings.get(key) ?? ring(sensor.lat, sensor.lon, sensor.range_m);
    this.rings.set(key, points);
    g.beginPath();
    for (let i = 0; i < points.length; i += 2) g.lineTo(...screenOf(view, points[i]!, points[i + 1]!));
    g.closePath();
    const well = sensor.state === "ok";
    g.strokeStyle = faded(well ? palette().map.ring : palette().page.amber, well ? 0.34 : 0.5);
    g.lineWidth = 1;
    g.setLineDash(well ? (sensor.kind === "radar" ? [] : [2, 5]) : [7, 6]);
    g.stroke();
    g.setLineDash([]);
  }

  private sensor(g: CanvasRenderingContext2D, view: View, sensor: Sensor, taken: Box[]): void {
    if (sensor.lat === null || sensor.lon === null) return;
    const [x, y] = screenOf(view, sensor.lat, sensor.lon);
    if (!onScreen(view, x, y)) return;
    const colour = stateColour(sensor.state);
    g.strokeStyle = colour;
    g.fillStyle = palette().halo;
    g.lineWidth = 1.25;
    g.beginPath();
    if (sensor.kind === "radar") {
      for (const [dx, dy] of [[0, -5], [5, 4], [-5, 4]] as const) g.lineTo(x + dx, y + dy);
      g.closePath();
    } else g.rect(x - 3.5, y - 3.5, 7, 7);
    g.fill();
    g.stroke();
    taken.push([x - 7, y - 7, x + 7, y + 7]);
    if (view.scale < 512 * 2 ** 5.8 && sensor.state === "ok") return;
    const text = sensor.state === "ok" ? sensor.id : `${sensor.id} · ${t(`sensor.${sensor.state}`)}`;
    write(g, text, x, y, taken, { size: 10.5, colour: sensor.state === "ok" ? palette().map.sensor : colour, places: [[0, 18], [0, -10]] });
  }

  private hole(g: CanvasRenderingContext2D, view: View, hole: Hole, taken: Box[]): void {
    const [x, y] = screenOf(view, hole.lat, hole.lon);
    if (!onScreen(view, x, y)) return;
    g.fillStyle = faded(palette().halo, 0.8);
    g.strokeStyle = palette().map.seen;
    g.lineWidth = 1;
    g.beginPath();
    g.arc(x, y, 8, 0, 2 * Math.PI);
    g.fill();
    g.stroke();
    g.font = `600 10px ${FONT}`;
    g.textAlign = "center";
    g.fillStyle = palette().map.hole;
    g.fillText(String(hole.rank), x, y + 3.5);
    taken.push([x - 9, y - 9, x + 9, y + 9]);
  }

  private airportMarks(g: CanvasRenderingContext2D, view: View, taken: Box[]): void {
    const zoom = zoomOf(view);
    const rankMax = zoom < 3.6 ? 0 : zoom < 6.2 ? 1 : zoom < 7 ? 2 : 3;
    for (const [code, name, lat, lon, rank] of this.airports) {
      if (rank > rankMax) continue;
      const [x, y] = screenOf(view, lat, lon);
      if (!onScreen(view, x, y)) continue;
      g.strokeStyle = palette().map.airport;
      g.lineWidth = 1;
      g.beginPath();
      g.arc(x, y, 2.4, 0, 2 * Math.PI);
      g.stroke();
      const style = { size: rank === 1 ? 11.5 : 10.5, colour: rank === 1 ? palette().map.name : palette().map.name_small, places: SIDES };
      write(g, zoom > 8.5 ? `${name} ${code}` : name, x, y, taken, style);
    }
  }

  private countries(g: CanvasRenderingContext2D, view: View, taken: Box[]): void {
    if (this.namesLang !== lang()) {
      this.namesLang = lang();
      this.names = new Intl.DisplayNames([this.namesLang, "en"], { type: "region" });
    }
    for (const [code, english, lon, lat, width] of countryLabels as [string, string, number, number, number][]) {
      if ((width / 360) * view.scale < 70) continue;
      const [x, y] = screenOf(view, lat, lon);
      if (!onScreen(view, x, y)) continue;
      const name = ((code && this.names?.of(code)) || english).toLocaleUpperCase(lang());
      write(g, name, x, y, taken, { size: 12, colour: palette().map.country, places: [[0, 0], [0, 24], [0, -24]], spacing: "3px" });
    }
  }

  private scale(g: CanvasRenderingContext2D, view: View, ahead_s: number): void {
    const pixelsPerNm = 1852 * pixelsPerMetre(view);
    const nm = SCALES_NM.findLast((s) => s * pixelsPerNm < 160) ?? 1;
    const [x, y, w] = [16, view.height - 18, nm * pixelsPerNm];
    g.strokeStyle = palette().map.scale;
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(x + 0.5, y - 4);
    g.lineTo(x + 0.5, y + 0.5);
    g.lineTo(x + w + 0.5, y + 0.5);
    g.lineTo(x + w + 0.5, y - 4);
    g.stroke();
    g.font = `11px ${FONT}`;
    g.textAlign = "left";
    g.fillStyle = palette().map.scale_text;
    g.fillText(`${nm} NM`, x + w + 8, y + 3);
    const vector = `${t("map.vector")} ${duration(ahead_s)}`;
    const from = x + w + 8 + g.measureText(`${nm} NM`).width + 20;
    g.fillText(vector, from + 30, y + 3);
    g.strokeStyle = faded(palette().bright, 0.8);
    g.beginPath();
    g.moveTo(from, y - 0.5);
    g.lineTo(from + 24, y - 0.5);
    g.stroke();
  }
}

const SIDES: [number, number][] = [[1, 4], [-1, 4], [0, -10], [0, 19]];

const onScreen = (view: View, x: number, y: number): boolean => x > -40 && y > -20 && x < view.width + 40 && y < view.height + 20;

interface Style {
  size: number;
  colour: string;
  /** Offsets to try: x of ±1 puts the text right or left of the mark. */
  places: [number, number][];
  spacing?: string;
}

/** Write text at the first of its places that is free; nowhere if none is. */
function write(g: CanvasRenderingContext2D, text: string, atX: number, atY: number, taken: Box[], style: Style): void {
  g.font = `${style.size}px ${FONT}`;
  g.letterSpacing = style.spacing ?? "0px";
  const width = g.measureText(text).width;
  for (const [side, dy] of style.places) {
    const x = side === 0 ? atX - width / 2 : side > 0 ? atX + 9 : atX - 9 - width;
    const box: Box = [x - 2, atY + dy - style.size, x + width + 2, atY + dy + 3];
    if (taken.some((b) => box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3])) continue;
    taken.push(box);
    g.textAlign = "left";
    g.fillStyle = style.colour;
    g.fillText(text, x, atY + dy);
    break;
  }
  g.letterSpacing = "0px";
}
