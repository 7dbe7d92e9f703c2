// The map and every layer over it, kept in step with the store.

import type { Coverage } from "./coverage";
import { CoverageLayer } from "./coveragelayer";
import { Ground, type Airport } from "./ground";
import { Labels } from "./labels";
import type { Base, Home } from "./base";
import { sized } from "./canvas";
import type { Layers } from "./layers";
import { Bases } from "./map/bases";
import { aheadOf, placeAt, screenOf, screenX, screenY, type Plane, type View } from "./plane";
import { PlainSeen } from "./plainseen";
import { PlainTracks, type Tracks } from "./plaintracks";
import type { Store } from "./store";
import { TrackLayer } from "./tracklayer";
import { TrackFlag } from "./wire";

const STILL_MS = 100; // between frames while nothing but the tracks moves
const PICK_PX = 16;

/** What takes the pointer from the map while it is in hand: measuring, drawing. Places are in degrees, points in CSS pixels of the view. */
export interface Tool {
  press?(lat: number, lon: number, x: number, y: number): void;
  move?(lat: number, lon: number, x: number, y: number): void;
  /** A click, which then selects no track. */
  click?(lat: number, lon: number, x: number, y: number): void;
  release?(lat: number, lon: number, x: number, y: number): void;
  /** It is laid down: by its owner, or because another was taken up. */
  end?(): void;
}

export class Scene {
  /** The map beneath: one and the same, whichever plane it shows. */
  readonly base: Bases;
  tool: Tool | undefined;
  readonly layer: Tracks;
  /** Whether WebGL2 draws. */
  readonly webgl: boolean;
  readonly labels: Labels;
  private readonly ground: Ground;
  private readonly seen: CoverageLayer | PlainSeen;
  private groundStale = true;
  private seenStale = true;
  private layersStale = true;
  private covered: unknown[] = [];
  private labelsStale = true;
  private dotsStale = true;
  private lastDraw = 0;
  private readonly laid: (() => void)[] = [];
  private readonly over: HTMLCanvasElement;
  private readonly under: HTMLCanvasElement;
  drawMs = 0;
  packMs = 0;
  draws = 0;
  /** Latitude and longitude under the pointer. */
  pointed: [number, number] | undefined;

  constructor(
    private readonly view: HTMLElement,
    private readonly store: Store,
    private readonly coverage: Coverage,
    private readonly layers: Layers,
    at: Home,
    onMove: () => void,
  ) {
    const canvas = (id: string): HTMLCanvasElement => view.querySelector<HTMLCanvasElement>(id)!;
    this.webgl = document.createElement("canvas").getContext("webgl2") !== null;
    this.layer = this.webgl ? new TrackLayer(canvas("#tracks")) : new PlainTracks(canvas("#tracks"));
    this.base = new Bases(view.querySelector<HTMLElement>("#map")!, at, this.webgl);
    this.ground = new Ground(canvas("#ground"), layers);
    this.seen = this.webgl ? new CoverageLayer(canvas("#seen")) : new PlainSeen(canvas("#seen"));
    this.labels = new Labels(canvas("#labels"));
    this.over = canvas("#over");
    this.under = canvas("#under");
    this.watch(this.base, onMove);
    layers.on(() => {
      this.dotsStale = true;
      this.refresh();
    });
    coverage.onChange(() => {
      const now = [coverage.shown, coverage.areas, coverage.trying !== undefined];
      if (now.every((v, i) => v === this.covered[i])) return; // only what is under the pointer
      this.covered = now;
      this.seenStale = this.groundStale = true;
      this.lastDraw = 0;
    });
    for (const topic of ["selection", "hover", "settings"] as const) store.on(topic, () => this.refresh(false));
    for (const topic of ["status", "language"] as const) store.on(topic, () => this.refresh());
    store.on("frame", () => this.takeFrame());
    store.on("history", () => (this.dotsStale = true));
    const loop = (): void => {
      requestAnimationFrame(loop);
      if (performance.now() - this.lastDraw >= STILL_MS) this.draw();
    };
    loop();
  }

