// Land, lakes and rivers for a base that draws on a plain canvas: the same files as MapLibre reads, as flat arrays.

import type { Feature, FeatureCollection, Position } from "geojson";
import countriesUrl from "../../build/countries.geojson?url";
import waterUrl from "../../build/water.geojson?url";

export interface Shape {
  kind: "land" | "lake" | "river";
  /** The country's two letters, of land. */
  code: string;
  /** Latitude, longitude, latitude … of the outline, then of its holes; of a river, its course. */
  rings: Float64Array[];
}

export const urls = { countries: new URL(countriesUrl, document.baseURI).href, water: new URL(waterUrl, document.baseURI).href };

let asked: Promise<Shape[]> | undefined;

/** Every shape, fetched once. */
export function shapes(): Promise<Shape[]> {
  asked ??= Promise.all([urls.countries, urls.water].map(read)).then((both) => both.flat());
  asked.catch(() => (asked = undefined)); // asked again next time
  return asked;
}

async function read(url: string): Promise<Shape[]> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return ((await answer.json()) as FeatureCollection).features.flatMap(shapesOf);
}

function shapesOf({ geometry, properties }: Feature): Shape[] {
  const code = String(properties?.["code"] ?? "");
  if (geometry.type === "MultiPolygon") return geometry.coordinates.map((rings) => ({ kind: "land", code, rings: rings.map(flat) }));
  if (geometry.type === "Polygon") return [{ kind: "lake", code, rings: geometry.coordinates.map(flat) }];
  return geometry.type === "LineString" ? [{ kind: "river", code, rings: [flat(geometry.coordinates)] }] : [];
}

/** [longitude, latitude] pairs as latitude, longitude, latitude … */
export function flat(line: Position[]): Float64Array {
  const out = new Float64Array(2 * line.length);
  line.forEach(([lon, lat], i) => out.set([lat!, lon!], 2 * i));
  return out;
}
