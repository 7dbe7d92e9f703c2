// Makes the basemap from world-atlas (Natural Earth 10m, public domain), once:
//   build/countries.geojson   every country's polygons, with its two-letter code where it has one
//   build/labels.json         [code, English name, longitude, latitude, how wide it is in degrees]
//   ../src/tenere/geo/data/countries-10m.json   the same file as it came, for the server's borders
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { feature } from "topojson-client";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(web, "node_modules/world-atlas/countries-10m.json");
const out = join(web, "build");
const forServer = join(web, "../src/tenere/geo/data/countries-10m.json");

/** Longitude and latitude to 3 decimals: the source's own grid is coarser. */
const rounded = (value) => (typeof value === "number" ? Math.round(value * 1000) / 1000 : value.map(rounded));

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

const made = [join(out, "countries.geojson"), join(out, "labels.json"), forServer];
const newest = Math.max(statSync(source).mtimeMs, statSync(fileURLToPath(import.meta.url)).mtimeMs);
if (made.every((path) => existsSync(path) && statSync(path).mtimeMs >= newest)) process.exit(0);

const atlas = JSON.parse(readFileSync(source, "utf8"));
const features = [];
const labels = [];
for (const f of feature(atlas, atlas.objects.countries).features) {
  const code = letters(f.id);
  const coordinates = rounded(f.geometry.coordinates);
  features.push({ type: "Feature", properties: { code }, geometry: { type: f.geometry.type, coordinates } });
  const outer = (f.geometry.type === "Polygon" ? [coordinates] : coordinates).map((polygon) => polygon[0]);
  const middle = middleOf(outer.reduce((a, b) => (areaOf(a) >= areaOf(b) ? a : b)));
  labels.push([code, f.properties.name, ...[middle.lon, middle.lat, middle.width].map((v) => Math.round(v * 100) / 100)]);
}
mkdirSync(out, { recursive: true });
mkdirSync(dirname(forServer), { recursive: true });
writeFileSync(made[0], JSON.stringify({ type: "FeatureCollection", features }));
writeFileSync(made[1], JSON.stringify(labels));
copyFileSync(source, forServer);
console.log(`basemap: ${features.length} countries, ${Math.round(statSync(made[0]).size / 1e5) / 10} MB`);
