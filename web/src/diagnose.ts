// window.tenere: what the page is doing, read-only, for tests and for support.

import type { AirspaceFigures } from "./airspace";
import type { Connection } from "./connection";
import type { Coverage } from "./coverage";
import { placeAt } from "./plane";
import type { Scene } from "./scene";
import type { Store } from "./store";

export interface Diagnostics {
  /** Rows of the last frame; how many of them are inside the view. */
  readonly tracks: number;
  readonly drawn: number;
  readonly labels: number;
  /** Of the tracks inside the view, how many are drawn as points for want of room; what the labels say. */
  readonly points: number;
  readonly texts: readonly string[];
  readonly arrangeMs: number;
  readonly frames: number;
  readonly frameBytes: number;
  readonly draws: number;
  /** JavaScript milliseconds: reading the last frame's bytes, taking the last frame in (list and panels with it), making its buffer, drawing. */
  readonly decodeMs: number;
  readonly takeMs: number;
  /** How late the last frame was, ms; undefined before that is known. */
  readonly delayMs: number | undefined;
  /** Frames that could not be taken. */
  readonly badFrames: number;
  readonly packMs: number;
  readonly drawMs: number;
  /** Milliseconds between drawings of one thing while the map moves; 0: every frame. */
  readonly gapMs: number;
  /** Picture time now and of the last frame, s; speed of the picture's clock. */
  readonly time: number | undefined;
  readonly frameTime: number | undefined;
  readonly speed: number;
  readonly link: string;
  readonly webgl: boolean;
  readonly plane: string | undefined;
  /** Latitude and longitude under a point of the window, and the point of a latitude and longitude. */
  placeAt(x: number, y: number): [number, number] | undefined;
  pixelOfPlace(lat: number, lon: number): [number, number] | undefined;
  numbers(): number[];
  nameOf(number: number): string | undefined;
  /** CSS pixels of a track in the window, where it is drawn now. */
  pixelOf(number: number): [number, number] | undefined;
  /** CSS pixels of a place from the map's corner. */
  screenOf(lat: number, lon: number): [number, number] | undefined;
  /** Left, top, right and bottom edge of a track's label in the window, CSS px. */
  labelOf(number: number): [number, number, number, number] | undefined;
  /** Which symbols are drawn. */
  readonly symbols: "civil" | "app6";
  zoom(): number | undefined;
  /** The coverage layer: its state, how many images were taken, what the server said of a tried site. */
  readonly coverage: { readonly on: boolean; readonly state: string | undefined; readonly images: number; readonly server_ms: number | undefined; readonly gained_km2: number | undefined };
  /** The airspace: how many volumes are known and active, what is drawn of them and in what time, how many corners a drawing has. */
  readonly airspace: AirspaceFigures | undefined;
}

export function diagnose(store: Store, connection: Connection, scene: () => Scene | undefined, timing: { parsed: number; frames: number; bytes: number }, coverage: Coverage, airspace?: () => AirspaceFigures): Diagnostics {
  return Object.freeze({
    get tracks() {
      return store.tracks?.rows ?? 0;
    },
    get drawn() {
      const at = scene();
      if (!at || !store.tracks) return 0;
      const view = at.base.view();
      let count = 0;
      for (let i = 0; i < store.tracks.rows; i++) {
        const p = at.pixelOf(i, view);
        if (p && p[0] >= 0 && p[1] >= 0 && p[0] < view.width && p[1] < view.height) count += 1;
      }
      return count;
    },
    get labels() {
      return scene()?.labels.placed.length ?? 0;
    },
    get points() {
      return scene()?.thinning.points ?? 0;
    },
    get texts() {
      return (scene()?.labels.placed ?? []).map((l) => l.lines.join(" / "));
    },
    get arrangeMs() {
      return scene()?.arrangeMs ?? 0;
    },
    get frames() {
      return timing.frames;
    },
    get frameBytes() {
      return timing.bytes;
    },
    get draws() {
      return scene()?.draws ?? 0;
    },
    get decodeMs() {
      return connection.decodeMs;
    },
    get takeMs() {
      return timing.parsed;
    },
    get delayMs() {
      return connection.delay.ms;
    },
    get badFrames() {
      return connection.badFrames;
    },
    get packMs() {
      return scene()?.packMs ?? 0;
    },
    get gapMs() {
      return scene()?.pace.gap_ms ?? 0;
    },
    get drawMs() {
      return scene()?.drawMs ?? 0;
    },
    get time() {
      return store.clock.now(performance.now());
    },
    get frameTime() {
      return store.frame?.time;
    },
    get speed() {
      return store.clock.speed;
    },
    get link() {
      return connection.state;
    },
    get webgl() {
      return scene()?.webgl ?? false;
    },
    get plane() {
      return scene()?.base.plane.id;
    },
    placeAt: (x: number, y: number) => {
      const at = scene();
      const box = document.getElementById("map")!.getBoundingClientRect();
      return at && placeAt(at.base.view(), x - box.left, y - box.top);
    },
    pixelOfPlace: (lat: number, lon: number) => {
      const box = document.getElementById("map")!.getBoundingClientRect();
      const p = scene()?.screenOf(lat, lon);
      return p && ([p[0] + box.left, p[1] + box.top] as [number, number]);
    },
    numbers: () => [...(store.tracks?.number ?? [])],
    nameOf: (number: number) => {
      const row = store.rows.get(number);
      return row === undefined ? undefined : store.nameOf(row);
    },
    pixelOf: (number: number) => {
      const row = store.rows.get(number);
      const p = row === undefined ? undefined : scene()?.pixelOf(row);
      if (!p) return undefined;
      const box = document.getElementById("map")!.getBoundingClientRect();
      return [p[0] + box.left, p[1] + box.top] as [number, number];
    },
    screenOf: (lat: number, lon: number) => scene()?.screenOf(lat, lon),
    labelOf: (number: number) => {
      const label = scene()?.labels.placed.find((l) => l.number === number);
      const p = label && scene()?.pixelOf(label.row);
      if (!p) return undefined;
      const box = document.getElementById("map")!.getBoundingClientRect();
      const [left, top] = [p[0] + box.left + label.left, p[1] + box.top + label.top];
      return [left, top, left + label.width, top + label.height] as [number, number, number, number];
    },
    get symbols() {
      return scene()?.layer.app6 ? ("app6" as const) : ("civil" as const);
    },
    zoom: () => scene()?.base.home().zoom,
    get airspace() {
      return airspace?.();
    },
    get coverage() {
      const found = coverage.trying?.found;
      return { on: coverage.on, state: coverage.state?.state, images: coverage.images, server_ms: found?.server_ms, gained_km2: found?.gained_km2 };
    },
  });
}
