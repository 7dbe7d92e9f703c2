import { beforeAll, beforeEach, expect, test } from "vitest";
import { anticlockwise, crossing, limitsProblem, nameProblem, shapeProblem, turning } from "../src/airspace/check";
import { placeOf, placesOf, placesText } from "../src/airspace/coords";
import { Draft } from "../src/airspace/draft";
import { away, build, holds, lay, named } from "../src/airspace/drawn";
import { Airspace } from "../src/airspace/model";
import { bearing_deg, corridor, dense, distance_m, rings } from "../src/airspace/outline";
import { limitOf, limitText, limitWords, table, written, type Place, type Volume } from "../src/airspace/volume";
import { setLang } from "../src/i18n";
import { waited, waitedText } from "../src/panels/airspaceclosures";
import { said, toml } from "../src/panels/airspacerules";
import { MERCATOR, viewOf } from "../src/plane";
import { Store, type Status } from "../src/store";

const SQUARE: Place[] = [[14, 2], [14, 3], [15, 3], [15, 2]];
const made = (more: Partial<Volume> = {}): Volume => ({
  id: "a", name: "A", kind: "restricted", airspace_class: "", floor: { value_m: 0, datum: "agl" }, ceiling: { value_m: 3048, datum: "fl" },
  shape: { type: "polygon", ring: SQUARE }, buffer_m: 0, buffer_up_m: 0, schedule: [], starts_s: null, ends_s: null, active: true, country: "", remark: "", ...more,
});

beforeAll(() => {
  Object.assign(globalThis, { Path2D: class { moveTo() {} lineTo() {} closePath() {} } });
});
beforeEach(() => setLang("en"));

test("limits come back as they were written", () => {
  for (const [value, unit] of [[95, "FL"], [1500, "ft amsl"], [2000, "ft agl"], [300, "m agl"], [120.5, "m amsl"], [0, "GND"], [0, "UNL"]] as const) {
    expect(written(limitOf(value, unit))).toEqual({ value, unit });
  }
  expect(limitText(95, "FL")).toBe("FL95");
  expect(limitText(0, "GND")).toBe("GND");
  expect(limitWords({ value_m: 2895.6, datum: "fl" })).toBe("FL095");
  expect(limitWords({ value_m: 609.6, datum: "agl" })).toBe("2000 ft AGL");
  expect(written({ value_m: 100.1234, datum: "fl" }).unit).toBe("m std");
});

test("a floor must be below its ceiling where both count from the same", () => {
  expect(limitsProblem(limitOf(100, "FL"), limitOf(100, "FL"))).not.toBe("");
  expect(limitsProblem(limitOf(100, "FL"), limitOf(1000, "ft agl"))).toBe("");
  expect(limitsProblem(limitOf(0, "UNL"), limitOf(0, "UNL"))).not.toBe("");
  expect(limitsProblem(limitOf(0, "GND"), limitOf(500_000, "ft amsl"))).not.toBe("");
});

test("an outline that crosses itself is said, with which sides", () => {
  expect(crossing(SQUARE)).toBeUndefined();
  expect(crossing([[16, 5], [17, 6], [16, 6], [17, 5]])).toEqual([1, 3]);
  expect(crossing([[0, 179], [0, -179], [1, -179], [1, 179]])).toBeUndefined();
  expect(shapeProblem({ type: "polygon", ring: [[16, 5], [17, 6], [16, 6], [17, 5]] })).toContain("corner 1 crosses the side from corner 3");
});

test("corners run anticlockwise when they are sent", () => {
  expect(turning(SQUARE)).toBeGreaterThan(0);
  const back = [...SQUARE].reverse();
  expect(turning(back)).toBeLessThan(0);
  expect(turning(anticlockwise(back))).toBeGreaterThan(0);
});

test("shapes that no server would take are refused in words", () => {
  expect(shapeProblem({ type: "polygon", ring: SQUARE })).toBe("");
  for (const ring of [SQUARE.slice(0, 2), [...SQUARE, SQUARE[3]!], [[14, 2], [14, 200], [15, 3]], [[90, 0], [14, 3], [15, 3]], [[0, 0], [0, 120], [10, 0]], [[1, 1], [2, 2], [3, 3]]] as Place[][]) {
    expect(shapeProblem({ type: "polygon", ring }), JSON.stringify(ring)).not.toBe("");
  }
  expect(shapeProblem({ type: "circle", lat_deg: 89.9, lon_deg: 0, radius_m: 50_000 })).not.toBe("");
  expect(shapeProblem({ type: "circle", lat_deg: 10, lon_deg: 0, radius_m: 0 })).not.toBe("");
  expect(shapeProblem({ type: "corridor", line: [[1, 1]], width_m: 1000 })).not.toBe("");
  expect(shapeProblem({ type: "corridor", line: [[1, 1], [2, 2]], width_m: 0 })).not.toBe("");
  expect(nameProblem("R 1")).toBe("");
  for (const name of ["", "  ", "x".repeat(65), "a\u202eb", "a\nb"]) expect(nameProblem(name)).not.toBe("");
});

