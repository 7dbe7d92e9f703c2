// The basemap that the page itself draws under its tracks, for each peer too.

import "maplibre-gl/dist/maplibre-gl.css";
import { Map as MapLibre, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import countriesUrl from "../../web/build/countries.geojson?url";
import { CENTRE, ZOOM } from "./flights";

export function basemap(interactive: boolean): MapLibre {
  setWorkerUrl(new URL(workerUrl, document.baseURI).href);
  return new MapLibre({
    container: "map",
    style: {
      version: 8,
      sources: { countries: { type: "geojson", data: new URL(countriesUrl, document.baseURI).href, maxzoom: 10, tolerance: 0.3, buffer: 16 } },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": "#04070b" } },
        { id: "land", type: "fill", source: "countries", paint: { "fill-color": "#0b0f14", "fill-antialias": false } },
        { id: "borders", type: "line", source: "countries", paint: { "line-color": "#333d48", "line-width": 1 } },
      ],
    },
    center: CENTRE,
    zoom: ZOOM,
    interactive,
    renderWorldCopies: false,
    attributionControl: false,
    fadeDuration: 0,
  });
}
