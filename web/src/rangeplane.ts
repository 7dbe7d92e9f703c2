// The plane of a true-range view: azimuthal equidistant about a place. Distances and bearings from that place are those of WGS-84.

import { between, destination } from "./geodesic";
import { EARTH_CIRCUMFERENCE_M, type Plane } from "./plane";

const RAD = Math.PI / 180;
/** Nearer than this to the place's opposite nothing is drawn: the plane tears there. */
export const RANGE_MAX_M = 16_000_000;

export class RangePlane implements Plane {
  readonly id = "range";
  /** World units per metre along every line from the centre: as in Mercator there, so that a zoom shows as much in both. */
  readonly perMetre: number;
  private lat1 = NaN;
  private lon1 = NaN;
  private x1 = NaN;
  private y1 = NaN;
  private sx = NaN;
  private sy = NaN;
  private place: [number, number] = [NaN, NaN];

  constructor(
    readonly lat0: number,
    readonly lon0: number,
  ) {
    this.perMetre = 1 / (EARTH_CIRCUMFERENCE_M * Math.max(0.2, Math.cos(lat0 * RAD)));
  }

  x(lat: number, lon: number): number {
    this.lay(lat, lon);
    return this.x1;
  }

  y(lat: number, lon: number): number {
    this.lay(lat, lon);
    return this.y1;
  }

  lat(x: number, y: number): number {
    this.find(x, y);
    return this.place[0];
  }

  lon(x: number, y: number): number {
    this.find(x, y);
    return this.place[1];
  }

  unitsPerMetre(): number {
    return this.perMetre;
  }

  /** Both coordinates of a place are mostly asked for together. */
  private lay(lat: number, lon: number): void {
    if (lat === this.lat1 && lon === this.lon1) return;
    const { metres, bearing } = between(this.lat0, this.lon0, lat, lon);
    const r = Math.min(metres, RANGE_MAX_M) * this.perMetre;
    [this.lat1, this.lon1] = [lat, lon];
    this.x1 = 0.5 + r * Math.sin(bearing * RAD);
    this.y1 = 0.5 - r * Math.cos(bearing * RAD);
  }

  private find(x: number, y: number): void {
    if (x === this.sx && y === this.sy) return;
    [this.sx, this.sy] = [x, y];
    const [east, north] = [x - 0.5, 0.5 - y];
    const metres = Math.min(RANGE_MAX_M, Math.hypot(east, north) / this.perMetre);
    this.place = destination(this.lat0, this.lon0, metres, Math.atan2(east, north) / RAD);
  }
}
