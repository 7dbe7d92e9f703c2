import { describe, expect, it } from "vitest";
import { pack, Rank, strengthOf, type Packed } from "../src/columns";
import { distanceTo, Labels } from "../src/labels";
import { Pacer } from "../src/pacer";
import { MERCATOR, screenX, screenY, viewOf, type View } from "../src/plane";
import { Rows } from "../src/rows";
import { Mark } from "../src/shaders";
import { Store } from "../src/store";
import { CLASSES, COLUMNS, IDENTITIES, isOwn, sidcOf, SLOTS, slotOf } from "../src/tracks/app6";
import { outline } from "../src/tracks/ellipse";
import type { Glyphs } from "../src/tracks/glyphs";
import { endsOf } from "../src/tracks/labellayer";
import { Taken } from "../src/tracks/place";
import { ageOf, linesOf } from "../src/tracks/text";
import { roomOf, Thinning } from "../src/tracks/thin";
import { AircraftClass, Emergency, Identity, TrackFlag, type PageTracks } from "../src/wire";
import { tracksOf } from "./rows";

const VIEW = viewOf(MERCATOR, 15, 5, 6, 800, 600);
const glyphs = { widthOf: (text: string) => 7 * text.length } as unknown as Glyphs;

function packed(tracks: PageTracks, view: View = VIEW, alerted: ReadonlyMap<number, number> = new Map()): Packed {
  return pack(tracks, view.plane, view.x, view.y, alerted);
}

function chosen(tracks: PageTracks, view: View = VIEW, alerted: ReadonlyMap<number, number> = new Map(), selected = -1): { thinning: Thinning; rows: number[]; held: Packed } {
  const thinning = new Thinning();
  const held = packed(tracks, view, alerted);
  thinning.choose(held, view, 0, selected, -1);
  return { thinning, rows: [...thinning.rows.subarray(0, thinning.count)], held };
}

/** So many ordinary tracks in one spot. */
const heap = (n: number) => Array.from({ length: n }, (_, i) => ({ number: i + 1, lat_deg: 15 + 0.0001 * i, lon_deg: 5 }));

describe("thinning", () => {
  it("draws every track as a symbol where there is room", () => {
    const { thinning, rows } = chosen(tracksOf(Array.from({ length: 12 }, (_, i) => ({ number: i + 1, lat_deg: 13 + 0.4 * i, lon_deg: 5 }))));
    expect(rows.length).toBe(12);
    expect(thinning.points).toBe(0);
    expect(thinning.inView).toBe(12);
  });

  it("keeps a few of a heap as symbols and tells how many are points", () => {
    const { thinning, rows } = chosen(tracksOf(heap(50)));
    expect(rows.length).toBeGreaterThanOrEqual(4);
    expect(rows.length).toBeLessThanOrEqual(8); // a heap may lie across two cells
    expect(thinning.points).toBe(50 - rows.length);
    expect([...thinning.form.subarray(0, 50)].filter(Boolean).length).toBe(rows.length);
  });

  it("always shows alerts, emergencies, suspect, unknown, protected and selected tracks", () => {
    const many = heap(60);
    const tracks = tracksOf(
      many.map((t, i) => ({
        ...t,
        ...(i === 50 && { identity: Identity.SUSPECT }),
        ...(i === 51 && { identity: Identity.UNKNOWN }),
        ...(i === 52 && { protected: 1 }),
        ...(i === 53 && { emergency: Emergency.GENERAL }),
      })),
    );
    const { rows } = chosen(tracks, VIEW, new Map([[55, 2]]), 56);
    for (const row of [50, 51, 52, 53, 54, 56]) expect(rows, `row ${row}`).toContain(row);
    expect(rows[0]).toBe(56);
    expect(rows.length).toBeLessThan(60);
  });

  it("shares the cells among unknown tracks too where there are more than can be told apart, never suspect ones", () => {
    const n = 3000;
    const tracks = tracksOf(Array.from({ length: n }, (_, i) => ({ number: i + 1, lat_deg: 13 + (i % 50) * 0.08, lon_deg: 3 + Math.floor(i / 50) * 0.07, identity: i % 10 === 0 ? Identity.SUSPECT : Identity.UNKNOWN })));
    const { rows, thinning } = chosen(tracks);
    const suspects = rows.filter((row) => row % 10 === 0).length;
    expect(suspects).toBe(n / 10);
    expect(rows.length).toBeLessThan(1200);
    expect(thinning.points).toBe(thinning.inView - rows.length);
  });

  it("never makes a tentative track a symbol", () => {
    const { rows, thinning } = chosen(tracksOf([{ lat_deg: 15, lon_deg: 5, flags: 0 }]));
    expect(rows).toEqual([]);
    expect(thinning.points).toBe(1);
  });

  it("keeps its choice while the view is panned", () => {
    const tracks = tracksOf(Array.from({ length: 3000 }, (_, i) => ({ number: i + 1, lat_deg: 13 + (i % 50) * 0.08, lon_deg: 3 + Math.floor(i / 50) * 0.07 })));
    const before = new Set(chosen(tracks).rows);
    const after = chosen(tracks, viewOf(MERCATOR, 15.02, 5.03, 6, 800, 600)).rows;
    const kept = after.filter((row) => before.has(row)).length;
    expect(kept / after.length).toBeGreaterThan(0.95);
  });

  it("gives cells less room the more there are", () => {
    const cells = Uint16Array.from({ length: 400 }, () => 9);
    expect(roomOf(cells, 400, 2000)).toBe(4);
    expect(roomOf(cells, 400, 1000)).toBe(2);
    expect(roomOf(cells, 400, 500)).toBe(1);
    expect(roomOf(cells, 400, 300)).toBe(0);
  });
});

