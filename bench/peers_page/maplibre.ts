// MapLibre's own way: a GeoJSON source that is set anew each second, shown by a symbol layer. No labels, vectors or history.

import type { GeoJSONSource } from "maplibre-gl";
import { basemap } from "./basemap";
import { COLOURS, fly, icons } from "./flights";

const map = basemap(true);

map.on("load", () => {
  const drawn = icons().getContext("2d", { willReadFrequently: true })!;
  COLOURS.forEach((_, k) => map.addImage(`identity${k}`, drawn.getImageData(24 * k, 0, 24, 24)));
  map.addSource("tracks", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({
    id: "tracks",
    type: "symbol",
    source: "tracks",
    layout: {
      "icon-image": ["concat", "identity", ["get", "identity"]],
      "icon-size": 0.66,
      "icon-rotate": ["get", "course"],
      "icon-rotation-alignment": "map",
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    },
  });
  fly((flights) => {
    const features = Array.from({ length: flights.count }, (_, i) => ({
      type: "Feature" as const,
      geometry: { type: "Point" as const, coordinates: [flights.places[2 * i]!, flights.places[2 * i + 1]!] },
      properties: { identity: flights.identities[i]!, course: flights.courses[i]! },
    }));
    void (map.getSource("tracks") as GeoJSONSource).setData({ type: "FeatureCollection", features });
  });
});
