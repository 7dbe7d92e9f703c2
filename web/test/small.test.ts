import { expect, test } from "vitest";
import { PictureClock } from "../src/clock";
import { address, clockTime, duration, height, level, modeA, position, trend } from "../src/format";
import { readHash, writeHash } from "../src/hash";
import { aheadOf, MERCATOR, ring, screenX, screenY, viewOf } from "../src/plane";
import { sourcesOf } from "../src/sources";
import { Store, type Alert, type Status } from "../src/store";
import { parseFrame, TRACKS } from "../src/frames";
import { PlotKind, TrackFlag, Trend } from "../src/wire";
import { makeFrame } from "./made";

test("numbers read as operators read them", () => {
  expect([level(35000), level(49), level(-300), level(NaN)]).toEqual(["FL350", "FL000", "FL000", ""]);
  expect([height(4600, 4523), height(9000, NaN), height(NaN, NaN), height(100, -260), height(100, -20)]).toEqual(["A045", "FL090", "", "A-003", "A000"]);
  expect([Trend.CLIMBING, Trend.DESCENDING, Trend.LEVEL, Trend.UNKNOWN].map(trend)).toEqual(["↑", "↓", "→", ""]);
  expect([modeA(0o7700), modeA(0), modeA(-1)]).toEqual(["7700", "0000", ""]);
  expect([address(0x06205a), address(-1)]).toEqual(["06205A", ""]);
  expect(clockTime(1893484927.9)).toBe("08:02:07");
  expect(clockTime(null)).toBe("--:--:--");
  expect(position(13.4815, -2.18361)).toBe("13°28.9′N 002°11.0′W");
  expect(position(-0.99999, 9.9999)).toBe("01°00.0′S 010°00.0′E");
  expect([duration(5), duration(300), duration(7200), duration(NaN)]).toEqual(["5 s", "5 min", "2 h", "–"]);
});

test("the address holds the view, and a bad one is ignored", () => {
  const place = { zoom: 6.5, lat: 13.5, lon: -2.1, track: 42, bearing: 30, more: { bearing: "30.0", panel: "a;b=c/é" } };
  expect(readHash(writeHash(place))).toEqual(place);
  for (const bad of ["", "#", "#a/b/c", "#5/91/0", "#5/0/181", "#99/0/0", "#5/0"]) expect(readHash(bad)).toBeUndefined();
});

test("the clock follows a replay's speed and holds when frames stop", () => {
  const clock = new PictureClock();
  for (let k = 0; k < 6; k++) clock.mark(100 + 10 * k, 1000 * k);
  expect(clock.speed).toBeCloseTo(10);
  expect(clock.now(5500)).toBeCloseTo(155);
  expect(clock.now(60_000)).toBeCloseTo(150 + 20);
  clock.mark(20, 61_000);
  expect(clock.now(61_000)).toBe(20);
});

test("rings lie at their distance and vectors reach further on smaller scales", () => {
  const points = ring(0, 10, 111_319.491, 4); // a degree of the equator; of the meridian there, 110,574 m
  expect(points[0]).toBeCloseTo(111_319.491 / 110_574.3, 4);
  expect(points[3]).toBeCloseTo(11, 8);
  const view = (zoom: number) => viewOf(MERCATOR, 0, 0, zoom, 800, 600);
  expect([aheadOf(view(9)), aheadOf(view(5)), aheadOf(view(2))]).toEqual([60, 300, 600]);
  expect([screenX(view(3), 0.5, 0.5), screenY(view(3), 0.5, 0.5)]).toEqual([400, 300]);
});

test("sources are named once each", () => {
  expect(sourcesOf((1 << PlotKind.PSR) | (1 << PlotKind.SSR) | (1 << PlotKind.ADSB), 0)).toEqual(["radar", "adsb"]);
  expect(sourcesOf(0, TrackFlag.SYSTEM)).toEqual(["system"]);
  expect(sourcesOf(0, TrackFlag.FUSED | TrackFlag.MANUAL)).toEqual(["system", "manual"]);
});

const frameAt = (time: number, number: number[]) =>
  parseFrame(makeFrame(TRACKS, 1, time, { PageTracks: { number, lat_deg: number.map(() => 1), flags: number.map(() => 1), mode_a: number.map(() => -1) }, PageRemote: { row: [1], remote_id: ["1581F5FKD229"] } }));

test("the store keeps a dot every ten seconds, and starts anew when time goes back", () => {
  const store = new Store();
  for (let s = 0; s <= 30; s++) store.takeFrame(frameAt(1000 + s, [1, 2]), 1000 * s);
  expect(store.dots.map((d) => d.time)).toEqual([1000, 1010, 1020, 1030]);
  store.takeFrame(frameAt(500, [1, 2]), 40_000);
  expect(store.dots.map((d) => d.time)).toEqual([500]);
});

test("a track is called by callsign, code, Remote ID or number", () => {
  const store = new Store();
  store.takeFrame(frameAt(1, [7, 8]), 0);
  expect([store.nameOf(0), store.nameOf(1)]).toEqual(["#7", "F5FKD229".slice(-8)]);
});

test("only unacknowledged alerts mark tracks, by the worst", () => {
  const store = new Store();
  const alert = (id: number, severity: Alert["severity"], track: number, acknowledged: number | null): Alert => ({ id, rule: "r", severity, track, other: null, sensor: null, text: {}, since: 0, until: 0, predicted: null, acknowledged, by: null });
  const status = { alerts: [alert(1, "caution", 5, null), alert(2, "warning", 5, null), alert(3, "emergency", 6, 10)] } as unknown as Status;
  store.takeStatus(status);
  expect([...store.alerted]).toEqual([[5, 2]]);
});