test.each([
  ["16.97 7.99", [16.97, 7.99]], ["-16.97, -7.99", [-16.97, -7.99]], ["16,97; 7,99", [16.97, 7.99]], ["165812N 0075924E", [16.97, 7.99]],
  ["1658N00759W", [16.966667, -7.983333]], ["16°58.2′N 7°59.4′E", [16.97, 7.99]], ["16:58:12 S 007:59:24 W", [-16.97, -7.99]], ["16.97N 7.99E", [16.97, 7.99]], ["16°58'12\"N 7°59'24\"E", [16.97, 7.99]],
])("%s is a place", (text, [lat, lon]) => {
  const place = placeOf(text as string)!;
  expect(place[0]).toBeCloseTo(lat as number, 5);
  expect(place[1]).toBeCloseTo(lon as number, 5);
});

test.each(["", "16.97", "north of town", "91 0", "0 181", "166112N 0075924E", "16 7 8", "1e3 4", "N E"])("%s is none", (text) => {
  expect(placeOf(text)).toBeUndefined();
});

test("a text of places says which line is none", () => {
  expect(placesOf("16 5\n\n 17 6 \r\n").places).toEqual([[16, 5], [17, 6]]);
  expect(placesOf("16 5\nhere").problem).toContain("Line 2");
  expect(placesOf(placesText(SQUARE)).places).toEqual(SQUARE);
});

test("a circle's ring is at its radius, a corridor's outline at half its width", () => {
  for (const p of rings({ type: "circle", lat_deg: 16, lon_deg: 5, radius_m: 9260 })[0]!) expect(distance_m([16, 5], p)).toBeCloseTo(9260, 0);
  const line: Place[] = [[13, 2], [14, 4], [16, 4.5]];
  const out = corridor(line, 20_000);
  const legs = line.slice(1).flatMap((b, i) => dense([line[i]!, b], false).length ? [[line[i]!, b] as const] : []);
  const off = (p: Place): number => Math.min(...legs.flatMap(([a, b]) => Array.from({ length: 201 }, (_, k) => distance_m(p, [a[0] + ((b[0] - a[0]) * k) / 200, a[1] + ((b[1] - a[1]) * k) / 200]))));
  for (const p of out) expect(off(p)).toBeGreaterThan(9_500), expect(off(p)).toBeLessThan(10_600);
  expect(shapeProblem({ type: "polygon", ring: out })).toBe("");
});

test("a bend to either side has its outer corner round and its inner one sharp", () => {
  const left = corridor([[0, 0], [0, 1], [1, 1]], 10_000);
  const right = corridor([[0, 0], [0, 1], [-1, 1]], 10_000);
  expect(left.length).toBe(right.length);
  expect(crossing(left)).toBeUndefined();
  expect(crossing(right)).toBeUndefined();
});

test("long lines follow their great circle, over the 180th meridian too", () => {
  const out = dense([[50, 170], [50, -170]], false);
  expect(out.length).toBeGreaterThan(10);
  expect(Math.max(...out.map((p) => p[0]))).toBeGreaterThan(50.4);
  expect(out.every(([, lon], i) => i === 0 || lon > out[i - 1]![1])).toBe(true);
  expect(bearing_deg([0, 0], [0, 1])).toBeCloseTo(90);
});

test("a drawing takes corners, gives them back, and knows when it is whole", () => {
  const d = new Draft("polygon");
  let told = 0;
  d.on(() => (told += 1));
  for (const p of SQUARE.slice(0, 2)) d.add(p);
  d.add(SQUARE[1]!); // the same again
  expect(d.points.length).toBe(2);
  d.finish();
  expect(d.complete).toBe(false);
  d.add(SQUARE[2]!);
  d.finish();
  expect([d.complete, d.whole, told]).toEqual([true, true, 4]);
  d.add([0, 0]);
  expect(d.points.length).toBe(3);
  d.insert(0, [14, 2.5]);
  expect(d.points[1]).toEqual([14, 2.5]);
  d.back(); // the one that was taken last
  expect(d.points).toEqual(SQUARE.slice(0, 3));
  d.back();
  expect([d.points.length, d.complete, d.shape()]).toEqual([2, false, undefined]);
});

test("a circle is its centre and a place on it; shapes come back from a volume as they were", () => {
  const d = new Draft("circle");
  d.add([16, 5]);
  d.add([16, 5.1]);
  expect(d.complete).toBe(true);
  expect((d.shape() as { radius_m: number }).radius_m).toBeCloseTo(10_689, -1);
  const holes = [[[14.2, 2.2], [14.2, 2.4], [14.4, 2.4]]] as Place[][];
  for (const shape of [{ type: "polygon", ring: SQUARE, holes }, { type: "circle", lat_deg: 1, lon_deg: 2, radius_m: 3000 }, { type: "corridor", line: SQUARE, width_m: 5000 }] as const) expect(Draft.of(shape).shape()).toEqual(shape);
  const far = new Draft("polygon");
  far.add([10, 190]);
  expect(far.points[0]).toEqual([10, -170]);
});