function laid(tracks: PageTracks, labels = new Labels(), view: View = VIEW, prepare: (store: Store) => void = () => undefined): { labels: Labels; held: Packed } {
  const store = new Store();
  store.takeFrame({ kind: 1, sequence: 1, time: 1000, served: 0, bytes: 0, tracks }, 0);
  prepare(store);
  const { thinning, held } = chosen(tracks, view);
  labels.layout(view, store, held, thinning, 0, glyphs);
  return { labels, held };
}

const boxes = (labels: Labels, held: Packed, view: View = VIEW): [number, number, number, number][] =>
  labels.placed.map((l) => {
    const [x, y] = [screenX(view, held.x[l.row]!, held.y[l.row]!) + l.left, screenY(view, held.x[l.row]!, held.y[l.row]!) + l.top];
    return [x, y, x + l.width, y + l.height];
  });

const overlaps = (a: readonly number[], b: readonly number[]): boolean => a[0]! < b[2]! && b[0]! < a[2]! && a[1]! < b[3]! && b[1]! < a[3]!;

describe("labels", () => {
  const spread = tracksOf(Array.from({ length: 300 }, (_, i) => ({ number: i + 1, lat_deg: 13 + (i % 20) * 0.2, lon_deg: 2.5 + Math.floor(i / 20) * 0.33, callsign: `TST${i}` })));

  it("never cover one another", () => {
    const { labels, held } = laid(spread);
    expect(labels.placed.length).toBeGreaterThan(20);
    const all = boxes(labels, held);
    for (let i = 0; i < all.length; i++) for (let k = 0; k < i; k++) expect(overlaps(all[i]!, all[k]!), `${i} and ${k}`).toBe(false);
  });

  it("stay where they were while that is free", () => {
    const labels = new Labels();
    laid(spread, labels);
    const before = new Map(labels.placed.map((l) => [l.number, [l.left, l.top]]));
    laid(spread, labels);
    const stayed = labels.placed.filter((l) => before.get(l.number)?.join() === [l.left, l.top].join()).length;
    expect(stayed / labels.placed.length).toBeGreaterThan(0.95);
  });

  it("stand where a hand put them, with a line to their symbol, and go when the track goes", () => {
    const labels = new Labels();
    labels.held.set(1, [60, -90]);
    labels.held.set(999_999, [10, 10]);
    laid(spread, labels);
    const put = labels.placed.find((l) => l.number === 1)!;
    expect([put.left, put.top, put.leader]).toEqual([60, -90, true]);
    expect(labels.held.has(999_999)).toBe(false);
    const [fromX, fromY, toX, toY] = endsOf(put);
    expect(toX).toBe(58);
    expect(toY).toBe(-90 + put.height);
    expect(Math.hypot(fromX, fromY)).toBeCloseTo(8);
  });

  it("say more at each level, and all of a selected track", () => {
    const one = tracksOf([{ number: 1, lat_deg: 15, lon_deg: 5, callsign: "AFR703", level_ft: 35_000, speed_kt: 447, course_deg: 148, vertical_fpm: 1240, aircraft_class: AircraftClass.AIRLINER, mode_a: 0o4021 }]);
    const labels = new Labels();
    labels.detail = 1;
    expect(laid(one, labels).labels.placed[0]!.lines).toEqual(["AFR703"]);
    labels.detail = 2;
    expect(laid(one, labels).labels.placed[0]!.lines).toEqual(["AFR703", "FL350  447"]);
    labels.detail = 1;
    const { labels: chosenLabels } = laid(one, labels, VIEW, (store) => store.select(1));
    expect(chosenLabels.placed[0]!.lines).toEqual(["AFR703", "FL350  447", "148°  +1200  airliner  4021"]);
    expect(chosenLabels.placed[0]!.large).toBe(true);
  });

  it("stay at their place when they grow under the pointer", () => {
    const labels = new Labels();
    laid(spread, labels);
    const { number, left, top, height } = { ...labels.placed[Math.floor(labels.placed.length / 2)]! };
    laid(spread, labels, VIEW, (store) => (store.hovered = number));
    const grown = labels.placed.find((l) => l.number === number)!;
    expect(grown.large).toBe(true);
    expect(Math.sign(grown.left)).toBe(Math.sign(left));
    expect(grown.top === top || grown.top + grown.height === top + height).toBe(true);
  });

  it("switched off, only those of alerts and of what is selected remain", () => {
    const { labels } = laid(spread, new Labels(), VIEW, (store) => {
      store.labels = false;
      store.select(7);
    });
    expect(labels.placed.map((l) => l.number)).toEqual([7]);
  });

  it("tell the age of a coasting or stale track, and only of those", () => {
    expect(ageOf(TrackFlag.CONFIRMED, 3)).toBe("");
    expect(ageOf(TrackFlag.CONFIRMED | TrackFlag.COASTING, 3)).toBe("3 s");
    expect(ageOf(TrackFlag.CONFIRMED, 25.4)).toBe("25 s");
    expect(ageOf(TrackFlag.CONFIRMED, 180)).toBe("3 min");
    expect(ageOf(TrackFlag.COASTING, Number.NaN)).toBe("");
    const store = new Store();
    store.takeFrame({ kind: 1, sequence: 1, time: 1000, served: 0, bytes: 0, tracks: tracksOf([{ number: 5, callsign: "OLD", flags: TrackFlag.CONFIRMED | TrackFlag.COASTING, age_s: 40 }]) }, 0);
    expect(linesOf(store, 0, 1)).toEqual(["OLD  40 s"]);
  });

  it("are near their symbols but not on them", () => {
    const taken = new Taken();
    taken.clear(VIEW);
    const spot = taken.find(400, 300, 60, 26, -1);
    const size = { width: 60, height: 26 };
    expect(distanceTo({ ...spot, ...size })).toBeGreaterThan(5);
    expect(distanceTo({ ...spot, ...size })).toBeLessThan(15);
    expect(taken.find(799, 599, 60, 26, -1).left).toBeLessThan(0); // at the corner it turns inwards
  });
});

