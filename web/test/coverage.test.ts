import { beforeEach, expect, test, vi } from "vitest";
import { Coverage, seesLess, shareSeen, windowOf, type CoverageState } from "../src/coverage";
import { feet, km2 } from "../src/format";
import { setLang } from "../src/i18n";
import { Latest } from "../src/latest";
import { MERCATOR, placeAt, screenOf, viewOf, type View } from "../src/plane";

beforeEach(() => setLang("en"));

const view: View = viewOf(MERCATOR, 17, 8, 5, 900, 700);
const settle = async (): Promise<void> => {
  for (let k = 0; k < 20; k++) await Promise.resolve();
};

test("one job runs at a time, and of those that wait only the newest", async () => {
  const done: number[] = [];
  const open: (() => void)[] = [];
  const latest = new Latest<number>((job) => new Promise((resolve) => open.push(() => (done.push(job), resolve()))));
  for (const job of [1, 2, 3, 4]) latest.ask(job);
  expect(open.length).toBe(1);
  open.shift()!();
  await settle();
  open.shift()!();
  await settle();
  expect([done, open.length]).toEqual([[1, 4], 0]);
  latest.ask(5);
  latest.ask(6);
  latest.drop();
  open.shift()!();
  await settle();
  expect([done, open.length]).toEqual([[1, 4, 5], 0]);
});

test("a job that fails does not stop the next", async () => {
  const seen: number[] = [];
  const latest = new Latest<number>(async (job) => {
    seen.push(job);
    if (job === 1) throw new Error("no server");
  });
  latest.ask(1);
  latest.ask(2);
  await settle();
  expect(seen).toEqual([1, 2]);
});

test("the window asked for is the view with a margin, within the map and the server's bounds", () => {
  const { box, width } = windowOf(view, 0, 1200);
  expect(width).toBe(900);
  const half = 450 / view.scale;
  expect([box[0], box[2]]).toEqual([expect.closeTo(MERCATOR.lon(view.x - half, 0), 4), expect.closeTo(MERCATOR.lon(view.x + half, 0), 4)]);
  expect([box[1], box[3]]).toEqual([expect.closeTo(MERCATOR.lat(0, view.y + 350 / view.scale), 4), expect.closeTo(MERCATOR.lat(0, view.y - 350 / view.scale), 4)]);
  expect(windowOf(view, 0.15, 1000).width).toBe(1000);
  for (const odd of [{ ...view, scale: 512 }, { ...view, x: 0, y: 0 }, { ...view, x: 1, y: 1 }, { ...view, width: 200, height: 4000 }, { ...view, width: 4000, height: 100 }]) {
    const { box: b, width: w } = windowOf(odd, 0.15, 1200);
    expect(b[0]).toBeGreaterThanOrEqual(-180);
    expect(b[2]).toBeLessThanOrEqual(180);
    expect(b[1]).toBeGreaterThanOrEqual(-85.05);
    expect(b[3]).toBeLessThanOrEqual(85.05);
    expect(b[0] < b[2] && b[1] < b[3]).toBe(true);
    const tall = (MERCATOR.y(b[1], 0) - MERCATOR.y(b[3], 0)) / (MERCATOR.x(0, b[2]) - MERCATOR.x(0, b[0]));
    expect(w * w * tall).toBeLessThan(2_000_000);
  }
});

test("mercator goes there and back", () => {
  for (const lat of [-84, -1, 0, 17, 60]) expect(MERCATOR.lat(0, MERCATOR.y(lat, 0))).toBeCloseTo(lat, 9);
  expect(MERCATOR.lon(MERCATOR.x(0, 8.25), 0)).toBeCloseTo(8.25, 12);
});

test("a turned view has its bearing up, and the pointer finds the place it points at", () => {
  const turned = viewOf(MERCATOR, 17, 8, 5, 900, 700, 90);
  const [x, y] = screenOf(turned, 17, 9); // east of the centre: up
  expect(x).toBeCloseTo(450, 6);
  expect(y).toBeLessThan(350 - 40);
  const [lat, lon] = placeAt(turned, x, y);
  expect([lat, lon].map((v) => Number(v.toFixed(9)))).toEqual([17, 9]);

});

