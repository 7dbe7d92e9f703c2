import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Told, type Changes } from "../src/events";
import type { Frame } from "../src/frames";
import { Past, type Index, type Source } from "../src/past";
import { aboutTracks, behind } from "../src/panels/past";
import { Session } from "../src/session";
import { Store, type Status } from "../src/store";
import type { PageTracks } from "../src/wire";

const NOW = 10_000;

const frameOf = (time: number, numbers = [1], lat = 10): Frame =>
  ({
    kind: 1,
    sequence: 1,
    time,
    bytes: 100,
    tracks: { rows: numbers.length, number: Uint32Array.from(numbers), lat_deg: Float32Array.from(numbers, () => lat), lon_deg: new Float32Array(numbers.length), flags: Uint16Array.from(numbers, () => 1) } as unknown as PageTracks,
  }) as Frame;

const statusOf = (time: number, track: number): Status =>
  ({ type: "status", time, server_time: time, mode: "live", alerts: [{ id: 1, rule: "r", severity: "warning", track, other: null, sensor: null, text: {}, since: time, until: null, predicted: null, acknowledged: null, by: null }], alerts_total: 1, sensors: [], counts: {} }) as Status;

class Kept implements Source {
  asked: number[] = [];
  answers = true;
  index_: Index = { boot: "a", step_s: 10, span_s: 1800, times: Array.from({ length: 181 }, (_, k) => NOW - 1800 + 10 * k) };
  async index(): Promise<Index | undefined> {
    return this.answers ? this.index_ : undefined;
  }
  async moment(time: number): Promise<{ frame: Frame; status: Status } | undefined> {
    this.asked.push(time);
    return this.answers && this.index_.times.includes(time) ? { frame: frameOf(time, [1], time / 1000), status: statusOf(time, 7) } : undefined;
  }
}

let store: Store;
let kept: Kept;
let past: Past;
const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const shown = (): number => Math.round(past.timeAt(performance.now()));

/** A live frame each second for so long. */
async function fly(seconds: number): Promise<void> {
  for (let k = 0; k < seconds; k++) {
    await settle(1000);
    store.takeFrame(frameOf(NOW + (performance.now() - begun) / 1000, [1, 2]), performance.now());
  }
}
let begun = 0;

beforeEach(() => {
  vi.useFakeTimers();
  begun = performance.now();
  store = new Store();
  kept = new Kept();
  past = new Past(store, kept);
  store.takeFrame(frameOf(NOW, [1, 2]), performance.now());
  store.takeStatus(statusOf(NOW, 1));
});
afterEach(() => {
  past.live();
  vi.useRealTimers();
});

test("a moment of the past takes the place of the live picture, which goes on underneath", async () => {
  past.step(-600);
  await settle();
  expect(store.past?.frame.time).toBe(NOW - 600);
  expect(store.frame?.time).toBe(NOW - 600);
  expect([store.rows.size, store.rows.get(1)]).toEqual([1, 0]);
  expect(store.alerted.has(7)).toBe(true);
  expect(store.alerted.has(1)).toBe(false);
  expect(store.standing?.time).toBe(NOW - 600);
  expect(store.status?.time).toBe(NOW);
  await fly(5);
  store.takeStatus(statusOf(NOW + 5, 1));
  expect(store.frame?.time).toBe(NOW - 600);
  expect(store.status?.time).toBe(NOW + 5);
  expect(store.clock.now(performance.now())).toBe(NOW - 600);
  expect(Math.round(store.liveClock.now(performance.now())!)).toBe(NOW + 5);
  past.live();
  expect(Math.round(store.frame!.time)).toBe(NOW + 5);
  expect(store.alerted.has(1)).toBe(true);
  expect(store.past).toBeUndefined();
});

test("between keyframes it is reckoned on from the one before, and never from one after", async () => {
  void past.seek(NOW - 593.5);
  await settle();
  expect(store.past?.frame.time).toBe(NOW - 600);
  expect(store.clock.sinceFrame(performance.now())).toBeCloseTo(6.5);
  kept.index_ = { ...kept.index_, times: [NOW - 1800, NOW - 100] };
  past.live();
  void past.seek(NOW - 500);
  await settle();
  expect(store.past?.frame.time).toBe(NOW - 1800);
  expect(store.clock.sinceFrame(performance.now()), "tracks do not fly on for ever").toBe(20);
  expect(past.reckoned).toBe(1300);
});

test("it steps, stays within what is kept, and as good as now is live", async () => {
  past.step(-60);
  await settle();
  expect(shown()).toBe(NOW - 60);
  past.step(-60);
  past.step(-10);
  await settle();
  expect(shown()).toBe(NOW - 130);
  past.step(-9000);
  await settle();
  expect(shown()).toBe(NOW - 1800);
  past.step(9000);
  await settle();
  expect(past.open).toBe(false);
  past.step(10);
  expect(past.open, "from live there is nothing further on").toBe(false);
});

