// From wire columns to what the track layer's buffer holds: 24 bytes a track, no object a track.

import { Mark } from "./shaders";
import { MERCATOR, EARTH_CIRCUMFERENCE_M, placeFrom, type Plane } from "./plane";
import { Emergency, TrackFlag, type PageTracks } from "./wire";

export const STRIDE = 24; // place 2 × f4 | velocity 2 × f4 | style 4 × u1 | course f4
const KNOT_MS = 1852 / 3600;
const RAD = Math.PI / 180;
const LAG_MAX_S = 120;
const NOWHERE = 9;
const STEP_S = 10;

/** The buffer and where it says each track is, in world units at the frame's time (NaN: not on the map). */
export interface Packed {
  count: number;
  bytes: ArrayBuffer;
  x: Float64Array;
  y: Float64Array;
  vx: Float64Array;
  vy: Float64Array;
}

export function pack(t: PageTracks, plane: Plane, originX: number, originY: number, alerted: ReadonlyMap<number, number>, reuse?: Packed): Packed {
  const n = t.rows;
  const room = reuse && reuse.x.length >= n ? reuse : undefined;
  const size = room ? room.x.length : Math.ceil(n * 1.25) + 16;
  const out: Packed = room ?? {
    count: 0,
    bytes: new ArrayBuffer(size * STRIDE),
    x: new Float64Array(size),
    y: new Float64Array(size),
    vx: new Float64Array(size),
    vy: new Float64Array(size),
  };
  out.count = n;
  const floats = new Float32Array(out.bytes);
  const style = new Uint8Array(out.bytes);
  const { number, lat_deg, lon_deg, lag_s, speed_kt, course_deg, identity, aircraft_class, flags, emergency } = t;
  const isProtected = t.protected;
  const anyAlert = alerted.size > 0;
  for (let i = 0; i < n; i++) {
    const lat = lat_deg[i]!;
    let course = course_deg[i]! * RAD || 0;
    const metres = (speed_kt[i]! || 0) * KNOT_MS;
    const lag = Math.min(Math.max(lag_s[i]! || 0, 0), LAG_MAX_S);
    let x: number, y: number, vx: number, vy: number;
    if (plane === MERCATOR) {
      const sin = Math.sin(lat * RAD);
      const speed = metres / (EARTH_CIRCUMFERENCE_M * Math.sqrt(1 - sin * sin));
      vx = speed * Math.sin(course);
      vy = -speed * Math.cos(course);
      x = (lon_deg[i]! + 180) / 360;
      y = 0.5 - (0.25 / Math.PI) * Math.log((1 + sin) / (1 - sin));
    } else {
      // In any other plane, along the line to where it would be in STEP_S; without speed, only which way it points.
      const lon = lon_deg[i]!;
      const step = metres > 0 ? metres * STEP_S : 1000;
      const ahead = placeFrom(lat, lon, step, course_deg[i]! || 0);
      x = plane.x(lat, lon);
      y = plane.y(lat, lon);
      const [dx, dy] = [plane.x(...ahead) - x, plane.y(...ahead) - y];
      vx = metres > 0 ? dx / STEP_S : 0;
      vy = metres > 0 ? dy / STEP_S : 0;
      course = Math.atan2(dx, -dy) || 0;
    }
    x += vx * lag;
    y += vy * lag;
    out.x[i] = x;
    out.y[i] = y;
    out.vx[i] = vx;
    out.vy[i] = vy;
    const at = i * 6;
    const somewhere = x === x && y === y;
    floats[at] = somewhere ? x - originX : NOWHERE;
    floats[at + 1] = somewhere ? y - originY : NOWHERE;
    floats[at + 2] = somewhere ? vx : 0;
    floats[at + 3] = somewhere ? vy : 0;
    const f = flags[i]!;
    const urgent = emergency[i]! !== Emergency.NONE;
    const byte = i * STRIDE + 16;
    style[byte] = identity[i]!;
    style[byte + 1] = aircraft_class[i]!;
    style[byte + 2] =
      (isProtected[i] ? Mark.PROTECTED : 0) |
      (f & TrackFlag.COASTING ? Mark.COASTING : 0) |
      (f & TrackFlag.SYSTEM ? Mark.SYSTEM : 0) |
      (f & TrackFlag.NOT_LIVE ? Mark.NOT_LIVE : 0) |
      (f & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM) ? 0 : Mark.TENTATIVE) |
      (f & TrackFlag.ON_GROUND ? Mark.GROUND : 0) |
      (urgent ? Mark.EMERGENCY : 0);
    style[byte + 3] = urgent ? 3 : anyAlert ? (alerted.get(number[i]!) ?? 0) : 0;
    floats[at + 5] = course;
  }
  return out;
}
