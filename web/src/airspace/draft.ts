// A shape while it is drawn or changed: its corners, and what each step does to them.

import { dense, distance_m, rings } from "./outline";
import { anticlockwise } from "./check";
import type { Place, Shape } from "./volume";

export type DraftType = Shape["type"];

export class Draft {
  points: Place[] = [];
  radius_m = 0;
  width_m = 18_520;
  /** No more corners are set by clicking; those there are can be dragged. */
  complete = false;
  /** The corner that was taken last, for Backspace. */
  taken = -1;
  /** Holes of an outline that is changed: they stay as they are. */
  holes: readonly (readonly Place[])[] = [];
  private readonly listeners: (() => void)[] = [];

  constructor(readonly type: DraftType) {}

  static of(shape: Shape): Draft {
    const made = new Draft(shape.type);
    if (shape.type === "circle") {
      made.points = [[shape.lat_deg, shape.lon_deg]];
      made.radius_m = shape.radius_m;
    } else if (shape.type === "corridor") {
      made.points = [...shape.line];
      made.width_m = shape.width_m;
    } else {
      made.points = [...shape.ring];
      made.holes = shape.holes ?? [];
    }
    made.complete = true;
    return made;
  }

  on(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Set a corner; of a circle first its centre, then a place on it. */
  add(place: Place): void {
    if (this.complete) return;
    const at = settled(place);
    if (this.type === "circle" && this.points.length) {
      this.radius_m = Math.round(distance_m(this.points[0]!, at));
      this.complete = true;
    } else {
      const last = this.points[this.points.length - 1];
      if (last && last[0] === at[0] && last[1] === at[1]) return;
      this.points.push(at);
    }
    this.taken = -1;
    this.tell();
  }

  /** Take a corner away: the one that was taken last, else the last of all. */
  back(): void {
    if (this.type === "circle" && this.radius_m > 0) this.radius_m = 0;
    else this.points.splice(this.taken >= 0 ? this.taken : this.points.length - 1, 1);
    this.taken = -1;
    if (!this.whole) this.complete = false;
    this.tell();
  }

  move(i: number, place: Place): void {
    if (i < 0 || i >= this.points.length) return;
    this.points[i] = settled(place);
    this.taken = i;
    this.tell();
  }

  /** Set a corner between two others, after the one of a number. */
  insert(after: number, place: Place): void {
    this.points.splice(after + 1, 0, settled(place));
    this.taken = after + 1;
    this.tell();
  }

  set(points: readonly Place[], radius_m = this.radius_m, width_m = this.width_m): void {
    this.points = points.map(settled);
    this.radius_m = radius_m;
    this.width_m = width_m;
    this.complete = this.whole;
    this.taken = -1;
    this.tell();
  }

  finish(): void {
    if (!this.whole) return;
    this.complete = true;
    this.tell();
  }

  /** Whether there are as many corners as a shape needs. */
  get whole(): boolean {
    if (this.type === "circle") return this.points.length === 1 && this.radius_m > 0;
    return this.points.length >= (this.type === "polygon" ? 3 : 2);
  }

  /** The shape as it is sent, the corners of an outline anticlockwise; undefined while some are missing. */
  shape(): Shape | undefined {
    if (!this.whole) return undefined;
    if (this.type === "circle") return { type: "circle", lat_deg: this.points[0]![0], lon_deg: this.points[0]![1], radius_m: this.radius_m };
    if (this.type === "corridor") return { type: "corridor", line: [...this.points], width_m: this.width_m };
    return { type: "polygon", ring: anticlockwise(this.points), ...(this.holes.length ? { holes: this.holes } : {}) };
  }

  /** What is drawn of it: the outline once there is one, else the line so far. */
  drawn(pointer: Place | undefined): { rings: Place[][]; open: boolean } {
    const to = this.complete || !pointer ? this.points : [...this.points, pointer];
    if (this.type === "circle") {
      const radius_m = this.complete ? this.radius_m : this.points[0] && pointer ? distance_m(this.points[0], pointer) : 0;
      return { rings: this.points[0] && radius_m > 0 ? rings({ type: "circle", lat_deg: this.points[0][0], lon_deg: this.points[0][1], radius_m }) : [], open: false };
    }
    if (this.type === "corridor") return { rings: to.length > 1 ? [...rings({ type: "corridor", line: to, width_m: Math.max(1, this.width_m) }), dense(to, false)] : [], open: false };
    return { rings: to.length > 1 ? [dense(to, this.complete || to.length > 2)] : [], open: to.length < 3 };
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

/** To a ten-thousandth of a minute or so, 0.1 m; longitudes within the globe. */
const settled = ([lat, lon]: Place): Place => [Number(lat.toFixed(6)), Number((((((lon + 180) % 360) + 360) % 360) - 180).toFixed(6))];