test("it plays at its pace and ends live", async () => {
  past.step(-100);
  await settle();
  past.pace(4);
  past.play();
  await fly(10);
  expect(shown()).toBe(NOW - 60);
  expect(store.past?.frame.time).toBe(NOW - 60);
  expect(store.clock.speed).toBe(4);
  past.play(false);
  await fly(5);
  expect(shown()).toBe(NOW - 60);
  past.pace(16);
  past.play();
  await fly(10);
  expect(past.open).toBe(false);
});

test("what is no longer kept gives way to the oldest there is", async () => {
  past.step(-1795);
  await settle();
  kept.index_ = { ...kept.index_, times: kept.index_.times.slice(5) };
  await fly(20);
  expect(shown()).toBe(NOW - 1750);
});

test("a server that does not answer, or keeps nothing, leaves the live picture", async () => {
  const told: string[] = [];
  past.on(() => told.push(past.trouble));
  kept.answers = false;
  past.step(-60);
  await settle();
  expect([past.open, told]).toEqual([false, expect.arrayContaining(["waiting", "lost"])]);
  kept.answers = true;
  kept.index_ = { ...kept.index_, times: [] };
  past.step(-60);
  await settle();
  expect(past.open).toBe(false);
  expect(told).toContain("none");
  expect(store.past).toBeUndefined();
});

test("another run of the server is another past: nothing held of the first is shown", async () => {
  past.step(-600);
  await settle(500);
  past.live();
  kept.asked = [];
  past.step(-600);
  await settle();
  expect(kept.asked).toEqual([]);
  past.live();
  kept.index_ = { ...kept.index_, boot: "b" };
  past.step(-600);
  await settle();
  expect(kept.asked).toContain(NOW - 600);
});

test("where tracks came from is shown from what lies before, and from nothing after", async () => {
  past.step(-600);
  await settle(2000);
  const times = store.dots.map((d) => d.time);
  expect(times.length).toBeGreaterThan(10);
  expect(Math.max(...times)).toBe(NOW - 600);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test("leaving while a moment is on its way does not come back to it", async () => {
  past.step(-600);
  past.live();
  await settle(100);
  expect([past.open, store.past]).toEqual([false, undefined]);
});

test("commands about tracks are not sent from the past, those about alerts are", async () => {
  expect(["identity", "claim", "radio", "cleared", "unprotect", "track_merge"].every((kind) => aboutTracks({ kind }))).toBe(true);
  expect(["acknowledge", "suppress", "hand_over", "volume", "closure", "qnh"].some((kind) => aboutTracks({ kind }))).toBe(false);
  const session = new Session();
  const sent = vi.fn(async () => new Response("{}"));
  vi.stubGlobal("fetch", sent);
  session.against = (command) => (aboutTracks(command) ? "not from the past" : "");
  await expect(session.send({ kind: "identity", track: 1 }, "x")).rejects.toThrow("not from the past");
  expect(sent).not.toHaveBeenCalled();
  await session.send({ kind: "acknowledge", alert: 1 }, "x");
  expect(sent).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});

test("how long ago is told as minutes and seconds", () => {
  expect([0, 9.6, 60, 603, 1800].map(behind)).toEqual(["−0:00", "−0:10", "−1:00", "−10:03", "−30:00"]);
});

const changes = (time: number, whole: boolean, gone: number[], numbers: number[], lat: number | null): Changes => ({
  type: "tracks",
  time,
  whole,
  gone,
  tracks: { number: numbers, sent_s: numbers.map(() => time), lat_deg: numbers.map(() => lat), age_s: numbers.map(() => 1), mode_a: numbers.map(() => null), callsign: numbers.map((n) => `AB${n}`) } as Changes["tracks"],
});

test("events make the frames that the stream makes", () => {
  const told = new Told();
  told.take(changes(100, true, [], [1, 2, 3], 10), 50);
  const frame = told.take(changes(105, false, [2], [3], null), 9);
  const { tracks } = frame;
  expect([...tracks!.number]).toEqual([1, 3]);
  expect([...tracks!.lat_deg]).toEqual([10, NaN]);
  expect([...tracks!.age_s], "it has grown older since it was sent").toEqual([6, 1]);
  expect([...tracks!.mode_a]).toEqual([-1, -1]);
  expect(String.fromCharCode(...tracks!.callsign.slice(0, 3))).toBe("AB1");
  expect([...told.take(changes(106, true, [], [9], 1), 9).tracks!.number]).toEqual([9]);
});
