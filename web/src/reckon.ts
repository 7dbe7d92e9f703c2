// Where tracks are guessed to be, and logarithmic steps, in whole numbers alone (src/tenere/serve/reckon.py says how).

import { MISSING } from "./packing";

const TURN = 3600;
export const SINE = Float64Array.from({ length: TURN }, (_, k) => Math.round(32768 * Math.sin((2 * Math.PI * k) / TURN)));
export const SECANT = Float64Array.from({ length: 91 }, (_, k) => Math.min(4096, Math.round(256 / Math.cos((k * Math.PI) / 180))));
const DEGREE = 100_000;
const SPEED_MOST = 8191;
const TIME_MOST = 6000;
const LOG_STEPS = 16;
const LOG_MOST = 40 * LOG_STEPS;
const [PER_2_15, PER_2_16, PER_2_23] = [2 ** -15, 2 ** -16, 2 ** -23];

/** How far north and east each track goes; later: how much its lag has grown, in steps (nothing: not at all). */
export function moved(n: number, steps: number, lat: Int32Array, course: Int32Array, speed: Int32Array, lag: Int32Array, later: Int32Array | undefined, north: Int32Array, east: Int32Array): void {
  for (let i = 0; i < n; i++) {
    const going = course[i]!;
    const fast = speed[i]!;
    if (going === MISSING || fast <= 0) {
      north[i] = east[i] = 0;
      continue;
    }
    let t = lagged(lag[i]!, later ? later[i]! : 0, steps);
    t = t > TIME_MOST ? TIME_MOST : t < -TIME_MOST ? -TIME_MOST : t;
    const way = Math.floor(19418 * (fast > SPEED_MOST ? SPEED_MOST : fast) * t * PER_2_16);
    let k = going;
    if (k < 0 || k >= TURN) k = ((k % TURN) + TURN) % TURN;
    const ahead = k + TURN / 4;
    const at = lat[i]!;
    const degrees = at === MISSING ? 0 : Math.min(90, (Math.abs(at) / DEGREE) | 0);
    north[i] = Math.floor(way * SINE[ahead < TURN ? ahead : ahead - TURN]! * PER_2_23);
    east[i] = Math.floor(Math.floor(way * SINE[k]! * PER_2_15) * SECANT[degrees]! * PER_2_16);
  }
}

function lagged(before: number, grown: number, steps: number): number {
  const now = (before + grown) | 0;
  return before === MISSING ? 0 : now === MISSING ? steps : steps + before - now;
}

/** The value of each logarithmic step. */
export const LOGARITHM = Float32Array.from({ length: LOG_MOST + 1 }, (_, k) => ((LOG_STEPS + (k % LOG_STEPS)) / (2 * LOG_STEPS)) * 2 ** Math.floor(k / LOG_STEPS));

export const logarithmOf = (step: number): number => LOGARITHM[Math.min(LOG_MOST, Math.max(0, step))]!;
