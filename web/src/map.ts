// The basemap (MapLibre GL, offline) and the view it gives to every layer above it.

import { Map as MapLibre, setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import countriesUrl from "../build/countries.geojson?url";
import { mercatorX, mercatorY, type View } from "./mercator";

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

export interface Home {
  lat: number;
  lon: number;
  zoom: number;
}

export class BaseMap {
  readonly map: MapLibre;
  private world = "";

  constructor(container: HTMLElement, view: Home) {
    setWorkerUrl(new URL(workerUrl, document.baseURI).href);
    this.map = new MapLibre({
      container,
      style: STYLE,
      center: [view.lon, view.lat],
      zoom: view.zoom,
      minZoom: 1.5,
      maxZoom: 15,
      renderWorldCopies: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      attributionControl: false,
      fadeDuration: 0,
      keyboard: true,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
  }

  /** Bring out one country's land and border. */
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

  /** What the map shows now. */
  view(): View {
    const centre = this.map.getCenter();
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    return { x: mercatorX(centre.lng), y: mercatorY(centre.lat), scale: 512 * 2 ** this.map.getZoom(), width, height };
  }
}
