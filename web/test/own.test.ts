import { expect, test } from "vitest";
import { FEATURES_MAX, OwnError, parseOwn, POINTS_MAX } from "../src/own";

const why = (text: string): string => {
  try {
    parseOwn(text);
    return "taken";
  } catch (error) {
    return error instanceof OwnError ? error.why : `crash: ${String(error)}`;
  }
};
const feature = (type: string, coordinates: unknown, properties: unknown = {}): unknown => ({ type: "Feature", properties, geometry: { type, coordinates } });
const collection = (...features: unknown[]): string => JSON.stringify({ type: "FeatureCollection", features });

test("every kind of geometry is taken", () => {
  const data = parseOwn(
    collection(
      feature("Point", [2, 13, 400], { name: "Gate" }),
      feature("MultiPoint", [[3, 14], [4, 15]], { title: "Pair" }),
      feature("LineString", [[2, 13], [3, 14]]),
      feature("MultiLineString", [[[2, 13], [3, 14]], [[0, 0], [-5, 1]]]),
      feature("Polygon", [[[0, 0], [1, 0], [1, 1], [0, 0]], [[0.2, 0.1], [0.3, 0.1], [0.3, 0.2], [0.2, 0.1]]]),
      feature("MultiPolygon", [[[[0, 0], [1, 0], [1, 1], [0, 0]]]]),
      { type: "Feature", properties: null, geometry: null },
      { type: "Feature", properties: {}, geometry: { type: "GeometryCollection", geometries: [{ type: "Point", coordinates: [1, 2] }] } },
    ),
  );
  expect(data.points).toEqual([
    { lat: 13, lon: 2, name: "Gate" },
    { lat: 14, lon: 3, name: "Pair" },
    { lat: 15, lon: 4, name: "Pair" },
    { lat: 2, lon: 1, name: "" },
  ]);
  expect(data.lines.map((l) => l.length)).toEqual([4, 4, 4]);
  expect([...data.lines[0]!]).toEqual([13, 2, 14, 3]);
  expect(data.areas.map((a) => a.length)).toEqual([2, 1]);
  expect(data.box).toEqual([-5, 0, 4, 15]);
  expect(data.features).toBe(8);
  expect(parseOwn('{"type":"Point","coordinates":[1,2]}').points).toHaveLength(1);
});

test("what is not GeoJSON is refused by its reason", () => {
  expect(why("")).toBe("json");
  expect(why("{")).toBe("json");
  for (const bad of ["null", "[]", "3", '"x"', "{}", '{"type":"Topology"}', '{"type":"FeatureCollection"}', '{"type":"FeatureCollection","features":[null]}', collection(feature("Circle", [1, 2])), collection(feature("LineString", {})), collection(feature("Polygon", [[1]]))])
    expect(why(bad), bad).toMatch(/geojson|position/);
  for (const at of [[181, 0], [0, 91], [500000, 4200000], ["2", "13"], [null, 1], [], [1]]) expect(why(collection(feature("Point", at))), JSON.stringify(at)).toBe("position");
  expect(why('{"type":"Point","coordinates":[1e999,0]}')).toBe("position");
  expect(why(collection())).toBe("empty");
  expect(why(collection({ type: "Feature", properties: {}, geometry: null }))).toBe("empty");
});

test("too much is refused, and so is what goes round in itself", () => {
  const many = Array.from({ length: POINTS_MAX + 1 }, () => [1, 2]);
  expect(why(collection(feature("LineString", many)))).toBe("many");
  expect(why(collection(...Array.from({ length: FEATURES_MAX + 1 }, () => ({ type: "Feature", geometry: null }))))).toBe("many");
  const deep = '{"type":"GeometryCollection","geometries":['.repeat(3000) + "]}".repeat(3000);
  expect(why(deep)).toBe("geojson");
  expect(parseOwn(collection(feature("Point", [1, 2], { name: "x".repeat(900) }))).points[0]!.name).toHaveLength(60);
});

test("no random damage to a good file crashes it", () => {
  const good = collection(feature("Polygon", [[[0, 0], [1, 0], [1, 1], [0, 0]]], { name: "a" }), feature("Point", [2, 13]));
  let seed = 7;
  const next = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
  for (let k = 0; k < 3000; k++) {
    const at = next(good.length);
    const damaged = good.slice(0, at) + String.fromCharCode(32 + next(95)) + good.slice(at + next(4));
    expect(why(damaged)).not.toMatch(/^crash/);
  }
});