  private watch(base: Base, onMove: () => void): void {
    base.on("move", () => this.refresh());
    base.on("rest", () => {
      onMove();
      this.coverage.look(base.view());
    });
    base.on("hover", ({ x, y }) => this.hover(x, y));
    base.on("leave", () => this.hover(-1, -1));
    base.on("click", ({ x, y }) => {
      if (this.tool) this.tool.click?.(...placeAt(base.view(), x, y), x, y);
      else this.store.select(this.pick(x, y));
    });
    base.on("grab", () => this.stopFollowing());
    const at = (event: PointerEvent): [number, number, number, number] => {
      const box = this.view.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      return [...placeAt(base.view(), x, y), x, y];
    };
    const map = this.view.querySelector<HTMLElement>("#map")!;
    map.addEventListener("pointerdown", (event) => event.button === 0 && this.tool?.press?.(...at(event)));
    map.addEventListener("pointermove", (event) => this.tool?.move?.(...at(event)));
    map.addEventListener("pointerup", (event) => this.tool?.release?.(...at(event)));
  }

  /** Take a tool in hand, or lay down whatever is; with panning, the map still moves by dragging. */
  take(tool: Tool | undefined, panning = true): void {
    const before = this.tool;
    this.tool = tool;
    if (before && before !== tool) before.end?.();
    this.base.pans(tool === undefined || panning);
    this.view.classList.toggle("drawing", tool !== undefined);
    this.refresh(false);
  }

  /** Show the same place in another plane: everything over the map is laid anew. */
  lay(plane: Plane): void {
    if (plane === this.base.plane) return;
    this.base.lay(plane);
    this.dotsStale = true;
    this.takeFrame();
    this.refresh();
    for (const listener of this.laid) listener();
  }

  /** Be told when another plane is shown. */
  onPlane(listener: () => void): void {
    this.laid.push(listener);
  }

  /** Whatever is drawn over the map has changed. */
  redraw(): void {
    this.refresh();
  }

  setAirports(airports: Airport[]): void {
    this.ground.setAirports(airports);
    this.refresh();
  }

  /** Draw anew at the next chance; ground: the still things too. */
  private refresh(ground = true): void {
    this.groundStale ||= ground;
    this.seenStale ||= ground;
    this.layersStale ||= ground;
    this.labelsStale = true;
    this.lastDraw = 0;
  }

  private takeFrame(): void {
    const begun = performance.now();
    if (this.store.tracks) this.layer.setTracks(this.store.tracks, this.store.alerted, this.base.view());
    this.packMs = performance.now() - begun;
    this.labelsStale = true;
    this.follow();
  }

  private draw(): void {
    const begun = performance.now();
    const { store, layer } = this;
    const view = this.base.view();
    if (view.width < 2) return;
    const since = store.clock.sinceFrame(begun);
    if (this.groundStale) {
      this.groundStale = false;
      this.ground.draw(view, store.status?.sensors ?? store.hello?.sensors ?? [], aheadOf(view), this.coverage.trying ? [] : (this.coverage.areas?.holes ?? []));
    }
    if (this.seenStale) {
      this.seenStale = false;
      this.seen.draw(view, this.coverage.shown);
    }
    if (this.layersStale) {
      this.layersStale = false;
      this.layers.draw(sized(this.under, view.width, view.height), view, "under");
    }
    layer.selectedRow = store.selected === undefined ? -1 : (store.rows.get(store.selected) ?? -1);
    layer.hoveredRow = store.hovered === undefined ? -1 : (store.rows.get(store.hovered) ?? -1);
    if (this.dotsStale && store.frame) {
      this.dotsStale = false;
      layer.setDots(this.layers.isOn("dots") ? store.dots : [], store.rows, store.frame.time, view);
    }
    if (this.labelsStale) {
      this.labelsStale = false;
      this.labels.layout(view, store, layer.packed, since);
    }
    layer.draw(view, since, begun, this.labels.inView);
    this.labels.draw(view, layer.packed, since);
    this.layers.draw(sized(this.over, view.width, view.height), view, "over");
    this.lastDraw = performance.now();
    this.drawMs = this.lastDraw - begun;
    this.draws += 1;
  }

