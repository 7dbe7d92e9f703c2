// Web Mercator as MapLibre uses it: the world is 0..1, 512 CSS pixels wide at zoom 0.

export const EARTH_CIRCUMFERENCE_M = 2 * Math.PI * 6378137;
const RAD = Math.PI / 180;

export const mercatorX = (lon: number): number => (lon + 180) / 360;

export function mercatorY(lat: number): number {
  const s = Math.sin(Math.max(-85.05, Math.min(85.05, lat)) * RAD);
  return 0.5 - (0.25 / Math.PI) * Math.log((1 + s) / (1 - s));
}

export const lonOf = (x: number): number => x * 360 - 180;
export const latOf = (y: number): number => Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) / RAD;

/** World units per metre at a latitude. */
export const unitsPerMetre = (lat: number): number => 1 / (EARTH_CIRCUMFERENCE_M * Math.cos(lat * RAD));

/** What the map shows: centre in world units, CSS pixels per world unit, size in CSS pixels. */
export interface View {
  x: number;
  y: number;
  scale: number;
  width: number;
  height: number;
}

export const screenX = (view: View, x: number): number => (x - view.x) * view.scale + view.width / 2;
export const screenY = (view: View, y: number): number => (y - view.y) * view.scale + view.height / 2;

/** Points of a circle of radius_m on a sphere around a place, as world units: x, y, x, y … */
export function ring(lat: number, lon: number, radius_m: number, points = 96): Float64Array {
  const out = new Float64Array(2 * points);
  const d = radius_m / 6371008.8;
  for (let i = 0; i < points; i++) {
    const bearing = (2 * Math.PI * i) / points;
    const s = Math.sin(lat * RAD) * Math.cos(d) + Math.cos(lat * RAD) * Math.sin(d) * Math.cos(bearing);
    const east = Math.atan2(Math.sin(bearing) * Math.sin(d) * Math.cos(lat * RAD), Math.cos(d) - Math.sin(lat * RAD) * s);
    out[2 * i] = mercatorX(lon + east / RAD);
    out[2 * i + 1] = mercatorY(Math.asin(s) / RAD);
  }
  return out;
}

const AHEAD_S = [60, 120, 300, 600];

/** How far ahead vectors reach: 60 s where an airliner's then shows beside its symbol, longer on smaller scales. */
export function aheadOf(view: View): number {
  const lat = 2 * Math.atan(Math.exp(Math.PI * (1 - 2 * view.y))) - Math.PI / 2;
  const pixelsPerSecond = (230 * view.scale) / (EARTH_CIRCUMFERENCE_M * Math.cos(lat));
  return AHEAD_S.find((s) => s * pixelsPerSecond >= 22) ?? 600;
}
