// The map and every layer over it, kept in step with the store.

import type { Coverage } from "./coverage";
import { CoverageLayer } from "./coveragelayer";
import { Ground, type Airport } from "./ground";
import { Labels, type Label } from "./labels";
import type { Base, Home } from "./base";
import { sized } from "./canvas";
import { Carried, Pace } from "./carry";
import type { Layers } from "./layers";
import { Bases } from "./map/bases";
import { aheadOf, placeAt, planeX, planeY, screenOf, screenX, screenY, type Plane, type View } from "./plane";
import { PlainSeen } from "./plainseen";
import { PlainTracks, type Tracks } from "./plaintracks";
import type { Store } from "./store";
import { BLINK_MS, calm, onTheme, palette } from "./theme";
import { TrackLayer } from "./tracklayer";
import { Thinning } from "./tracks/thin";
import { TrackFlag } from "./wire";

const STILL_MS = 100; // between frames while nothing but the tracks moves
const STILL_MAX_MS = 1000;
const SHORT_MS = 1; // what took less may share a frame with more
const STEP_PX = 0.3; // nothing is drawn anew before the fastest track has moved so far
/** Where a frame takes long to come onto the screen, it is followed by so many times as long a rest: a machine without a graphics card has other work too. */
const REST = 1.5;
const ARRANGE_MS = 250; // between choices of symbols and labels while the view moves: meanwhile they are carried along
const PICK_PX = 16;
const UNSURE_PX2 = 60; // a tentative track is chosen only where no other is near

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
  readonly labels = new Labels();
  readonly thinning = new Thinning();
  private readonly ground: Ground;
  private readonly seen: CoverageLayer | PlainSeen;
  private groundStale = true;
  private seenStale = true;
  private layersStale = true;
  private covered: unknown[] = [];
  /** Symbols and labels are to be chosen anew: at once, or when the time has come. */
  private arrangeDue: "at once" | "soon" | undefined = "at once";
  private arrangedAt = 0;
  private packDue = true;
  private moving = false;
  /** Something new was taken in for this frame. */
  worked = false;
  private dotsStale = true;
  private lastDraw = 0;
  private drawnAt: number | undefined;
  private begunAt = 0;
  /** Milliseconds between frames while nothing but the tracks moves: what the machine bears, and what is worth a frame. */
  private still_ms = STILL_MS;
  private wait_ms = STILL_MS;
  private readonly laid: (() => void)[] = [];
  readonly pace = new Pace();
  private readonly carried: Carried;
  /** Of two frames of a moving map that is carried, one draws and one takes in what is new. */
  private takesIn = false;
  private readonly over: HTMLCanvasElement;
  private readonly under: HTMLCanvasElement;
  drawMs = 0;
  packMs = 0;
  arrangeMs = 0;
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
    this.base = new Bases(view.querySelector<HTMLElement>("#map")!, at, this.webgl, this.pace);
    this.carried = new Carried(["#under", "#seen", "#ground", "#tracks", "#over"].map(canvas));
    this.base.setTheme(palette());
    this.ground = new Ground(canvas("#ground"), layers);
    this.seen = this.webgl ? new CoverageLayer(canvas("#seen")) : new PlainSeen(canvas("#seen"));
    this.layer.onRestored = () => {
      this.dotsStale = true;
      this.packDue = true;
      this.refresh();
    };
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
    for (const topic of ["status", "language", "past"] as const) store.on(topic, () => this.refresh());
    store.on("frame", () => this.takeFrame(), true);
    store.on("history", () => (this.dotsStale = true));
    onTheme((colours) => {
      this.base.setTheme(colours);
      this.refresh();
    });
    // Graphics that were taken away and given back are empty: the picture there is goes into them at once.
    canvas("#seen").addEventListener("webglcontextrestored", () => this.refresh());
    const loop = (): void => {
      requestAnimationFrame(loop);
      this.worked = false;
      const now = performance.now();
      this.pace.begin(now);
      this.rested(now);
      if (document.hidden) return;
      if (this.moving && this.pace.gap_ms > 0) this.alongside(now);
      else if (now - this.lastDraw >= Math.max(this.still_ms, this.wait_ms)) this.draw();
    };
    loop();
  }

  private watch(base: Base, onMove: () => void): void {
    base.on("move", () => {
      this.moving = true;
      this.moved();
    });
    base.on("rest", () => {
      this.moving = false;
      this.refresh(false);
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

  /** After a draw: what the frame took decides how long the tracks rest before the next. */
  private rested(now: number): void {
    if (this.drawnAt === undefined) return;
    const took = now - this.drawnAt;
    this.drawnAt = undefined;
    this.still_ms = Math.min(STILL_MAX_MS, Math.max(STILL_MS, 0.6 * this.still_ms + 0.4 * REST * took));
  }

  /** Milliseconds until what is drawn has moved visibly, or blinks. */
  private moves_ms(view: View): number {
    const { packed } = this.layer;
    if (!packed) return STILL_MAX_MS; // a map without tracks stands still
    const px_s = packed.fastest * view.scale * this.store.clock.speed;
    return Math.min(STILL_MAX_MS, (1000 * STEP_PX) / Math.max(px_s, 1e-9), packed.blinks && !calm() ? BLINK_MS : Infinity);
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

  /** Symbols and labels are to be chosen anew, and nothing else. */
  rearrange(): void {
    this.refresh(false);
  }

  /** The label at a point of the view. */
  labelAt(x: number, y: number): Label | undefined {
    const { packed } = this.layer;
    return packed && this.labels.at(x, y, this.base.view(), packed, this.store.clock.sinceFrame(performance.now()));
  }

  /** Latitude and longitude of a track now, reckoned on from the last frame. */
  placeOf(track: number, view: View): [number, number] | undefined {
    const row = this.store.rows.get(track);
    const at = row === undefined ? undefined : this.pixelOf(row, view);
    return at && placeAt(view, ...at);
  }

  /** Show the same place in another plane: everything over the map is laid anew. */
  lay(plane: Plane): void {
    if (plane === this.base.plane) return;
    this.base.lay(plane);
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
    this.arrangeDue = "at once";
    this.lastDraw = 0;
  }

  /** The view moves: what was drawn is carried along until it is drawn anew, symbols and labels until they are chosen anew. */
  private moved(): void {
    this.carried.carry(this.base.view());
    this.groundStale = this.seenStale = this.layersStale = true;
    this.arrangeDue ??= "soon";
    this.lastDraw = 0;
  }

  /** A frame of a map that moves on a machine that draws slowly: it draws, or takes in what is new, or only carries along. */
  private alongside(now: number): void {
    const view = this.base.view();
    const fits = this.carried.fits(view) && this.layer.packed?.plane === view.plane;
    if (fits && this.takesIn && this.pending(now)) {
      this.takesIn = false;
      this.prepare(view, this.store.clock.sinceFrame(now), now);
      return;
    }
    this.takesIn = true;
    if (!fits || this.pace.due(now, this.begunAt)) this.draw(!fits);
  }

  private takeFrame(): void {
    this.packDue = true;
    this.lastDraw = 0;
    this.follow();
  }

  /** Make the tracks' buffer: of a new frame, or in another plane. */
  private repack(view: View): void {
    const begun = performance.now();
    if (this.store.tracks) this.layer.setTracks(this.store.tracks, this.store.alerted, view);
    this.packMs = performance.now() - begun;
    this.arrangeDue = "at once";
  }

  /** Choose which tracks are symbols and which of those are labelled, and where. */
  private arrange(view: View, since_s: number): void {
    const begun = performance.now();
    const { layer, store, thinning, labels } = this;
    const { packed } = layer;
    if (!packed) {
      this.arrangeDue = undefined;
      return;
    }
    thinning.choose(packed, view, since_s, layer.selectedRow, layer.hoveredRow);
    layer.setSymbols(thinning, store.frame?.time ?? 0);
    labels.layout(view, store, packed, thinning, since_s, layer.labels.sharpen());
    layer.setLabels(labels.placed);
    this.arrangeDue = undefined;
    this.arrangedAt = performance.now();
    this.arrangeMs = this.arrangedAt - begun;
    store.tell("arranged");
  }

  /** Draw everything; takesIn: with what is new. */
  private draw(takesIn = true): void {
    const begun = performance.now();
    const { store, layer } = this;
    const view = this.base.view();
    if (view.width < 2) return;
    this.begunAt = begun;
    const since = store.clock.sinceFrame(begun);
    if (this.groundStale) {
      this.groundStale = false;
      this.ground.draw(view, store.standing?.sensors ?? store.hello?.sensors ?? [], aheadOf(view), this.coverage.trying ? [] : (this.coverage.areas?.holes ?? []));
    }
    if (this.seenStale) {
      this.seenStale = false;
      const shown = this.coverage.shown;
      this.seen.canvas.hidden = shown === undefined; // an empty canvas costs as much to lay over the map as a full one
      if (shown) this.seen.draw(view, shown);
    }
    if (this.layersStale) {
      this.layersStale = false;
      this.under.hidden = !this.layers.any("under");
      if (!this.under.hidden) this.layers.draw(sized(this.under, view.width, view.height), view, "under");
    }
    layer.selectedRow = store.selected === undefined ? -1 : (store.rows.get(store.selected) ?? -1);
    layer.hoveredRow = store.hovered === undefined ? -1 : (store.rows.get(store.hovered) ?? -1);
    if (takesIn) this.prepare(view, since, begun);
    layer.draw(view, since, store.frame?.time ?? 0, begun);
    this.over.hidden = !this.layers.any("over");
    if (!this.over.hidden) this.layers.draw(sized(this.over, view.width, view.height), view, "over");
    this.carried.mark(view);
    this.pace.drew(begun);
    const ended = performance.now();
    this.lastDraw = this.arrangeDue === "at once" ? 0 : ended;
    this.drawMs = ended - begun;
    this.drawnAt = begun;
    this.wait_ms = this.moves_ms(view);
    this.draws += 1;
  }

  private arrangeNow(now: number): boolean {
    return this.arrangeDue === "at once" || (this.arrangeDue === "soon" && now - this.arrangedAt >= ARRANGE_MS);
  }

  /** Whether something new waits to be taken in. */
  private pending(now: number): boolean {
    return this.packDue || this.dotsStale || this.arrangeNow(now);
  }

  /** Take in what is new: one thing a frame where it takes its time, so that no frame takes long. What is drawn meanwhile is reckoned on. */
  private prepare(view: View, since_s: number, begun: number): void {
    const { layer, store } = this;
    const turned = layer.packed !== undefined && layer.packed.plane !== view.plane;
    const first = layer.packed === undefined || turned;
    this.dotsStale ||= turned;
    if (this.packDue || turned) {
      this.packDue = false;
      this.worked = true;
      this.repack(view);
      if (!first && this.packMs > SHORT_MS) return;
    }
    if (this.arrangeNow(begun)) {
      this.worked = true;
      this.arrange(view, since_s);
      if (!first && this.arrangeMs > SHORT_MS) return;
    }
    if (this.dotsStale && store.frame) {
      this.dotsStale = false;
      layer.setDots(this.layers.isOn("dots") ? store.dots : [], store.rows, store.frame.time, view);
    }
  }

  /** Where a row is on the screen now, in CSS px of the view; undefined where it is not on the map. */
  pixelOf(row: number, view: View = this.base.view()): [number, number] | undefined {
    const { packed } = this.layer;
    if (!packed || row >= packed.count || Number.isNaN(packed.x[row])) return undefined;
    const since = this.store.clock.sinceFrame(performance.now());
    const [x, y] = [packed.x[row]! + packed.vx[row]! * since, packed.y[row]! + packed.vy[row]! * since];
    return [screenX(view, x, y), screenY(view, x, y)];
  }

  /** The track nearest to a point, within reach: looked for in the plane, where no point need be projected. */
  private pick(x: number, y: number): number | undefined {
    const { packed } = this.layer;
    const { tracks } = this.store;
    if (!packed || !tracks) return undefined;
    const view = this.base.view();
    const since = this.store.clock.sinceFrame(performance.now());
    const label = this.labels.at(x, y, view, packed, since);
    if (label) return label.number;
    const [atX, atY] = [planeX(view, x, y), planeY(view, x, y)];
    const reach = PICK_PX / view.scale;
    let best = reach * reach;
    let found: number | undefined;
    for (let i = 0; i < packed.count; i++) {
      const dx = packed.x[i]! + packed.vx[i]! * since - atX;
      if (!(dx < reach && dx > -reach)) continue;
      const dy = packed.y[i]! + packed.vy[i]! * since - atY;
      const sure = tracks.flags[i]! & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM);
      const d = dx * dx + dy * dy + (sure ? 0 : UNSURE_PX2 / (view.scale * view.scale));
      if (d < best) {
        best = d;
        found = tracks.number[i];
      }
    }
    return found;
  }

  private hover(x: number, y: number): void {
    const found = x < 0 || this.tool ? undefined : this.moving ? this.store.hovered : this.pick(x, y);
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
