// The basemap by MapLibre GL, offline: Web Mercator.

import { Map as MapLibre, setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import countriesUrl from "../build/countries.geojson?url";
import { Listeners, type Base, type BaseEvents, type Home } from "./base";
import type { Palette } from "./palettes";
import { MERCATOR, viewOf, type View } from "./plane";

const STYLE: StyleSpecification = {
  version: 8,
  sources: { countries: { type: "geojson", data: new URL(countriesUrl, document.baseURI).href, maxzoom: 10, tolerance: 0.3, buffer: 16 } },
  layers: [
    { id: "sea", type: "background", paint: { "background-color": "#04070b" } },
    { id: "land", type: "fill", source: "countries", paint: { "fill-color": "#0b0f14", "fill-antialias": false } },
    { id: "home", type: "fill", source: "countries", filter: ["==", ["get", "code"], "--"], paint: { "fill-color": "#10161d", "fill-antialias": false } },
    { id: "borders", type: "line", source: "countries", paint: { "line-color": "#333d48", "line-width": ["interpolate", ["linear"], ["zoom"], 3, 0.7, 8, 1.3] } },
    {
      id: "home-border",
      type: "line",
      source: "countries",
      filter: ["==", ["get", "code"], "--"],
      paint: { "line-color": "#66768a", "line-width": ["interpolate", ["linear"], ["zoom"], 3, 1, 8, 2] },
    },
  ],
};

/** Which colour of a palette each layer takes. */
const PAINTS = [
  ["sea", "background-color", "sea"],
  ["land", "fill-color", "land"],
  ["home", "fill-color", "home"],
  ["borders", "line-color", "border"],
  ["home-border", "line-color", "home_border"],
] as const;

export class BaseMap implements Base {
  readonly map: MapLibre;
  private readonly listeners = new Listeners();
  private world = "";

  constructor(
    private readonly container: HTMLElement,
    at: Home,
  ) {
    setWorkerUrl(new URL(workerUrl, document.baseURI).href);
    this.map = new MapLibre({
      container,
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
  }

  on<E extends keyof BaseEvents>(event: E, listener: BaseEvents[E]): void {
    this.listeners.add(event, listener);
  }

  setHome(code: string): void {
    if (!code || code === this.world) return;
    this.world = code;
    const apply = (): void => {
      this.map.setFilter("home", ["==", ["get", "code"], code]);
      this.map.setFilter("home-border", ["==", ["get", "code"], code]);
    };
    if (this.map.getLayer("home")) apply();
    else this.map.once("styledata", apply);
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
    this.map.fitBounds([west, south, east, north], { padding: 80, maxZoom: 10, duration: 0 });
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
    const apply = (): void => {
      for (const [layer, paint, colour] of PAINTS) this.map.setPaintProperty(layer, paint, colours[colour]);
    };
    if (this.map.getLayer("home")) apply();
    else this.map.once("styledata", apply);
  }

  remove(): void {
    this.map.remove();
  }
}
