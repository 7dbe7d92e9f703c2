// Measuring: click, click; or Enter twice with the crosshair amid the view.

import { duration } from "../format";
import { between, type Line } from "../geodesic";
import { t } from "../i18n";
import type { Layer } from "../layers";
import { screenOf, type View } from "../plane";
import type { Tool } from "../scene";
import type { Store } from "../store";
import { bearingText, nm } from "./coords";
import { INK } from "./ink";
import { along, haloed, trace } from "./lines";

type Place = [number, number];

export class Measure implements Tool, Layer {
  readonly id = "measure";
  readonly name = "map.measure" as const;
  readonly on = true;
  readonly place = "over";
  private from: Place | undefined;
  private to: Place | undefined;
  private fixed = false;
  private line: Float64Array | undefined;

  /** changed: something new is to be drawn; said: a measurement stands, in words ("": none). */
  constructor(
    private readonly store: Store,
    private readonly changed: () => void,
    private readonly said: (text: string) => void,
    private readonly ended: () => void,
  ) {}

  get busy(): boolean {
    return this.from !== undefined;
  }

  click(lat: number, lon: number): void {
    if (!this.from || this.fixed) {
      this.from = [lat, lon];
      this.to = undefined;
      this.fixed = false;
    } else {
      this.to = [lat, lon];
      this.fixed = true;
    }
    this.lay();
    this.said(this.fixed ? this.text() : t("map.measure.next"));
  }

  move(lat: number, lon: number): void {
    if (!this.from || this.fixed) return;
    this.to = [lat, lon];
    this.lay();
  }

  end(): void {
    this.from = this.to = this.line = undefined;
    this.fixed = false;
    this.said("");
    this.changed();
    this.ended();
  }

  /** What is measured now. */
  get measured(): Line | undefined {
    return this.from && this.to && between(...this.from, ...this.to);
  }

  draw(g: CanvasRenderingContext2D, view: View): void {
    if (!this.from) return;
    g.strokeStyle = INK.tool;
    g.fillStyle = INK.tool;
    g.lineWidth = 1.5;
    if (this.line) trace(g, view, this.line);
    for (const place of [this.from, this.to]) {
      if (!place) continue;
      const [x, y] = screenOf(view, ...place);
      g.beginPath();
      g.arc(x, y, 3, 0, 2 * Math.PI);
      g.fill();
    }
    if (!this.to) return;
    const [x, y] = screenOf(view, ...this.to);
    this.text()
      .split(" · ")
      .forEach((line, i) => haloed(g, line, x + 12, y + 4 + 15 * i));
  }

  private lay(): void {
    this.line = this.from && this.to ? along(...this.from, ...this.to) : undefined;
    this.changed();
  }

  /** "123 NM, 228 km · 045° / 225° · 16 min at 450 kt". */
  private text(): string {
    const found = this.measured;
    if (!found) return "";
    const km = found.metres / 1000;
    const parts = [`${nm(found.metres)}, ${km < 100 ? km.toFixed(1) : Math.round(km)} km`, `${bearingText(found.bearing)} / ${bearingText(found.back)}`];
    const row = this.store.selected === undefined ? undefined : this.store.rows.get(this.store.selected);
    const knots = row === undefined ? NaN : (this.store.tracks?.speed_kt[row] ?? NaN);
    if (row !== undefined && knots > 5) parts.push(t("map.measure.time", duration((found.metres / 1852 / knots) * 3600), Math.round(knots), this.store.nameOf(row)));
    return parts.join(" · ");
  }
}
