import { beforeEach, describe, expect, test } from "vitest";
import { parseFrame, TRACKS } from "../src/frames";
import { distanceNm } from "../src/near";
import { compile, words, type Looked, type Place } from "../src/panels/tracklist/filter";
import { chosen } from "../src/panels/tracklist/columns";
import { keyOfBytes, keyOfName, keyOfNumber, ordered } from "../src/panels/tracklist/order";
import { Texts } from "../src/panels/tracklist/texts";
import { scrolledTo, slice } from "../src/panels/tracklist/visible";
import { Store } from "../src/store";
import { AircraftClass, Emergency, Identity, PlotKind, TrackFlag, Trend } from "../src/wire";
import { makeFrame } from "./made";

const NAN = NaN;
const FLIGHTS = {
  number: [11, 12, 13, 14],
  lat_deg: [13.5, 14.5, 17, NAN],
  lon_deg: [2.2, 3, 8, NAN],
  level_ft: [35000, 4500, 10000, NAN],
  speed_kt: [450, 90, 119.6, 20],
  age_s: [1, 30, 2, 90],
  vertical_fpm: [0, 800, -600, 0],
  course_deg: [90, 180, 270, 0],
  identity: [Identity.NEUTRAL, Identity.UNKNOWN, Identity.FRIEND, Identity.PENDING],
  protected: [1, 0, 0, 0],
  civil: [1, 0, 0, 0],
  aircraft_class: [AircraftClass.AIRLINER, AircraftClass.UNKNOWN, AircraftClass.HELICOPTER, AircraftClass.DRONE],
  emergency: [Emergency.NONE, Emergency.NONE, Emergency.GENERAL, Emergency.NONE],
  trend: [Trend.LEVEL, Trend.CLIMBING, Trend.DESCENDING, Trend.UNKNOWN],
  flags: [TrackFlag.CONFIRMED, TrackFlag.CONFIRMED | TrackFlag.COASTING, TrackFlag.CONFIRMED, 0],
  kinds: [(1 << PlotKind.ADSB) | (1 << PlotKind.PSR), 1 << PlotKind.PSR, 1 << PlotKind.SSR, 1 << PlotKind.REMOTE_ID],
  mode_a: [0o7421, -1, 0o7700, -1],
  address: [0x06205a, -1, 0x062001, -1],
  callsign: ["UNO123", "", "AFR703", ""],
};

let store: Store;
beforeEach(() => {
  store = new Store();
  store.takeFrame(parseFrame(makeFrame(TRACKS, 1, 1000, { PageTracks: FLIGHTS })), 0);
});

const PLACES: Record<string, Place> = { niamey: [13.48, 2.18], nulle: [0, 0] };

/** Numbers of the tracks that a filter shows. */
function shown(said: string): number[] {
  const filter = compile(said, store, (name) => PLACES[name]);
  const tracks = store.tracks!;
  const of = (row: number): Looked => ({
    tracks,
    row,
    text: () => `${store.callsign(row)} ${FLIGHTS.mode_a[row]!.toString(8)} #${FLIGHTS.number[row]}`,
    alerted: row === 2,
    distance: () => distanceNm(tracks.lat_deg[row]!, tracks.lon_deg[row]!, 13.48, 2.18),
  });
  return FLIGHTS.number.filter((_, row) => filter.test?.(of(row)) ?? true);
}

describe("the filter", () => {
  test.each([
    ["", [11, 12, 13, 14]],
    ["uno", [11]],
    ["#13", [13]],
    ["-uno", [12, 13, 14]],
    ["level>100", [11]],
    ["level>=100", [11, 13]],
    ["level<=FL100", [12, 13]],
    ["level>9000ft", [11, 13]],
    ["level:40-110", [12, 13]],
    ["fl:350", [11]],
    ["niveau<100", [12]],
    ["speed<120", [12, 13, 14]],
    ["speed=120", [13]],
    ["vitesse>100 -is:protected", [13]],
    ["age>1min", [14]],
    ["climb>500", [12]],
    ["distance<100", [11, 12]],
    ["is:protected", [11]],
    ["est:protégé", [11]],
    ["IS:Coasting", [12]],
    ["-is:coasting is:unknown", []],
    ["is:tentative", [14]],
    ["is:alert", [13]],
    ["is:emergency", [13]],
    ["is:climbing", [12]],
    ["est:hélicoptère", [13]],
    ["is:drone", [14]],
    ["src:radar", [11, 12, 13]],
    ["src:ads-b", [11]],
    ["-src:radar", [14]],
    ["source:remoteid", [14]],
    ["code:7700", [13]],
    ["hex:0620", [11, 13]],
    ["callsign:afr", [13]],
    ["near:NIAMEY 50", [11]],
    ["near:niamey", [11]],
    ["près:niamey 100", [11, 12]],
    ['near:"NIAMEY" 50 uno', [11]],
  ])("%s", (said, expected) => expect(shown(said)).toEqual(expected));

  test("what is not understood is said, and hides nothing", () => {
    for (const odd of ["is:blah", "foo:bar", "level>high", "near:atlantis", "src:rumour", "level>", "speed:1-x"]) {
      const filter = compile(`uno ${odd}`, store, () => undefined);
      expect(filter.unknown, odd).toEqual([odd]);
      expect(shown(`uno ${odd}`)).toEqual([11]);
    }
    expect(compile("AFR703 -x", store, () => undefined).unknown).toEqual([]);
  });

  test("only a filter for what is not confirmed shows that", () => {
    expect(compile("is:tentative", store, () => undefined).tentative).toBe(true);
    expect(compile("-is:tentative level>3", store, () => undefined).tentative).toBe(false);
  });

  test("words in quotation marks stay together", () => expect(words('near:"Air port" -"a b" c')).toEqual(["near:Air port", "-a b", "c"]));

  test("nothing that can be typed makes it fail", () => {
    const signs = ['"', "-", ":", ">", "<=", "is", "é", "(", "[", "\\", " ", "9", "near:", "level", "*"];
    let seed = 7;
    for (let k = 0; k < 500; k++) {
      let said = "";
      for (let i = 0; i < 6; i++) said += signs[(seed = (seed * 1103515245 + 12345) % 2147483648) % signs.length];
      expect(Array.isArray(shown(said))).toBe(true);
    }
  });
});

