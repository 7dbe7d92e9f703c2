// Geodesics of WGS-84 (T. Vincenty, Survey Review 23 (176), 1975): the same as the server's (src/tenere/geo/geodesic.py), in degrees.

const A_M = 6378137;
const F = 1 / 298.257223563;
const B_M = A_M * (1 - F);
const RAD = Math.PI / 180;
/** Turns of the iteration: each gains two figures and a half, so that four end below a millimetre on the ranges of a picture. */
const TURNS = 20;
const SETTLED = 1e-12;

/** The line between two places: how long, which way it leaves the first and which way one goes back from the second, degrees from north. */
export interface Line {
  metres: number;
  bearing: number;
  back: number;
}

const turn = (degrees: number): number => ((degrees % 360) + 360) % 360;
/** A longitude within -180 and 180. */
export const east = (lon: number): number => turn(lon + 180) - 180;

/** Vincenty's A and B (equations 3 and 4). */
function series(cos2Alpha: number): [number, number] {
  const u2 = (cos2Alpha * (A_M * A_M - B_M * B_M)) / (B_M * B_M);
  return [1 + (u2 / 16384) * (4096 + u2 * (-768 + u2 * (320 - 175 * u2))), (u2 / 1024) * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))];
}

/** The correction of the arc (equation 6). */
function swing(b: number, sin: number, cos: number, cos2m: number): number {
  const inner = cos * (2 * cos2m * cos2m - 1) - (b / 6) * cos2m * (4 * sin * sin - 3) * (4 * cos2m * cos2m - 3);
  return b * sin * (cos2m + (b / 4) * inner);
}

/** Latitude and longitude at the end of a line of a given bearing and length. */
export function destination(lat: number, lon: number, metres: number, bearing: number): [number, number] {
  const [sinAz, cosAz] = [Math.sin(bearing * RAD), Math.cos(bearing * RAD)];
  const t1 = (1 - F) * Math.tan(lat * RAD);
  const c1 = 1 / Math.sqrt(1 + t1 * t1);
  const s1 = t1 * c1;
  const arc1 = Math.atan2(t1, cosAz);
  const sinA = c1 * sinAz;
  const cos2A = 1 - sinA * sinA;
  const [a, b] = series(cos2A);
  const first = metres / (B_M * a);
  let sigma = first;
  for (let i = 0; i < TURNS; i++) {
    const before = sigma;
    sigma = first + swing(b, Math.sin(sigma), Math.cos(sigma), Math.cos(2 * arc1 + sigma));
    if (Math.abs(sigma - before) < SETTLED) break;
  }
  const [sinS, cosS, cos2m] = [Math.sin(sigma), Math.cos(sigma), Math.cos(2 * arc1 + sigma)];
  const lat2 = Math.atan2(s1 * cosS + c1 * sinS * cosAz, (1 - F) * Math.hypot(sinA, s1 * sinS - c1 * cosS * cosAz));
  const lambda = Math.atan2(sinS * sinAz, c1 * cosS - s1 * sinS * cosAz);
  const c = (F / 16) * cos2A * (4 + F * (4 - 3 * cos2A));
  const dl = lambda - (1 - c) * F * sinA * (sigma + c * sinS * (cos2m + c * cosS * (2 * cos2m * cos2m - 1)));
  return [lat2 / RAD, east(lon + dl / RAD)];
}

/** The line between two places; where they are nearly opposite each other on the earth it is only about right. */
export function between(lat1: number, lon1: number, lat2: number, lon2: number): Line {
  const l = east(lon2 - lon1) * RAD;
  const [t1, t2] = [(1 - F) * Math.tan(lat1 * RAD), (1 - F) * Math.tan(lat2 * RAD)];
  const c1 = 1 / Math.sqrt(1 + t1 * t1);
  const c2 = 1 / Math.sqrt(1 + t2 * t2);
  const [s1, s2] = [t1 * c1, t2 * c2];
  let lambda = l;
  for (let i = 0; ; i++) {
    const [sinL, cosL] = [Math.sin(lambda), Math.cos(lambda)];
    const [x, y] = [c2 * sinL, c1 * s2 - s1 * c2 * cosL];
    const [sinS, cosS] = [Math.sqrt(x * x + y * y), s1 * s2 + c1 * c2 * cosL];
    if (sinS === 0 && cosS > 0) return { metres: 0, bearing: 0, back: 0 };
    const sigma = Math.atan2(sinS, cosS);
    const sinA = sinS > 0 ? (c1 * c2 * sinL) / sinS : 0;
    const cos2A = 1 - sinA * sinA;
    const cos2m = cos2A > 1e-15 ? cosS - (2 * s1 * s2) / cos2A : 0;
    const c = (F / 16) * cos2A * (4 + F * (4 - 3 * cos2A));
    const next = l + (1 - c) * F * sinA * (sigma + c * sinS * (cos2m + c * cosS * (2 * cos2m * cos2m - 1)));
    if (Math.abs(next - lambda) < SETTLED || Math.abs(next) > Math.PI || i === TURNS) {
      const [a, b] = series(cos2A);
      const back = Math.atan2(c1 * sinL, c1 * s2 * cosL - s1 * c2);
      return { metres: B_M * a * (sigma - swing(b, sinS, cosS, cos2m)), bearing: turn(Math.atan2(x, y) / RAD), back: turn(back / RAD + 180) };
    }
    lambda = next;
  }
}
