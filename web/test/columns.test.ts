import { expect, test } from "vitest";
import { pack, STRIDE } from "../src/columns";
import { parseFrame, TRACKS } from "../src/frames";
import { EARTH_CIRCUMFERENCE_M, MERCATOR } from "../src/plane";
import { Mark } from "../src/shaders";
import { Emergency, Identity, TrackFlag, type PageTracks } from "../src/wire";
import { makeFrame } from "./made";

const tracks = (values: Record<string, (number | string)[]>): PageTracks => parseFrame(makeFrame(TRACKS, 1, 0, { PageTracks: values })).tracks!;

test("places are kept to a centimetre although the buffer has 32 bits", () => {
  const t = tracks({ number: [1], lat_deg: [13.4815], lon_deg: [2.1836], identity: [Identity.SUSPECT], flags: [TrackFlag.CONFIRMED] });
  const [x, y] = [MERCATOR.x(0, t.lon_deg[0]!), MERCATOR.y(t.lat_deg[0]!, 0)];
  const packed = pack(t, MERCATOR, x + 1e-5, y, new Map());
  const floats = new Float32Array(packed.bytes);
  expect(Math.abs(floats[0]! + 1e-5) * EARTH_CIRCUMFERENCE_M).toBeLessThan(0.01);
  expect(packed.x[0]).toBeCloseTo(x, 12);
  expect(packed.y[0]).toBeCloseTo(y, 12);
});

test("velocity is course and speed, and the place is reckoned on over the lag", () => {
  const t = tracks({ number: [1, 2], lat_deg: [0, 60], lon_deg: [0, 0], speed_kt: [360, 360], course_deg: [90, 0], lag_s: [0, 10], flags: [1, 1] });
  const packed = pack(t, MERCATOR, 0, 0, new Map());
  const metres = (360 * 1852) / 3600;
  expect(packed.vx[0]! * EARTH_CIRCUMFERENCE_M).toBeCloseTo(metres, 6);
  expect(packed.vy[0]!).toBeCloseTo(0, 15);
  expect(packed.vy[1]! * EARTH_CIRCUMFERENCE_M * Math.cos(Math.PI / 3)).toBeCloseTo(-metres, 6);
  expect(packed.y[1]! - MERCATOR.y(60, 0)).toBeCloseTo(10 * packed.vy[1]!, 15);
});

test("marks, alerts and emergencies reach the style", () => {
  const flags = [TrackFlag.CONFIRMED, TrackFlag.COASTING | TrackFlag.CONFIRMED, TrackFlag.SYSTEM, 0];
  const t = tracks({ number: [1, 2, 3, 4], lat_deg: [1, 1, 1, 1], protected: [1, 0, 0, 0], emergency: [0, Emergency.GENERAL, 0, 0], identity: [4, 1, 2, 0], flags });
  const style = new Uint8Array(pack(t, MERCATOR, 0, 0, new Map([[3, 2]])).bytes);
  const of = (i: number) => [...style.subarray(i * STRIDE + 16, i * STRIDE + 20)];
  expect(of(0)).toEqual([4, 0, Mark.PROTECTED, 0]);
  expect(of(1)).toEqual([1, 0, Mark.COASTING | Mark.EMERGENCY, 3]);
  expect(of(2)).toEqual([2, 0, Mark.SYSTEM, 2]);
  expect(of(3)).toEqual([0, 0, Mark.TENTATIVE, 0]);
});

test("a track without a place is nowhere on the map", () => {
  const packed = pack(tracks({ number: [1], lat_deg: [NaN], lon_deg: [NaN], speed_kt: [NaN] }), MERCATOR, 0, 0, new Map());
  expect(packed.x[0]).toBeNaN();
  expect(new Float32Array(packed.bytes)[0]).toBeGreaterThan(5);
});

test("20,000 tracks are parsed and packed in a few milliseconds, reusing the buffer", () => {
  const n = 20_000;
  const column = (f: (i: number) => number) => Array.from({ length: n }, (_, i) => f(i));
  const raw = makeFrame(TRACKS, 1, 0, { PageTracks: { number: column((i) => i), lat_deg: column((i) => (i % 160) - 80), lon_deg: column((i) => i % 180), speed_kt: column(() => 400), flags: column(() => 1) } });
  const first = pack(parseFrame(raw).tracks!, MERCATOR, 0, 0, new Map());
  const times: number[] = [];
  for (let k = 0; k < 20; k++) {
    const begun = performance.now();
    const again = pack(parseFrame(raw).tracks!, MERCATOR, 0, 0, new Map(), first);
    times.push(performance.now() - begun);
    expect(again.bytes).toBe(first.bytes);
  }
  console.log(`parse and pack of 20,000 tracks: ${times.sort((a, b) => a - b)[10]!.toFixed(2)} ms (median of 20)`);
  expect(first.count).toBe(n);
});