describe("the order", () => {
  const rows = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i);

  test("numbers sort as numbers, what is not known last, ties by row", () => {
    const values = [3, NAN, -5, 0, 1e9, -0.5, 3, NAN, 2.5];
    const by = (descending: boolean): number[] => [...ordered(rows(values.length), (row) => keyOfNumber(values[row]!, descending))];
    expect(by(false)).toEqual([2, 5, 3, 8, 0, 6, 4, 1, 7]);
    expect(by(true)).toEqual([4, 0, 6, 8, 3, 5, 2, 1, 7]);
  });

  test("names sort as text, also where they begin alike", () => {
    const names = ["UNO871H", "AFR703", "AFR70", "UNO871A", "#12", "A7700", "UNO871", "zz", ""];
    const by = (descending: boolean): string[] => [...ordered(rows(names.length), (row) => keyOfName(names[row]!, descending), (row) => names[row]!, descending)].map((row) => names[row]!);
    expect(by(false)).toEqual(["", "#12", "A7700", "AFR70", "AFR703", "UNO871", "UNO871A", "UNO871H", "zz"]);
    expect(by(true)).toEqual([...by(false)].reverse());
  });

  test("a name's bytes have the key of the name", () => {
    const names = ["UNO871H", "A", "", "ZZZZZZZZ"];
    const column = new Uint8Array(8 * names.length);
    names.forEach((name, row) => [...name].forEach((c, i) => (column[8 * row + i] = c.charCodeAt(0))));
    for (const descending of [false, true]) expect(names.map((_, row) => keyOfBytes(column, 8, row, descending))).toEqual(names.map((name) => keyOfName(name, descending)));
  });

  test("a text is made anew only where something of it changed", () => {
    const texts = new Texts(store);
    const first = texts.of(store.tracks!, 0);
    expect(first).toBe("UNO123 7421 06205A  #11");
    const later = (callsign: string): string => {
      store.takeFrame(parseFrame(makeFrame(TRACKS, 2, 1001, { PageTracks: { ...FLIGHTS, callsign: [callsign, "", "", ""] } })), 1000);
      return texts.of(store.tracks!, 0);
    };
    expect(later("UNO123")).toBe(first);
    expect(later("UNO124")).toBe("UNO124 7421 06205A  #11");
  });

  test("the text of a track that is added to a picture kept in place", () => {
    const texts = new Texts(store);
    const tracks = store.tracks!;
    const room = new Uint8Array(64);
    room.set(tracks.callsign);
    const held = { ...tracks, rows: 3, callsign: room.subarray(0, 24) };
    expect(texts.of(held, 0)).toContain("UNO123");
    const more = { ...tracks, rows: 4, callsign: room.subarray(0, 32) };
    expect(texts.of(more, 3)).toContain("#14");
  });

  test("many rows come out as a plain sort has them", () => {
    let seed = 3;
    const values = Array.from({ length: 5000 }, () => Math.fround(((seed = (seed * 16807) % 2147483647) % 4001) - 2000));
    const plain = values.map((v, i) => [v, i] as const).sort((a, b) => b[0] - a[0] || a[1] - b[1]).map(([, i]) => i);
    expect([...ordered(rows(5000), (row) => keyOfNumber(values[row]!, true))]).toEqual(plain);
  });
});

describe("the rows on the page", () => {
  test("a slice holds what is seen and some more, and never goes past the ends", () => {
    expect(slice(20_000, 25, 0, 250, 10)).toEqual({ from: 0, to: 20 });
    expect(slice(20_000, 25, 250_000, 250, 10)).toEqual({ from: 9990, to: 10_020 });
    expect(slice(20_000, 25, 499_750, 250, 10)).toEqual({ from: 19_980, to: 20_000 });
    expect(slice(0, 25, 300, 250)).toEqual({ from: 0, to: 0 });
    expect(slice(5, 25, 90_000, 250, 10)).toEqual({ from: 5, to: 5 }); // scrolled far down, and then filtered
    expect(slice(9, 25, 0, 0, 2)).toEqual({ from: 0, to: 2 });
  });

  test("moving the keyboard scrolls only as far as it must", () => {
    expect(scrolledTo(3, 25, 0, 250)).toBe(0);
    expect(scrolledTo(12, 25, 0, 250)).toBe(75);
    expect(scrolledTo(2, 25, 200, 250)).toBe(50);
    expect(scrolledTo(0, 25, 0, 10)).toBe(15);
  });
});

test("columns are as chosen; identity and name always are", () => {
  const ids = (kept: string): string[] => chosen(kept).map((c) => c.id);
  expect(ids("")).toEqual(["identity", "name", "level", "speed", "sources"]);
  expect(ids("age,distance")).toEqual(["identity", "name", "distance", "age"]);
  expect(ids("nonsense")).toEqual(["identity", "name"]);
});

test("a distance is a great circle's", () => {
  expect(distanceNm(13.48, 2.18, 16.97, 8.0)).toBeCloseTo(397.1, 0);
  expect(distanceNm(0, 0, 1, 0)).toBeCloseTo(60.04, 1);
  expect(distanceNm(NAN, 0, 1, 0)).toBeNaN();
});
