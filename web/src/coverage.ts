// What the sensors see by the ground: asked of the server while the layer is on, and what one of them would see elsewhere.

import { Latest } from "./latest";
import { MERCATOR, placeAt, type View } from "./plane";

export type Kind = "single" | "double";
/** West, south, east, north in degrees. */
export type Box = [number, number, number, number];

export interface CoverageSensor {
  id: string;
  kind: string;
  lat: number | null;
  lon: number | null;
  antenna_m: number | null;
  range_m: number | null;
  counted: boolean;
  why: string | null;
  /** Tracks that its terrain let it see, look by look over the last minutes, and those it saw. */
  looks: number;
  saw: number;
}

export interface CoverageState {
  state: "off" | "waiting" | "computing" | "ready";
  /** Why it is off: switched off, no sensor, terrain, coverage. */
  why: string | null;
  detail: string | null;
  updating: boolean;
  stage: "terrain" | "sensors" | null;
  done: number;
  of: number;
  version: string | null;
  heights: string[];
  planned: boolean;
  step_m: number | null;
  area: string | null;
  /** Ground is not known somewhere, or too high. */
  unknown: boolean;
  sensors: CoverageSensor[];
}

export interface Seen {
  sensor: string;
  amsl_m: number;
  agl_m: number;
}

/** From how low a place is seen. */
export interface Spot {
  lat: number;
  lon: number;
  known: boolean;
  ground_m: number | null;
  best: Seen | null;
  second: Seen | null;
}

/** Ground over which nobody sees (or not two), its most inner place. */
export interface Hole {
  /** 1 is the largest. */
  rank: number;
  lat: number;
  lon: number;
  area_km2: number;
  /** Who sees its surroundings. */
  sensors: string[];
}

export interface Areas {
  area: string | null;
  area_km2: number;
  single_km2: number;
  double_km2: number;
  /** How many holes there are; the list holds the largest. */
  total: number;
  holes: Hole[];
}

/** What a sensor at another place changes. */
export interface Tried {
  sensor: string;
  lat: number;
  lon: number;
  antenna_amsl_m: number | null;
  gained_km2: number;
  lost_km2: number;
  seen_km2: number;
  server_ms: number;
}

export interface Trying {
  /** "" for a new one. */
  sensor: string;
  lat: number;
  lon: number;
  /** Above the ground; undefined: as the sensor's own, until that is known. */
  antenna_m: number | undefined;
  /** What the server said of the last place. */
  found: Tried | undefined;
  /** The others' picture is being made. */
  preparing: boolean;
  refused: string;
}

export interface Shown {
  image: ImageBitmap;
  box: Box;
}

/** What /api/coverage/holes answers, as far as the page reads it. */
interface Holes {
  properties: { area: string | null; area_km2: number; single_km2: number; double_km2: number; holes: number };
  features: { properties: { lat_deg: number; lon_deg: number; area_km2: number; sensors: string[] } }[];
}

interface LayerJob {
  box: Box;
  width: number;
}

const POLL_MS = 1000;
const REST_MS = 5000;
const AGAIN_MS = 250;
const MOST_WIDTH = 1200;
const TRY_WIDTH = 900;
/** How much more than the view is asked for on each side, so that small moves show no edge. */
const MARGIN = 0.15;
const NEW_ANTENNA_M = 20;

const LOOKS_TOLD = 50;
const LOOKS_SURE = 200;
const FEW = 0.8;

/** The share seen of what the terrain lets a sensor see; undefined while too few tracks flew there. */
export const shareSeen = (s: CoverageSensor | undefined): number | undefined => (s && s.looks >= LOOKS_TOLD ? s.saw / s.looks : undefined);

/** It sees less than its terrain allows. */
export const seesLess = (s: CoverageSensor): boolean => s.looks >= LOOKS_SURE && s.saw / s.looks < FEW;

