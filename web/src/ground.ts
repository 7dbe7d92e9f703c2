// What lies still beneath the tracks: names, airports, sensors with their rings, a scale. Redrawn when the view moves.

import { sized } from "./canvas";
import type { Hole } from "./coverage";
import { switched, type Layers } from "./layers";
import { Names, type Airport } from "./map/names";
import { drawScale } from "./map/scale";
import { onScreen, Taken, write } from "./map/write";
import { t } from "./i18n";
import { inPlane, ring, screenOf, screenX, screenY, type View } from "./plane";
import type { Sensor } from "./store";
import { faded, FONT, palette } from "./theme";

export type { Airport } from "./map/names";

/** What a sensor is drawn in: quiet while it works. */
const stateColour = (state: Sensor["state"]): string => (state === "ok" ? palette().map.ring : state === "never heard" ? palette().map.name_small : palette().page.amber);
const HOLES_MARKED = 9;

export class Ground {
  private readonly rings = new Map<string, Float64Array>();
  private readonly names: Names;

  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly layers: Layers,
  ) {
    this.names = new Names(() => layers.changed());
    layers.add(switched("countries", "layer.countries"), switched("towns", "layer.towns"), switched("airports", "layer.airports"), switched("sensors", "layer.sensors"));
    void this.names.load();
  }

  setAirports(airports: Airport[]): void {
    this.names.setAirports(airports);
  }

  /** holes: the largest, of the coverage layer where it is on. */
  draw(view: View, sensors: readonly Sensor[], ahead_s: number, holes: readonly Hole[]): void {
    const g = sized(this.canvas, view.width, view.height);
    const { layers, names } = this;
    const taken = new Taken();
    const shown = layers.isOn("sensors") ? sensors : [];
    for (const sensor of shown) this.ring(g, view, sensor);
    if (layers.isOn("airports")) names.drawAirports(g, view, taken);
    for (const sensor of shown) this.sensor(g, view, sensor, taken);
    for (const hole of holes.slice(0, HOLES_MARKED)) this.hole(g, view, hole, taken);
    if (layers.isOn("countries")) names.drawCountries(g, view, taken);
    if (layers.isOn("towns")) names.drawTowns(g, view, taken, layers.isOn("airports"));
    drawScale(g, view, ahead_s);
  }

  private ring(g: CanvasRenderingContext2D, view: View, sensor: Sensor): void {
    if (sensor.lat === null || sensor.lon === null || !sensor.range_m) return;
    const key = `${sensor.lat},${sensor.lon},${sensor.range_m}`;
    const points = this.rings.get(key) ?? ring(sensor.lat, sensor.lon, sensor.range_m);
    this.rings.set(key, points);
    g.beginPath();
    const at = inPlane(points, view.plane);
    for (let i = 0; i < at.length; i += 2) g.lineTo(screenX(view, at[i]!, at[i + 1]!), screenY(view, at[i]!, at[i + 1]!));
    g.closePath();
    const well = sensor.state === "ok";
    g.strokeStyle = faded(well ? palette().map.ring : palette().page.amber, well ? 0.34 : 0.5);
    g.lineWidth = 1;
    g.setLineDash(well ? (sensor.kind === "radar" ? [] : [2, 5]) : [7, 6]);
    g.stroke();
    g.setLineDash([]);
  }

  private sensor(g: CanvasRenderingContext2D, view: View, sensor: Sensor, taken: Taken): void {
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
    taken.add([x - 7, y - 7, x + 7, y + 7]);
    if (view.scale < 512 * 2 ** 5.8 && sensor.state === "ok") return;
    const text = sensor.state === "ok" ? sensor.id : `${sensor.id} · ${t(`sensor.${sensor.state}`)}`;
    write(g, text, x, y, taken, { size: 10.5, colour: sensor.state === "ok" ? palette().map.sensor : colour, places: [[0, 18], [0, -10]] });
  }

  private hole(g: CanvasRenderingContext2D, view: View, hole: Hole, taken: Taken): void {
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
    taken.add([x - 9, y - 9, x + 9, y + 9]);
  }
}