  /** Where a row is on the screen now, in CSS px of the view; undefined where it is not on the map. */
  pixelOf(row: number, view: View = this.base.view()): [number, number] | undefined {
    const { packed } = this.layer;
    if (!packed || row >= packed.count || Number.isNaN(packed.x[row])) return undefined;
    const since = this.store.clock.sinceFrame(performance.now());
    const [x, y] = [packed.x[row]! + packed.vx[row]! * since, packed.y[row]! + packed.vy[row]! * since];
    return [screenX(view, x, y), screenY(view, x, y)];
  }

  /** The track nearest to a point, within reach. */
  private pick(x: number, y: number): number | undefined {
    const { packed } = this.layer;
    const { tracks } = this.store;
    if (!packed || !tracks) return undefined;
    const view = this.base.view();
    const since = this.store.clock.sinceFrame(performance.now());
    let best = PICK_PX * PICK_PX;
    let found: number | undefined;
    for (let i = 0; i < packed.count; i++) {
      const px = packed.x[i]! + packed.vx[i]! * since;
      const py = packed.y[i]! + packed.vy[i]! * since;
      const dx = screenX(view, px, py) - x;
      const dy = screenY(view, px, py) - y;
      const sure = tracks.flags[i]! & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM);
      const d = dx * dx + dy * dy + (sure ? 0 : 60);
      if (d < best) {
        best = d;
        found = tracks.number[i];
      }
    }
    return found;
  }

  private hover(x: number, y: number): void {
    const found = x < 0 || this.tool ? undefined : this.pick(x, y);
    const place = x < 0 ? undefined : placeAt(this.base.view(), x, y);
    this.coverage.point(place);
    this.pointed = place;
    this.store.tell("pointer");
    this.base.pointing(found !== undefined);
    if (found === this.store.hovered) return;
    this.store.hovered = found;
    this.store.tell("hover");
  }

  centreOn(number: number, zoom?: number): void {
    const { tracks } = this.store;
    const row = this.store.rows.get(number);
    if (row === undefined || !tracks || Number.isNaN(tracks.lat_deg[row]!)) return;
    this.base.go({ lat: tracks.lat_deg[row]!, lon: tracks.lon_deg[row]!, ...(zoom ? { zoom } : {}) });
  }

  private follow(): void {
    const { store } = this;
    if (!store.following || store.selected === undefined) return;
    this.centreOn(store.selected);
  }

  private stopFollowing(): void {
    if (!this.store.following) return;
    this.store.following = false;
    this.store.tell("settings");
  }

  /** Show all tracks there are, for a site that names no place. */
  fitTracks(): boolean {
    const { tracks } = this.store;
    const seen: [number, number][] = [];
    for (let i = 0; tracks && i < tracks.rows; i++) if (!Number.isNaN(tracks.lat_deg[i]!)) seen.push([tracks.lon_deg[i]!, tracks.lat_deg[i]!]);
    if (!seen.length) return false;
    const [lons, lats] = [seen.map((p) => p[0]).sort((a, b) => a - b), seen.map((p) => p[1]).sort((a, b) => a - b)];
    const low = Math.floor(0.02 * (seen.length - 1));
    const high = seen.length - 1 - low;
    this.base.fit(lons[low]!, lats[low]!, lons[high]!, lats[high]!);
    return true;
  }

  home(at: Home | undefined): void {
    this.base.stop();
    if (at) this.base.go({ bearing: 0, ...at });
    else this.fitTracks();
  }

  /** World place of a latitude and longitude on the screen. */
  screenOf(lat: number, lon: number): [number, number] {
    return screenOf(this.base.view(), lat, lon);
  }
}