/** The window of the map to ask for, and the pixels across that go with it. */
export function windowOf(view: View, margin: number, most: number): LayerJob {
  const clamp = (v: number): number => Math.min(1, Math.max(0, v));
  let [west, east, north, south] = [1, 0, 1, 0]; // in Mercator, which the images are drawn in, whatever the map is
  for (const i of [-margin, 0.25, 0.5, 0.75, 1 + margin]) {
    for (const j of [-margin, 0.25, 0.5, 0.75, 1 + margin]) {
      const [lat, lon] = placeAt(view, i * view.width, j * view.height);
      const [x, y] = [clamp(MERCATOR.x(lat, lon)), clamp(MERCATOR.y(lat, lon))];
      [west, east, north, south] = [Math.min(west, x), Math.max(east, x), Math.min(north, y), Math.max(south, y)];
    }
  }
  const round = (v: number): number => Math.round(v * 1e6) / 1e6;
  const limit = (v: number): number => Math.min(85.05, Math.max(-85.05, v));
  const shape = (east - west) / Math.max(1e-12, south - north);
  const across = Math.round((east - west) * view.scale);
  const width = Math.max(16, Math.min(most, across, Math.floor(most * Math.min(1, shape * 1.2))));
  const [lat, lon] = [MERCATOR.lat, MERCATOR.lon];
  return { box: [round(lon(west, 0)), round(limit(lat(0, south))), round(lon(east, 0)), round(limit(lat(0, north)))], width };
}

export class Coverage {
  on = false;
  height = "";
  kind: Kind = "single";
  state: CoverageState | undefined;
  shown: Shown | undefined;
  spot: Spot | undefined;
  areas: Areas | undefined;
  trying: Trying | undefined;
  failed = false;
  /** Layers taken so far, for tests and for support. */
  images = 0;
  private readonly listeners: (() => void)[] = [];
  private version = "";
  private asked = "";
  private polled = -Infinity;
  private view: View | undefined;
  private readonly layers = new Latest<LayerJob>((job) => this.takeLayer(job));
  private readonly spots = new Latest<[number, number]>((at) => this.takeSpot(at));
  private readonly tries = new Latest<Trying>((wish) => this.takeTry(wish));

  constructor(
    private readonly fetcher: typeof fetch = (input, init) => fetch(input, init),
    private readonly decode: (png: Blob) => Promise<ImageBitmap> = (png) => createImageBitmap(png, { premultiplyAlpha: "none", colorSpaceConversion: "none" }),
    private readonly now: () => number = () => performance.now(),
  ) {}

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  /** Ask for the state where it is time; to be called every second or so. */
  async tick(): Promise<void> {
    const rest = this.state?.state === "ready" && !this.state.updating ? REST_MS : POLL_MS;
    if (!this.on || this.now() - this.polled < rest - 50) return;
    await this.poll();
  }

  toggle(on = !this.on): void {
    if (on === this.on) return;
    this.on = on;
    if (!on) {
      this.end();
      this.shown = this.spot = this.areas = undefined;
      this.asked = "";
    } else void this.poll();
    this.tell();
  }

  choose(height: string, kind: Kind): void {
    if (height === this.height && kind === this.kind) return;
    [this.height, this.kind] = [height, kind];
    this.areas = undefined;
    this.renew();
    this.tell();
  }

  /** The map shows another part: ask for its layer. */
  look(view: View): void {
    this.view = view;
    if (!this.on || !this.height) return;
    if (this.trying) this.tries.ask(this.trying);
    else {
      const job = windowOf(view, MARGIN, MOST_WIDTH);
      const key = `${this.version} ${this.height} ${this.kind} ${job.box.join()} ${job.width}`;
      if (key === this.asked) return;
      this.asked = key;
      this.layers.ask(job);
    }
  }

  /** Where the pointer is; undefined: not on the map. */
  point(at: [number, number] | undefined): void {
    if (at && this.on && this.state?.state === "ready") this.spots.ask(at);
    else if (!at && this.spot) {
      this.spots.drop();
      this.spot = undefined;
      this.tell();
    }
  }

  /** Try a sensor elsewhere ("": a new one), beginning at a place. */
  begin(sensor: string, lat: number, lon: number): void {
    this.toggle(true);
    this.trying = { sensor, lat, lon, antenna_m: this.antennaOf(sensor), found: undefined, preparing: false, refused: "" };
    this.tries.ask(this.trying);
    this.tell();
  }

  private antennaOf(sensor: string): number | undefined {
    return sensor === "" ? NEW_ANTENNA_M : (this.state?.sensors.find((s) => s.id === sensor)?.antenna_m ?? undefined);
  }

  /** Move what is tried; ask for what it sees there. */
  move(change: Partial<Pick<Trying, "lat" | "lon" | "antenna_m">>): void {
    if (!this.trying) return;
    this.trying = { ...this.trying, ...change };
    this.tries.ask(this.trying);
    this.tell();
  }

  end(): void {
    if (!this.trying) return;
    this.trying = undefined;
    this.tries.drop();
    this.renew();
    this.tell();
  }