const READY: CoverageState = {
  state: "ready", why: null, detail: null, updating: false, stage: null, done: 2, of: 2, version: "a-1", heights: ["500ft", "1500ft", "FL195"],
  planned: false, step_m: 450, area: "NE", unknown: false, sensors: [{ id: "A", kind: "radar", lat: 17, lon: 8, antenna_m: 30, range_m: 4e5, counted: true, why: null, looks: 0, saw: 0 }],
};
const HOLES = { properties: { area: "NE", area_km2: 100, single_km2: 60, double_km2: 40, holes: 3 }, features: [{ properties: { lat_deg: 16, lon_deg: 9, area_km2: 30, sensors: ["A"] } }] };
const TRIED = { state: "ready", sensor: "A", lat: 17, lon: 8, antenna_amsl_m: 500, gained_km2: 5, lost_km2: 3, seen_km2: 70, server_ms: 44, png: btoa("png"), box: [1, 2, 3, 4] };

/** A coverage model over a server that is played. */
function made(answers: Partial<Record<string, () => { status?: number; body: unknown }>> = {}) {
  const asked: { path: string; body?: Record<string, unknown> }[] = [];
  const images: { width: number; close: () => void; closed: boolean }[] = [];
  let now = 0;
  const fetcher = (async (input: string, init?: RequestInit) => {
    asked.push({ path: input, ...(init?.body ? { body: JSON.parse(init.body as string) as Record<string, unknown> } : {}) });
    const name = /^\/api\/coverage(\/[a-z]*)?/.exec(input)?.[1] ?? "";
    const given = answers[name]?.();
    const plain: Record<string, unknown> = { "": READY, "/holes": HOLES, "/try": TRIED, "/at": { known: true } };
    const status = given?.status ?? 200;
    return { status, ok: status < 300, json: async () => given?.body ?? plain[name], blob: async () => new Blob() } as unknown as Response;
  }) as typeof fetch;
  const decode = async (): Promise<ImageBitmap> => {
    const image = { width: 9, height: 9, closed: false, close: () => (image.closed = true) };
    images.push(image);
    return image as unknown as ImageBitmap;
  };
  const coverage = new Coverage(fetcher, decode, () => now);
  return { coverage, asked, images, later: (ms: number) => (now += ms), paths: (part: string) => asked.filter((a) => a.path.includes(part)) };
}

test("switched on it asks for state, layer and holes; the same window only once", async () => {
  const { coverage, paths, images, asked } = made();
  coverage.look(view);
  expect(asked).toEqual([]);
  coverage.toggle();
  await settle();
  expect([coverage.height, coverage.kind, coverage.images]).toEqual(["1500ft", "single", 1]);
  expect(paths("/layer")[0]!.path).toContain("height=1500ft&kind=single&box=");
  expect(coverage.areas).toEqual({ area: "NE", area_km2: 100, single_km2: 60, double_km2: 40, total: 3, holes: [{ rank: 1, lat: 16, lon: 9, area_km2: 30, sensors: ["A"] }] });
  coverage.look(view);
  await settle();
  expect(paths("/layer").length).toBe(1);
  coverage.choose("FL195", "double");
  await settle();
  expect(paths("/layer")[1]!.path).toContain("height=FL195&kind=double");
  expect(images.map((i) => i.closed)).toEqual([true, false]);
  coverage.toggle();
  expect([coverage.shown, coverage.areas]).toEqual([undefined, undefined]);
});

test("while it is computed the layer is asked for again when a version is there", async () => {
  let state: CoverageState = { ...READY, state: "waiting", version: null };
  const { coverage, paths, later } = made({ "": () => ({ body: state }), "/layer": () => (state.version ? { body: undefined } : { status: 202, body: { ...state, state: "computing" } }), "/holes": () => (state.version ? { body: HOLES } : { status: 202, body: state }) });
  coverage.look(view);
  coverage.toggle();
  await settle();
  expect([coverage.state?.state, coverage.images]).toEqual(["computing", 0]);
  const asked = paths("/layer").length;
  await coverage.tick(); // too early
  expect(paths("/layer").length).toBe(asked);
  state = READY;
  later(1000);
  await coverage.tick();
  await settle();
  expect([coverage.state?.state, coverage.images]).toEqual(["ready", 1]);
  state = { ...READY, version: "a-2" };
  later(1000);
  await coverage.tick(); // ready: every five seconds
  expect(coverage.images).toBe(1);
  later(4500);
  await coverage.tick();
  await settle();
  expect(coverage.images).toBe(2);
});

