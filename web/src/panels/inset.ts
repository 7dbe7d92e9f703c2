// One small plane for each sensor whose position nobody gave: its tracks are shown there, never on the map.

import { sized } from "../canvas";
import { h, put } from "../dom";
import { level } from "../format";
import { t } from "../i18n";
import type { Sensor, Store } from "../store";
import { faded, FONT, IDENTITY_COLOURS, onTheme, palette } from "../theme";
import { TrackFlag } from "../wire";

const SIZE = 250;
const SHOWN_MAX = 3;
const NAMED_MAX = 25;
const CROWD = 200;
const STEPS_NM = [2, 5, 10, 20, 50, 100, 200, 300];

interface Point {
  row: number;
  x: number;
  y: number;
}

export class Insets {
  private made = new Map<string, { box: HTMLElement; title: HTMLElement; canvas: HTMLCanvasElement; points: Point[]; range: number }>();

  constructor(
    private readonly element: HTMLElement,
    private readonly store: Store,
    private readonly select: (track: number) => void,
  ) {
    const draw = (): void => this.draw(); // one and the same, so that a picture and its status draw it once
    for (const topic of ["frame", "status", "selection", "language"] as const) store.on(topic, draw);
    onTheme(() => this.draw());
  }

  private draw(): void {
    const unplaced = (this.store.standing?.sensors ?? []).filter((s) => !s.placed && s.frame > 0);
    const points = this.points();
    const busy = unplaced.filter((s) => points.has(s.frame)).slice(0, SHOWN_MAX);
    const wanted = busy.map((s) => s.id);
    for (const id of this.made.keys()) if (!wanted.includes(id)) this.made.delete(id);
    const boxes = busy.map((s) => {
      const inset = this.made.get(s.id) ?? this.make(s);
      inset.points = points.get(s.frame) ?? [];
      this.paint(s, inset);
      return inset.box;
    });
    if (boxes.length !== this.element.childElementCount || boxes.some((b, i) => this.element.children[i] !== b)) put(this.element, ...boxes);
  }

  /** The tracks of each local plane. */
  private points(): Map<number, Point[]> {
    const out = new Map<number, Point[]>();
    const { tracks, local } = this.store;
    for (let i = 0; tracks && local && i < local.rows; i++) {
      const row = local.row[i]!;
      const frame = tracks.frame[row]!;
      const list = out.get(frame) ?? [];
      list.push({ row, x: local.x_nm[i]!, y: local.y_nm[i]! });
      out.set(frame, list);
    }
    return out;
  }

  private make(sensor: Sensor) {
    const canvas = document.createElement("canvas");
    const title = h("div.title");
    const inset = { box: h("div.inset", {}, title, canvas), title, canvas, points: [] as Point[], range: 0 };
    canvas.addEventListener("click", (event) => {
      const scale = SIZE / 2 / inset.range;
      const near = inset.points
        .map((p) => ({ p, d: Math.hypot(SIZE / 2 + p.x * scale - event.offsetX, SIZE / 2 - p.y * scale - event.offsetY) }))
        .sort((a, b) => a.d - b.d)[0];
      const number = near && near.d < 14 ? this.store.tracks?.number[near.p.row] : undefined;
      if (number !== undefined) this.select(number);
    });
    this.made.set(sensor.id, inset);
    return inset;
  }

  private paint(sensor: Sensor, inset: { title: HTMLElement; canvas: HTMLCanvasElement; points: Point[]; range: number }): void {
    const { tracks } = this.store;
    if (!tracks) return;
    put(inset.title, t("inset.unplaced", sensor.name || sensor.id));
    inset.title.title = t("inset.note");
    const far = Math.max(4, sensor.range_m ? sensor.range_m / 1852 : 0, ...inset.points.slice(0, 2000).map((p) => Math.hypot(p.x, p.y)));
    inset.range = far * 1.08;
    const g = sized(inset.canvas, SIZE, SIZE);
    const [middle, scale] = [SIZE / 2, SIZE / 2 / inset.range];
    const step = STEPS_NM.find((s) => inset.range / s <= 4.5) ?? 500;
    g.font = `10px ${FONT}`;
    g.textAlign = "center";
    for (let r = step; r <= inset.range; r += step) {
      g.beginPath();
      g.arc(middle, middle, r * scale, 0, 2 * Math.PI);
      g.strokeStyle = faded(palette().map.ring, 0.4);
      g.stroke();
      g.fillStyle = palette().map.name_small;
      g.fillText(String(r), middle, middle - r * scale + 10);
    }
    g.strokeStyle = palette().map.sensor;
    g.strokeRect(middle - 2.5, middle - 2.5, 5, 5);
    g.textAlign = "left";
    const named = inset.points.length <= NAMED_MAX;
    const crowd = inset.points.length > CROWD; // squares cost a third of circles
    const vectors = new Path2D(); // one path of all of them costs a tenth of one each
    const dots = new Map<string, Path2D>();
    for (const { row, x, y } of inset.points) {
      const [px, py] = [middle + x * scale, middle - y * scale];
      const selected = tracks.number[row] === this.store.selected;
      const sure = Boolean(tracks.flags[row]! & TrackFlag.CONFIRMED);
      const ahead = ((tracks.speed_kt[row]! || 0) / 60) * scale;
      const course = ((tracks.course_deg[row]! || 0) * Math.PI) / 180;
      if (sure) {
        vectors.moveTo(px, py);
        vectors.lineTo(px + ahead * Math.sin(course), py - ahead * Math.cos(course));
      }
      const colour = IDENTITY_COLOURS[tracks.identity[row]!] ?? palette().bright;
      const path = dots.get(colour) ?? new Path2D();
      dots.set(colour, path);
      const radius = sure ? (selected ? 4.5 : 3) : 1.2;
      if (crowd) path.rect(px - radius, py - radius, 2 * radius, 2 * radius);
      else {
        path.moveTo(px + radius, py);
        path.arc(px, py, radius, 0, 2 * Math.PI);
      }
      g.fillStyle = colour;
      if (sure && (named || selected)) g.fillText(`${this.store.nameOf(row)} ${level(tracks.level_ft[row]!)}`, px + 6, py - 4);
    }
    g.strokeStyle = faded(palette().bright, 0.75);
    g.stroke(vectors);
    for (const [colour, path] of dots) {
      g.fillStyle = colour;
      g.fill(path);
    }
  }
}