  private renew(): void {
    this.asked = "";
    if (this.view) this.look(this.view);
    if (this.on && this.height) void this.takeAreas();
  }

  private async poll(): Promise<void> {
    this.polled = this.now();
    try {
      const answer = await this.fetcher("/api/coverage");
      this.failed = !answer.ok;
      if (answer.ok) this.takeState((await answer.json()) as CoverageState);
    } catch {
      this.failed = true;
      this.tell();
    }
  }

  private takeState(state: CoverageState): void {
    this.state = state;
    if (!this.height || !state.heights.includes(this.height)) this.height = state.heights.find((v) => v === "1500ft") ?? state.heights[0] ?? "";
    if (this.trying) this.trying = { ...this.trying, antenna_m: this.trying.antenna_m ?? this.antennaOf(this.trying.sensor) };
    const version = state.version ?? "";
    if (state.state === "waiting" || version !== this.version) {
      this.version = version;
      this.renew(); // the first asking for a layer begins the computing
    }
    this.tell();
  }

  private query(): string {
    return `height=${encodeURIComponent(this.height)}&kind=${this.kind}`;
  }

  private async takeLayer(job: LayerJob): Promise<void> {
    const wanted = `${this.height} ${this.kind}`;
    const answer = await this.fetcher(`/api/coverage/layer?${this.query()}&box=${job.box.join()}&width=${job.width}`);
    if (answer.status !== 200) {
      this.asked = "";
      if (answer.status === 202 || answer.status === 404) this.takeQuietly((await answer.json()) as CoverageState);
      return;
    }
    const image = await this.decode(await answer.blob());
    if (!this.on || this.trying || wanted !== `${this.height} ${this.kind}`) return;
    this.show(image, job.box);
  }

  /** Keep a state without asking anything for it. */
  private takeQuietly(state: CoverageState): void {
    this.state = state;
    this.version = state.version ?? "";
    this.tell();
  }

  private show(image: ImageBitmap, box: Box): void {
    this.shown?.image.close();
    this.shown = { image, box };
    this.images += 1;
    this.tell();
  }

  private async takeSpot([lat, lon]: [number, number]): Promise<void> {
    const answer = await this.fetcher(`/api/coverage/at?lat=${lat.toFixed(5)}&lon=${lon.toFixed(5)}`);
    if (answer.status !== 200 || !this.on) return;
    this.spot = (await answer.json()) as Spot;
    this.tell();
  }

  private async takeAreas(): Promise<void> {
    const wanted = this.query();
    try {
      const answer = await this.fetcher(`/api/coverage/holes?${wanted}`);
      if (answer.status !== 200) return;
      const found = (await answer.json()) as Holes;
      if (wanted !== this.query() || !this.on) return;
      const { area, area_km2, single_km2, double_km2, holes: total } = found.properties;
      const holes = found.features.map(({ properties: p }, i) => ({ rank: i + 1, lat: p.lat_deg, lon: p.lon_deg, area_km2: p.area_km2, sensors: p.sensors }));
      this.areas = { area, area_km2, single_km2, double_km2, total, holes };
      this.tell();
    } catch {
      // asked for again with the next version
    }
  }

  private async takeTry(wish: Trying): Promise<void> {
    if (!this.view || !this.height) return;
    const { box, width } = windowOf(this.view, 0, TRY_WIDTH);
    const body = { sensor: wish.sensor, lat: wish.lat, lon: wish.lon, ...(wish.antenna_m === undefined ? {} : { antenna_m: wish.antenna_m }), height: this.height, kind: this.kind, box, width };
    const answer = await this.fetcher("/api/coverage/try", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const found = (await answer.json()) as { state?: string; error?: string; png?: string; box?: Box } & Tried;
    if (!this.trying || this.trying.sensor !== wish.sensor) return;
    if (answer.status === 202) {
      this.trying = { ...this.trying, preparing: true };
      setTimeout(() => this.trying && this.tries.ask(this.trying), AGAIN_MS);
    } else if (answer.status !== 200 || found.png === undefined) this.trying = { ...this.trying, preparing: false, refused: found.error ?? String(answer.status) };
    else {
      const bytes = Uint8Array.from(atob(found.png), (c) => c.charCodeAt(0));
      const image = await this.decode(new Blob([bytes], { type: "image/png" }));
      if (!this.trying) return;
      this.trying = { ...this.trying, preparing: false, refused: "", found };
      this.show(image, found.box ?? box);
      return;
    }
    this.tell();
  }
}
