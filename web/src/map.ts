// The basemap by MapLibre GL, offline: Web Mercator.

import { Map as MapLibre, setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { Carried, type Pace } from "./carry";
import { Listeners, marginOf, type Base, type BaseEvents, type Detail, type Home } from "./base";
import { INK } from "./map/ink";
import { urls } from "./map/land";
import { RELIEF_ZOOM_MAX, TILE_PX, TILE_URL } from "./map/relief";
import type { Palette } from "./palettes";
import { MERCATOR, viewOf, type View } from "./plane";

const DETAILS: Record<Detail, string[]> = { water: ["lakes", "rivers"], terrain: ["terrain"] };
/** Our own layers beneath which data of the person's lies. */
export const LAST_LAYER = "borders";

const NOBODY: ["==", ["get", string], string] = ["==", ["get", "code"], "--"];

const STYLE: StyleSpecification = {
  version: 8,
  sources: {
    countries: { type: "geojson", data: urls.countries, maxzoom: 10, tolerance: 0.3, buffer: 16 },
    water: { type: "geojson", data: urls.water, maxzoom: 8, tolerance: 0.3, buffer: 16 },
    terrain: { type: "raster", tiles: [new URL(TILE_URL, document.baseURI).href.replaceAll("%7B", "{").replaceAll("%7D", "}")], tileSize: TILE_PX, maxzoom: RELIEF_ZOOM_MAX },
  },
  layers: [
    { id: "sea", type: "background", paint: { "background-color": INK.sea } },
    { id: "land", type: "fill", source: "countries", paint: { "fill-color": INK.land, "fill-antialias": false } },
    { id: "home", type: "fill", source: "countries", filter: NOBODY, paint: { "fill-color": INK.home, "fill-antialias": false } },
    { id: "terrain", type: "raster", source: "terrain", layout: { visibility: "none" }, paint: { "raster-fade-duration": 0 } },
    { id: "lakes", type: "fill", source: "water", filter: ["==", ["get", "kind"], "lake"], paint: { "fill-color": INK.lake, "fill-outline-color": INK.river } },
    { id: "rivers", type: "line", source: "water", filter: ["==", ["get", "kind"], "river"], paint: { "line-color": INK.river, "line-width": ["interpolate", ["linear"], ["zoom"], 3, 0.7, 9, 1.8] } },
    { id: LAST_LAYER, type: "line", source: "countries", paint: { "line-color": INK.border, "line-width": ["interpolate", ["linear"], ["zoom"], 3, 0.7, 8, 1.3] } },
    { id: "home-border", type: "line", source: "countries", filter: NOBODY, paint: { "line-color": INK.homeBorder, "line-width": ["interpolate", ["linear"], ["zoom"], 3, 1, 8, 2] } },
  ],
};

/** Which colour of a palette each layer takes. */
const PAINTS = [
  ["sea", "background-color", "sea"],
  ["land", "fill-color", "land"],
  ["home", "fill-color", "home"],
  ["lakes", "fill-color", "lake"],
  ["lakes", "fill-outline-color", "river"],
  ["rivers", "line-color", "river"],
  [LAST_LAYER, "line-color", "border"],
  ["home-border", "line-color", "home_border"],
] as const;

export class BaseMap implements Base {
  readonly map: MapLibre;
  private readonly listeners = new Listeners();
  private readonly element = document.createElement("div");
  private world = "";
  private readonly carried: Carried;
  private drawnAt = 0;

  /** pace: which frames are drawn while the map moves; in the others what was drawn is carried along. */
  constructor(
    private readonly container: HTMLElement,
    at: Home,
    private readonly pace: Pace,
  ) {
    this.element.className = "globe";
    container.append(this.element);
    setWorkerUrl(new URL(workerUrl, document.baseURI).href);
    this.map = new MapLibre({
      container: this.element,
      style: STYLE,
      center: [at.lon, at.lat],
      zoom: at.zoom,
      bearing: at.bearing ?? 0,
      minZoom: 1.5,
      maxZoom: 15,
      renderWorldCopies: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      attributionControl: false,
      fadeDuration: 0,
      keyboard: true,
    });
    const { map, listeners } = this;
    for (const name of ["move", "resize"] as const) map.on(name, () => listeners.tell("move"));
    for (const name of ["moveend", "resize", "load"] as const) map.on(name, () => listeners.tell("rest"));
    map.on("click", (event) => listeners.tell("click", event.point));
    map.on("mousemove", (event) => listeners.tell("hover", event.point));
    map.on("mouseout", () => listeners.tell("leave"));
    map.on("dragstart", () => listeners.tell("grab"));
    map.on("error", () => listeners.tell("failed"));
    this.carried = new Carried([map.getCanvas()]);
    this.hold();
    map.on("webglcontextrestored", () => this.hold()); // with a painter of its own
  }

  /** Let MapLibre's painter paint only where a frame is due. */
  private hold(): void {
    const { painter } = this.map;
    const paint = painter.render.bind(painter);
    this.drawnAt = 0;
    painter.render = (...said) => {
      const [view, now] = [this.view(), performance.now()];
      if (this.map.isMoving() && this.carried.fits(view) && !this.pace.due(now, this.drawnAt)) {
        this.carried.carry(view);
        this.map.triggerRepaint();
        return;
      }
      paint(...said);
      this.drawnAt = now;
      this.pace.drew(now);
      this.carried.mark(view);
    };
  }

  on<E extends keyof BaseEvents>(event: E, listener: BaseEvents[E]): void {
    this.listeners.add(event, listener);
  }

  setHome(code: string): void {
    if (!code || code === this.world) return;
    this.world = code;
    this.whenReady(() => {
      this.map.setFilter("home", ["==", ["get", "code"], code]);
      this.map.setFilter("home-border", ["==", ["get", "code"], code]);
    });
  }

  show(detail: Detail, on: boolean): void {
    this.whenReady(() => {
      for (const id of DETAILS[detail]) this.map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
    });
  }

  /** Another base lies in its place. */
  hide(hidden: boolean): void {
    this.element.hidden = hidden;
    if (!hidden) this.map.resize();
  }

  /** Do something to the style as soon as it is there. */
  whenReady(run: () => void): void {
    if (this.map.getLayer("home")) run();
    else this.map.once("styledata", run);
  }

  view(): View {
    const { lat, lng } = this.map.getCenter();
    const { clientWidth, clientHeight } = this.container;
    return viewOf(MERCATOR, lat, lng, this.map.getZoom(), clientWidth, clientHeight, this.map.getBearing());
  }

  home(): Home {
    const { lat, lng } = this.map.getCenter();
    return { lat, lon: lng, zoom: this.map.getZoom(), bearing: this.map.getBearing() };
  }

  go(to: Partial<Home>, duration_ms = 300): void {
    const { lat, lng } = this.map.getCenter();
    const where = { center: [to.lon ?? lng, to.lat ?? lat] as [number, number], zoom: to.zoom ?? this.map.getZoom(), bearing: to.bearing ?? this.map.getBearing() };
    if (duration_ms > 0) this.map.easeTo({ ...where, duration: duration_ms });
    else this.map.jumpTo(where);
  }

  fit(west: number, south: number, east: number, north: number): void {
    this.map.fitBounds([west, south, east, north], { padding: marginOf(this.container.clientWidth, this.container.clientHeight), maxZoom: 10, duration: 0 });
  }

  pans(on: boolean): void {
    for (const handler of [this.map.dragPan, this.map.doubleClickZoom, this.map.boxZoom]) handler[on ? "enable" : "disable"]();
  }

  stop(): void {
    this.map.stop();
  }

  pointing(on: boolean): void {
    this.container.classList.toggle("pointing", on);
  }

  setTheme({ map: colours }: Palette): void {
    this.whenReady(() => {
      for (const [layer, paint, colour] of PAINTS) this.map.setPaintProperty(layer, paint, colours[colour]);
    });
  }

  remove(): void {
    this.map.remove();
  }
}
