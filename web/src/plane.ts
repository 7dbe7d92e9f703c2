// The plane a map is drawn in, and the view of it: every layer asks here where things are on the screen.

import { destination } from "./geodesic";

/** A way to lay the earth flat, in world units: x grows eastwards, y downwards, from about 0 to 1. */
export interface Plane {
  readonly id: "mercator" | "range";
  x(lat: number, lon: number): number;
  y(lat: number, lon: number): number;
  lat(x: number, y: number): number;
  lon(x: number, y: number): number;
  /** World units per metre at a place. */
  unitsPerMetre(lat: number, lon: number): number;
}

export const EARTH_CIRCUMFERENCE_M = 2 * Math.PI * 6378137;
const RAD = Math.PI / 180;
const LAT_MAX = 85.05;

/** Web Mercator as MapLibre uses it: the world is 0..1, 512 CSS pixels wide at zoom 0. */
export const MERCATOR: Plane = {
  id: "mercator",
  x: (_, lon) => (lon + 180) / 360,
  y: (lat) => {
    const s = Math.sin(Math.max(-LAT_MAX, Math.min(LAT_MAX, lat)) * RAD);
    return 0.5 - (0.25 / Math.PI) * Math.log((1 + s) / (1 - s));
  },
  lat: (_, y) => Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) / RAD,
  lon: (x) => x * 360 - 180,
  unitsPerMetre: (lat) => 1 / (EARTH_CIRCUMFERENCE_M * Math.cos(lat * RAD)),
};

/** What the map shows: the plane, the centre in world units, CSS pixels per world unit, size in CSS pixels, and what is up. */
export interface View {
  readonly plane: Plane;
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly width: number;
  readonly height: number;
  /** Cosine and sine of the bearing that is up: 1 and 0 where that is north. */
  readonly cos: number;
  readonly sin: number;
}

/** Make a view; bearing_deg: what is up, clockwise from north. */
export function viewOf(plane: Plane, lat: number, lon: number, zoom: number, width: number, height: number, bearing_deg = 0): View {
  const bearing = bearing_deg * RAD;
  return { plane, x: plane.x(lat, lon), y: plane.y(lat, lon), scale: 512 * 2 ** zoom, width, height, cos: Math.cos(bearing), sin: Math.sin(bearing) };
}

/** Where a point of the plane is on the screen, in CSS pixels from the view's corner. */
export const screenX = (v: View, x: number, y: number): number => ((x - v.x) * v.cos + (y - v.y) * v.sin) * v.scale + v.width / 2;
export const screenY = (v: View, x: number, y: number): number => ((y - v.y) * v.cos - (x - v.x) * v.sin) * v.scale + v.height / 2;

/** The point of the plane under a place of the screen. */
export const planeX = (v: View, sx: number, sy: number): number => v.x + ((sx - v.width / 2) * v.cos - (sy - v.height / 2) * v.sin) / v.scale;
export const planeY = (v: View, sx: number, sy: number): number => v.y + ((sx - v.width / 2) * v.sin + (sy - v.height / 2) * v.cos) / v.scale;

/** Where a latitude and longitude is on the screen. */
export function screenOf(v: View, lat: number, lon: number): [number, number] {
  const [x, y] = [v.plane.x(lat, lon), v.plane.y(lat, lon)];
  return [screenX(v, x, y), screenY(v, x, y)];
}

/** Latitude and longitude under a place of the screen. */
export function placeAt(v: View, sx: number, sy: number): [number, number] {
  const [x, y] = [planeX(v, sx, sy), planeY(v, sx, sy)];
  return [v.plane.lat(x, y), v.plane.lon(x, y)];
}

export const centreOf = (v: View): [number, number] => [v.plane.lat(v.x, v.y), v.plane.lon(v.x, v.y)];

/** CSS pixels per metre in the middle of a view. */
export function pixelsPerMetre(v: View): number {
  const [lat, lon] = centreOf(v);
  return v.scale * v.plane.unitsPerMetre(lat, lon);
}

export const zoomOf = (v: View): number => Math.log2(v.scale / 512);

/** The place at a short distance and bearing from another, on a sphere (so in half a microsecond; `destination` is the exact one). */
export function placeFrom(lat: number, lon: number, metres: number, bearing_deg: number): [number, number] {
  const [d, b] = [metres / 6371008.8, bearing_deg * RAD];
  const s = Math.sin(lat * RAD) * Math.cos(d) + Math.cos(lat * RAD) * Math.sin(d) * Math.cos(b);
  const east = Math.atan2(Math.sin(b) * Math.sin(d) * Math.cos(lat * RAD), Math.cos(d) - Math.sin(lat * RAD) * s);
  return [Math.asin(s) / RAD, lon + east / RAD];
}

/** Latitudes and longitudes of a circle of radius_m around a place: lat, lon, lat, lon … */
export function ring(lat: number, lon: number, radius_m: number, points = 96): Float64Array {
  const out = new Float64Array(2 * points);
  for (let i = 0; i < points; i++) out.set(destination(lat, lon, radius_m, (360 * i) / points), 2 * i);
  return out;
}

const laid = new WeakMap<Float64Array, { plane: Plane; at: Float64Array }>();

/** Places (lat, lon, lat, lon …) laid in a plane (x, y, x, y …); kept as long as the places are and the plane stays. */
export function inPlane(places: Float64Array, plane: Plane): Float64Array {
  const kept = laid.get(places);
  if (kept?.plane === plane) return kept.at;
  const at = new Float64Array(places.length);
  for (let i = 0; i < places.length; i += 2) {
    at[i] = plane.x(places[i]!, places[i + 1]!);
    at[i + 1] = plane.y(places[i]!, places[i + 1]!);
  }
  laid.set(places, { plane, at });
  return at;
}

const AHEAD_S = [60, 120, 300, 600];

/** How far ahead vectors reach: 60 s where an airliner's then shows beside its symbol, longer on smaller scales. */
export function aheadOf(view: View): number {
  const pixelsPerSecond = 230 * pixelsPerMetre(view);
  return AHEAD_S.find((s) => s * pixelsPerSecond >= 22) ?? 600;
}
