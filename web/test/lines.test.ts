import { expect, test } from "vitest";
// @ts-expect-error a build script without types
import { simplified, smoothed, unwrapped } from "../scripts/lines.mjs";

type Ring = [number, number][];

test("a polygon over the antimeridian becomes one on each side, without a line across the world", () => {
  const parts = unwrapped([[[179, -16], [-179, -16], [-179, -17], [179, -17], [179, -16]]]) as Ring[][];
  expect(parts).toHaveLength(2);
  for (const [outer] of parts) {
    for (let i = 1; i < outer!.length; i++) expect(Math.abs(outer![i]![0] - outer![i - 1]![0])).toBeLessThan(3);
    expect(outer![0]).toEqual(outer![outer!.length - 1]);
  }
  const lons = parts.map(([outer]) => outer!.map((p) => p[0])).map((v) => [Math.min(...v), Math.max(...v)]);
  expect(lons.sort((a, b) => a[0]! - b[0]!)).toEqual([[-180.2, -179], [179, 180.2]]);
});

test("one round the pole is closed over it; any other is left as it is", () => {
  const cap = [[-180, -70], [-90, -75], [0, -70], [90, -75], [179, -70], [-180, -70]];
  const outer = (unwrapped([cap]) as Ring[][])[0]![0];
  expect(Math.min(...outer!.map((p) => p[1]))).toBe(-90);
  const plain = [[[0, 0], [1, 0], [1, 1], [0, 0]]];
  expect(unwrapped(plain)).toEqual([plain]);
});

test("a simplified line keeps its ends and what sticks out; a small ring stays a ring", () => {
  expect(simplified([[0, 0], [1, 0.001], [2, 0], [3, 1], [4, 0]], 0.01)).toEqual([[0, 0], [2, 0], [3, 1], [4, 0]]);
  const islet = [[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]];
  expect(simplified(islet, 0.01)).toEqual(islet);
  expect(smoothed([[0, 0], [4, 0], [4, 4]])).toEqual([[0, 0], [1, 0], [3, 0], [4, 1], [4, 3], [4, 4]]);
});
