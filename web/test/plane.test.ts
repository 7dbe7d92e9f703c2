import { expect, test } from "vitest";
import { between, destination } from "../src/geodesic";
import { inPlane, MERCATOR, placeAt, screenOf, viewOf } from "../src/plane";
import { RangePlane } from "../src/rangeplane";

// Flinders Peak to Buninyong, Geocentric Datum of Australia Technical Manual (GRS80: as WGS-84 to the millimetre).
const dms = (d: number, m: number, s: number): number => Math.sign(d) * (Math.abs(d) + m / 60 + s / 3600);
const FLINDERS = [dms(-37, 57, 3.7203), dms(144, 25, 29.5244)] as const;
const BUNINYONG = [dms(-37, 39, 10.1561), dms(143, 55, 35.3839)] as const;

test("the line between two known places", () => {
  const { metres, bearing, back } = between(...FLINDERS, ...BUNINYONG);
  expect(metres).toBeCloseTo(54972.271, 2);
  expect(bearing).toBeCloseTo(dms(306, 52, 5.37), 5);
  expect(back).toBeCloseTo(dms(127, 10, 25.07), 5);
  const [lat, lon] = destination(...FLINDERS, metres, bearing);
  expect([lat, lon].map((v) => v.toFixed(8))).toEqual(BUNINYONG.map((v) => v.toFixed(8)));
});

test("lines that are easily got wrong", () => {
  expect(between(13, 2, 13, 2)).toEqual({ metres: 0, bearing: 0, back: 0 });
  expect(between(0, 0, 0, 1).metres).toBeCloseTo(111_319.491, 3);
  expect(between(0, 179.5, 0, -179.5)).toMatchObject({ bearing: 90, back: 270 });
  expect(between(-90, 0, 90, 0).metres).toBeCloseTo(20_003_931.459, 2);
  expect(between(0, 0, 0.5, 179.7).metres).toBeGreaterThan(19_900_000); // nearly opposite: it ends, and is about right
});

test("in the true-range plane distances and bearings from the centre are exact, and places come back", () => {
  const plane = new RangePlane(13.48, 2.18);
  for (const metres of [1, 1852, 92_600, 463_000, 3_000_000]) {
    for (const bearing of [0, 33, 90, 181, 277.5]) {
      const [lat, lon] = destination(13.48, 2.18, metres, bearing);
      const [dx, dy] = [plane.x(lat, lon) - 0.5, 0.5 - plane.y(lat, lon)];
      expect(Math.hypot(dx, dy) / plane.perMetre).toBeCloseTo(metres, 2);
      expect((((Math.atan2(dx, dy) * 180) / Math.PI + 360) % 360) - bearing).toBeCloseTo(0, metres < 1000 ? 3 : 6);
      expect(plane.lat(0.5 + dx, 0.5 - dy)).toBeCloseTo(lat, 8);
      expect(plane.lon(0.5 + dx, 0.5 - dy)).toBeCloseTo(lon, 8);
    }
  }
});

test("a turned view finds the same place again in both planes, and a zoom shows as much", () => {
  for (const plane of [MERCATOR, new RangePlane(16.5, 8.2)]) {
    const view = viewOf(plane, 15, 7, 6.5, 1000, 700, 40);
    const [x, y] = screenOf(view, 16.2, 8.9);
    const [lat, lon] = placeAt(view, x, y);
    expect([lat, lon].map((v) => v.toFixed(7))).toEqual(["16.2000000", "8.9000000"]);
  }
  expect(new RangePlane(16.5, 8.2).unitsPerMetre()).toBeCloseTo(MERCATOR.unitsPerMetre(16.5, 8.2), 12);
});

test("places are laid once in each plane", () => {
  const places = Float64Array.from([13, 2, 14, 3]);
  const plane = new RangePlane(13, 2);
  const at = inPlane(places, plane);
  expect([at[0], at[1]]).toEqual([0.5, 0.5]);
  expect(inPlane(places, plane)).toBe(at);
  expect(inPlane(places, MERCATOR)).not.toBe(at);
});
