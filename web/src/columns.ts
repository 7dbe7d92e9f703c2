// From wire columns to what the track layer's buffer holds: 28 bytes a track, no object a track.

import { Mark } from "./shaders";
import { MERCATOR, EARTH_CIRCUMFERENCE_M, placeFrom, type Plane } from "./plane";
import { Emergency, Identity, TrackFlag, type PageTracks } from "./wire";

export const STRIDE = 28; // place 2 × f4 | velocity 2 × f4 | style 4 × u1 | course f4 | more 4 × u1
const WORDS = STRIDE / 4;
const KNOT_MS = 1852 / 3600;
const RAD = Math.PI / 180;
const LAG_MAX_S = 120;
const NOWHERE = 9;
const STEP_S = 10;

/** How much a track matters to who looks. From ALWAYS it is drawn as a symbol in any crowd; from LOUD it is labelled over others. */
export const Rank = { TENTATIVE: 0, LATE: 20, ORDINARY: 40, UNKNOWN: 60, PROTECTED: 70, SUSPECT: 80, ALERT: 90, CHOSEN: 100 } as const;
export const ALWAYS = Rank.UNKNOWN;
export const LOUD = Rank.ALERT;

/** A coasting track pales from its whole strength at FRESH_S without a plot to PALEST at STALE_S. */
const FRESH_S = 8;
const STALE_S = 60;
const PALE = 0.75;
const PALEST = 0.35;

/** The buffer and where it says each track is, in world units at the frame's time (NaN: not on the map). */
export interface Packed {
  count: number;
  plane: Plane;
  bytes: ArrayBuffer;
  floats: Float32Array;
  words: Uint32Array;
  style: Uint8Array;
  x: Float64Array;
  y: Float64Array;
  vx: Float64Array;
  vy: Float64Array;
  rank: Uint8Array;
  /** The greatest speed, in units of the plane a second. */
  fastest: number;
  /** Whether an emergency is among them, which blinks. */
  blinks: boolean;
}

const STEPS_A_TURN = 4096;
const SINES = Float64Array.from({ length: STEPS_A_TURN + 1 }, (_, k) => Math.sin((2 * Math.PI * k) / STEPS_A_TURN));

/** The sine of an angle, to 3e-7: a third of the cost of Math.sin, and a velocity needs no more. */
function sine(angle: number): number {
  const at = angle * (STEPS_A_TURN / (2 * Math.PI));
  const whole = Math.floor(at);
  const k = whole & (STEPS_A_TURN - 1);
  return SINES[k]! + (at - whole) * (SINES[k + 1]! - SINES[k]!);
}

/** How strongly a coasting track is drawn, by the age of its last plot. */
export function strengthOf(age_s: number): number {
  const stale = Math.min(1, Math.max(0, ((Number.isFinite(age_s) ? age_s : STALE_S) - FRESH_S) / (STALE_S - FRESH_S)));
  return PALE + (PALEST - PALE) * stale;
}

/** How much a row matters, leaving aside whether it is chosen. */
export function rankOf(t: PageTracks, row: number, alert: number): number {
  const flags = t.flags[row]!;
  if (t.emergency[row]! !== Emergency.NONE || alert > 1) return Rank.ALERT;
  if (!(flags & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM))) return Rank.TENTATIVE;
  if (t.identity[row] === Identity.SUSPECT) return Rank.SUSPECT;
  if (t.protected[row]) return Rank.PROTECTED;
  if (t.identity[row] === Identity.UNKNOWN) return Rank.UNKNOWN;
  return flags & (TrackFlag.COASTING | TrackFlag.ON_GROUND) ? Rank.LATE : Rank.ORDINARY;
}

function roomFor(n: number, plane: Plane): Packed {
  const size = Math.ceil(n * 1.25) + 16;
  const bytes = new ArrayBuffer(size * STRIDE);
  const [x, y, vx, vy] = [0, 1, 2, 3].map(() => new Float64Array(size)) as [Float64Array, Float64Array, Float64Array, Float64Array];
  return { count: 0, plane, bytes, floats: new Float32Array(bytes), words: new Uint32Array(bytes), style: new Uint8Array(bytes), x, y, vx, vy, rank: new Uint8Array(size), fastest: 0, blinks: false };
}

export function pack(t: PageTracks, plane: Plane, originX: number, originY: number, alerted: ReadonlyMap<number, number>, reuse?: Packed): Packed {
  const n = t.rows;
  const out = reuse && reuse.x.length >= n ? reuse : roomFor(n, plane);
  out.count = n;
  out.plane = plane;
  const { floats, style, rank } = out;
  const { number, lat_deg, lon_deg, lag_s, speed_kt, course_deg, identity, aircraft_class, flags, emergency, age_s, civil } = t;
  const isProtected = t.protected;
  const anyAlert = alerted.size > 0;
  let [fastest2, blinks] = [0, false];
  for (let i = 0; i < n; i++) {
    const lat = lat_deg[i]!;
    let course = course_deg[i]! * RAD || 0;
    const metres = (speed_kt[i]! || 0) * KNOT_MS;
    const lag = Math.min(Math.max(lag_s[i]! || 0, 0), LAG_MAX_S);
    let x: number, y: number, vx: number, vy: number;
    if (plane === MERCATOR) {
      const sin = Math.sin(lat * RAD);
      const speed = metres / (EARTH_CIRCUMFERENCE_M * Math.sqrt(1 - sin * sin));
      vx = speed * sine(course);
      vy = -speed * sine(course + Math.PI / 2);
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
    if (vx * vx + vy * vy > fastest2) fastest2 = vx * vx + vy * vy;
    const at = i * WORDS;
    const somewhere = x === x && y === y;
    floats[at] = somewhere ? x - originX : NOWHERE;
    floats[at + 1] = somewhere ? y - originY : NOWHERE;
    floats[at + 2] = somewhere ? vx : 0;
    floats[at + 3] = somewhere ? vy : 0;
    floats[at + 5] = course;
    const f = flags[i]!;
    const urgent = emergency[i]! !== Emergency.NONE;
    const alert = urgent ? 3 : anyAlert ? (alerted.get(number[i]!) ?? 0) : 0;
    blinks ||= alert > 2;
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
      (urgent ? Mark.EMERGENCY : 0) |
      (civil[i] ? Mark.CIVIL : 0);
    style[byte + 3] = alert;
    style[byte + 8] = f & TrackFlag.COASTING ? Math.round(255 * strengthOf(age_s[i]!)) : 255;
    rank[i] = rankOf(t, i, alert);
  }
  out.fastest = Math.sqrt(fastest2);
  out.blinks = blinks;
  return out;
}