describe("APP-6 codes", () => {
  const all = Array.from({ length: 256 }, (_, identity) => Array.from({ length: 16 }, (_, kind) => [identity, kind] as const)).flat();

  it("have twenty digits and only our six identities, whatever is asked", () => {
    for (const [identity, kind] of all) {
      for (const own of [true, false]) {
        const sidc = sidcOf(identity, kind, own);
        expect(sidc).toMatch(/^130[0-5](01|15)0000\d{10}$/);
        expect(sidc[3]).toBe(String(identity < 6 ? identity : 1));
      }
    }
    expect(sidcOf(Identity.SUSPECT, AircraftClass.AIRLINER, false)).toBe("13050100001201000000");
    expect(sidcOf(Identity.FRIEND, AircraftClass.HELICOPTER, true)).toBe("13030100001102000000");
    expect(sidcOf(Identity.UNKNOWN, AircraftClass.UNKNOWN, false)).toBe("13010100000000000000");
  });

  it("never hold a weapon, and a military entity of nobody but a friend that is not civil", () => {
    for (const [identity, kind] of all) for (const own of [true, false]) expect(sidcOf(identity, kind, own).slice(10, 12)).not.toBe("13");
    for (const [identity, kind] of all) if (!isOwn(identity, 0)) expect(sidcOf(identity, kind, isOwn(identity, 0)).slice(4, 6) + sidcOf(identity, kind, isOwn(identity, 0)).slice(10, 12)).not.toBe("0111");
    expect(isOwn(Identity.FRIEND, 0)).toBe(true);
    expect(isOwn(Identity.FRIEND, Mark.CIVIL)).toBe(false);
    expect(isOwn(Identity.SUSPECT, 0)).toBe(false);
    expect(isOwn(Identity.UNKNOWN, 0)).toBe(false);
  });

  it("have a slot of their own on the texture", () => {
    const slots = new Set<number>();
    for (let identity = 0; identity < IDENTITIES; identity++) for (let kind = 0; kind < CLASSES; kind++) for (const marks of [0, Mark.SYSTEM, Mark.CIVIL, Mark.CIVIL | Mark.SYSTEM]) slots.add(slotOf(identity, kind, marks));
    expect(Math.max(...slots)).toBeLessThan(SLOTS);
    expect(SLOTS % COLUMNS).toBe(0);
    expect(slotOf(77, 200, 0)).toBeLessThan(SLOTS);
  });

  it("are written in one place, and no source says what it must not", () => {
    const sources = import.meta.glob<string>("../src/**/*.ts", { query: "?raw", import: "default", eager: true });
    expect(Object.keys(sources).length).toBeGreaterThan(50);
    for (const [name, text] of Object.entries(sources)) {
      expect(/host[i]le|fak[e]r|jok[e]r/i.test(text), name).toBe(false);
      if (!name.endsWith("app6.ts")) expect(/"1[0-4]0[0-6]\d{4}/.test(text), name).toBe(false);
    }
  });
});

describe("small things of tracks", () => {
  it("rows are found by number, as the last frame has them", () => {
    const rows = new Rows();
    rows.take(Uint32Array.from({ length: 5000 }, (_, i) => 7 * i + 1));
    expect(rows.size).toBe(5000);
    expect([rows.get(1), rows.get(7 * 4999 + 1), rows.get(2), rows.has(8)]).toEqual([0, 4999, undefined, true]);
    rows.take(Uint32Array.of(4_000_000_000, 8));
    expect([rows.size, rows.get(4_000_000_000), rows.get(8), rows.get(1)]).toEqual([2, 0, 1, undefined]);
  });

  it("a coasting track pales with the age of its last plot, and never goes", () => {
    expect(strengthOf(1)).toBe(0.75);
    expect(strengthOf(34)).toBeLessThan(strengthOf(10));
    expect(strengthOf(1e9)).toBe(0.35);
    expect(strengthOf(Number.NaN)).toBe(0.35);
  });

  it("ranks rise with what must be seen", () => {
    const held = packed(tracksOf([{ flags: 0 }, {}, { identity: Identity.UNKNOWN }, { protected: 1 }, { identity: Identity.SUSPECT }, { emergency: Emergency.NO_RADIO }]));
    expect([...held.rank.subarray(0, 6)]).toEqual([Rank.TENTATIVE, Rank.ORDINARY, Rank.UNKNOWN, Rank.PROTECTED, Rank.SUSPECT, Rank.ALERT]);
  });

  it("an ellipse reaches as far as its axes, along its bearing", () => {
    const line = outline(15, 5, { major_m: 5000, minor_m: 1000, bearing_deg: 90 }, 2, 4);
    const metres = (lat: number, lon: number): number => Math.hypot((lat - 15) * 111_195, (lon - 5) * 111_195 * Math.cos((15 * Math.PI) / 180));
    expect(metres(line[0]!, line[1]!)).toBeCloseTo(10_000, -2);
    expect(line[1]!).toBeGreaterThan(5);
    expect(Math.abs(line[0]! - 15)).toBeLessThan(0.001);
    expect(metres(line[2]!, line[3]!)).toBeCloseTo(2000, -1);
  });

  it("work that waits is done once, one piece a frame when pieces take long, and at once on a page that is not seen", () => {
    const frames: (() => void)[] = [];
    let [clock, hidden] = [0, false];
    const pacer = new Pacer((run) => frames.push(run), () => hidden, () => clock);
    const did: string[] = [];
    const slow = (name: string) => () => {
      did.push(name);
      clock += 5;
    };
    const [a, b] = [slow("a"), slow("b")];
    for (const work of [a, b, a]) pacer.later(work);
    expect(did).toEqual([]);
    frames.shift()!();
    expect(did).toEqual(["a"]);
    frames.shift()!();
    expect(did).toEqual(["a", "b"]);
    expect(frames).toEqual([]);
    pacer.busy = () => clock < 20;
    pacer.later(a);
    frames.shift()!();
    expect(did).toEqual(["a", "b"]); // the map had work of its own
    clock = 20;
    frames.shift()!();
    did.pop();
    hidden = true;
    pacer.later(a);
    expect(did).toEqual(["a", "b", "a"]);
  });
});