test("what is put again is what was", () => {
  const v = made({ starts_s: 5, schedule: [{ days: [0], from_min: 60, to_min: 120 }] });
  expect(table(v)).toMatchObject({ id: "a", floor: "GND", ceiling: "FL100", starts_s: 5, shape: v.shape });
  expect("ends_s" in table(v)).toBe(false);
});

test("volumes are gathered where the view is, by kind and state, and picked by outline and inside", () => {
  const view = viewOf(MERCATOR, 14.5, 2.5, 7, 1000, 800);
  const all = [made(), made({ id: "b", kind: "danger", shape: { type: "circle", lat_deg: -30, lon_deg: 100, radius_m: 9000 } }), made({ id: "c", shape: { type: "polygon", ring: SQUARE, holes: [[[14.4, 2.4], [14.4, 2.6], [14.6, 2.6], [14.6, 2.4]]] } })];
  const laid = all.map((v, row) => lay(v, row, MERCATOR));
  const built = build(laid, [true, true, false], () => true, view, 900);
  expect(built.volumes).toBe(2);
  expect(built.groups.map((g) => [g.kind, g.active])).toEqual([["restricted", true], ["restricted", false]]);
  expect(build(laid, [true, true, false], (_, on) => on, view, 900).volumes).toBe(1);
  expect(named(laid, [true, true, false], () => true, view, 900).map((l) => l.volume.id)).toEqual(["a", "c"]);
  const [x, y] = [MERCATOR.x(14.5, 2.5), MERCATOR.y(14.5, 2.5)];
  expect(holds(laid[0]!, x, y)).toBe(true);
  expect(holds(laid[2]!, x, y), "in its hole").toBe(false);
  expect(away(laid[0]!, MERCATOR.x(14, 2.5), MERCATOR.y(14, 2.5))).toBeLessThan(1e-5);
});

const told = (more: object) => ({ time: 0, version: 1, drawn: "boot.1", active: "1", by_hand: {}, stations: ["TWR"], acknowledge_s: 30, closures: [], changes: [], movements: [], volumes: [made()], ...more });

test("the airspace is asked for once, and again only when the status says so", async () => {
  const store = new Store();
  const asked: string[] = [];
  const answers = [told({}), told({ volumes: null, active: "0", version: 2 }), told({ drawn: "boot.3", volumes: [made(), made({ id: "b" })], active: "01", changes: [{ version: 1, id: "b" }] })];
  const airspace = new Airspace(store, async (path) => (asked.push(path), new Response(JSON.stringify(answers.shift()))));
  const status = async (airspace_version: number): Promise<void> => {
    store.takeStatus({ alerts: [], airspace_version } as unknown as Status);
    await new Promise((done) => setTimeout(done, 5));
  };
  await status(7);
  expect([airspace.volumes.length, airspace.isActive("a"), asked]).toEqual([1, true, ["/api/airspace?have="]]);
  await status(7);
  expect(asked.length).toBe(1);
  const { drawn, stood } = airspace;
  await status(8);
  expect(asked[1]).toBe("/api/airspace?have=boot.1");
  expect([airspace.isActive("a"), airspace.drawn, airspace.stood]).toEqual([false, drawn, stood + 1]);
  await status(9);
  expect([...airspace.touched!]).toEqual(["b"]);
  expect(airspace.drawn).toBe(drawn + 1);
});

test("a server that does not answer is asked again", async () => {
  const store = new Store();
  let n = 0;
  const airspace = new Airspace(store, async () => (n++ ? new Response(JSON.stringify(told({}))) : new Response("", { status: 503 })));
  for (let k = 0; k < 2; k++) {
    store.takeStatus({ alerts: [], airspace_version: 1 } as unknown as Status);
    await new Promise((done) => setTimeout(done, 5));
  }
  expect(airspace.known).toBe(true);
});

test("a station's waiting goes on between two answers, and gets loud by itself", () => {
  const closure = { id: "c", state: "closed", text: "", volumes: [], noted: null, closed: { time: 100, by: "a", signed: true }, reopened: null, stations: [] } as const;
  const station = { station: "TWR", acknowledged: null, by: null, waited_s: 5, overdue: false };
  expect(waited({ ...closure, volumes: [], stations: [] }, station, 129, 30)).toEqual({ seconds: 29, late: false });
  expect(waited({ ...closure, volumes: [], stations: [] }, station, 131, 30)).toEqual({ seconds: 31, late: true });
  expect(waited({ ...closure, volumes: [], stations: [] }, { ...station, acknowledged: 107, waited_s: 7 }, 999, 30)).toEqual({ seconds: 7, late: false });
  expect([waitedText(7), waitedText(67), waitedText(-3)]).toEqual(["0:07", "1:07", "0:00"]);
});

test("a rule's command says only what is not left to the rule, and the site file's lines the same", () => {
  const setting = { enabled: false, severity: "", rise_s: 9, hold_s: null, escalate_s: 1.5 } as const;
  expect(said(setting)).toEqual({ enabled: false, rise_s: 9, escalate_s: 1.5 });
  expect(toml("border_exit", { ...setting, severity: "warning" })).toBe('[watch.rules.border_exit]\nenabled = false\nseverity = "warning"\nrise_s = 9.0\nescalate_s = 1.5');
});