test("off, with its reason", async () => {
  const off = { ...READY, state: "off", why: "terrain", detail: "not installed", version: null };
  const { coverage } = made({ "": () => ({ body: off }), "/layer": () => ({ status: 404, body: off }), "/holes": () => ({ status: 404, body: off }) });
  coverage.look(view);
  coverage.toggle();
  await settle();
  expect([coverage.state?.why, coverage.shown]).toEqual(["terrain", undefined]);
});

test("a site is tried where it is dragged: one request in flight, the newest place next", async () => {
  const { coverage, paths } = made();
  coverage.look(view);
  coverage.toggle();
  await settle();
  coverage.begin("A", 17, 8);
  for (let k = 1; k < 9; k++) coverage.move({ lat: 17 + k, lon: 8 });
  await settle();
  expect(paths("/try").map((a) => a.body!["lat"])).toEqual([17, 25]);
  expect(paths("/try")[1]!.body).toMatchObject({ sensor: "A", antenna_m: 30, height: "1500ft", kind: "single" });
  expect(coverage.trying).toMatchObject({ lat: 25, preparing: false, refused: "", found: { gained_km2: 5, server_ms: 44 } });
  expect(coverage.shown?.box).toEqual([1, 2, 3, 4]);
  const layers = paths("/layer").length;
  coverage.end();
  await settle();
  expect([coverage.trying, paths("/layer").length]).toEqual([undefined, layers + 1]);
});

test("a try that is prepared is asked again, one that is refused says why", async () => {
  vi.useFakeTimers();
  let answer: { status?: number; body: unknown } = { status: 202, body: { state: "preparing" } };
  const { coverage, paths } = made({ "/try": () => answer });
  coverage.look(view);
  coverage.toggle();
  await settle();
  coverage.begin("", 17, 8);
  await settle();
  expect(coverage.trying).toMatchObject({ sensor: "", antenna_m: 20, preparing: true });
  answer = { status: 422, body: { error: "outside" } };
  vi.advanceTimersByTime(300);
  await settle();
  expect([paths("/try").length, coverage.trying?.refused, coverage.trying?.preparing]).toEqual([2, "outside", false]);
  vi.useRealTimers();
});

test("what is under the pointer is asked for while the layer is on, and forgotten outside", async () => {
  const { coverage, paths } = made();
  coverage.point([17, 8]);
  coverage.look(view);
  coverage.toggle();
  await settle();
  coverage.point([17.123456, 8]);
  await settle();
  expect(paths("/at").map((a) => a.path)).toEqual(["/api/coverage/at?lat=17.12346&lon=8.00000"]);
  expect(coverage.spot).toBeDefined();
  coverage.point(undefined);
  expect(coverage.spot).toBeUndefined();
});

test("a sensor that sees less than its terrain allows is told once that is sure", () => {
  const sensor = (looks: number, saw: number) => ({ ...READY.sensors[0]!, looks, saw });
  expect([shareSeen(undefined), shareSeen(sensor(49, 49)), shareSeen(sensor(50, 40))]).toEqual([undefined, undefined, 0.8]);
  expect([seesLess(sensor(199, 0)), seesLess(sensor(200, 159)), seesLess(sensor(200, 160))]).toEqual([false, true, false]);
});

test("feet and areas read as numbers that mean something", () => {
  expect([feet(0.4), feet(234), feet(2345), feet(33_871)]).toEqual(["0", "230", "2,300", "33,900"]);
  expect([km2(0), km2(7.6), km2(1234), km2(958_404)]).toEqual(["0\u00a0km²", "8\u00a0km²", "1,230\u00a0km²", "958,000\u00a0km²"]);
  setLang("fr");
  expect(feet(2345)).toMatch(/^2\s300$/);
});
