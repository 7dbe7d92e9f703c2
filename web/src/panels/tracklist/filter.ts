// The filter of the track list: words that people guess, in English and French, made into one test of a row.
//
//   free text         callsign, code, address, Remote ID or number holds it
//   level>100         also niveau, fl, alt; speed (vitesse, kt), distance, age, climb; with < > <= >= = or a span 100-200
//   is:protected      an identity, a kind of aircraft, a state; src:radar; code:7700; near:NIAMEY 50
//   -anything         what does not match; "two words" are one

import { distanceNm } from "../../near";
import { address, modeA } from "../../format";
import { sourcesOf } from "../../sources";
import type { Store } from "../../store";
import { AircraftClass, Emergency, Identity, TrackFlag, Trend, type PageTracks } from "../../wire";

/** One row of the frame that is being looked at. */
export interface Looked {
  tracks: PageTracks;
  row: number;
  /** Everything that free text is looked for in, in capitals. */
  text: () => string;
  alerted: boolean;
  /** From the home site, NM; NaN where either place is not known. */
  distance: () => number;
}

export type Test = (at: Looked) => boolean;
export type Place = readonly [lat: number, lon: number];

export interface Filter {
  /** Whether a row is shown; undefined: all are. */
  test: Test | undefined;
  /** Words that say nothing to us, as they were typed. */
  unknown: string[];
  /** Whether what is not confirmed is asked for. */
  tentative: boolean;
}

const NEAR_NM = 50;

/** Letters without accents, in lower case. */
export const plain = (text: string): string => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

type Measure = (at: Looked) => number;
const measure = (read: Measure, names: string): [string, Measure][] => names.split(" ").map((n) => [n, read]);

const MEASURES = new Map<string, Measure>([
  ...measure((at) => at.tracks.level_ft[at.row]! / 100, "level fl alt altitude height niveau hauteur"),
  ...measure((at) => at.tracks.speed_kt[at.row]!, "speed kt gs vitesse"),
  ...measure((at) => at.distance(), "distance dist nm range"),
  ...measure((at) => at.tracks.age_s[at.row]!, "age seen vu"),
  ...measure((at) => at.tracks.vertical_fpm[at.row]!, "climb vs vertical montee"),
  ...measure((at) => at.tracks.course_deg[at.row]!, "course track cap route"),
]);

const flag = (bit: number): Test => (at) => (at.tracks.flags[at.row]! & bit) !== 0;
const identity = (value: number): Test => (at) => at.tracks.identity[at.row] === value;
const kind = (value: number): Test => (at) => at.tracks.aircraft_class[at.row] === value;
const trend = (value: number): Test => (at) => at.tracks.trend[at.row] === value;
const states = (test: Test, names: string): [string, Test][] => names.split(" ").map((n) => [n, test]);

const STATES = new Map<string, Test>([
  ...states(identity(Identity.PENDING), "pending attente"),
  ...states(identity(Identity.UNKNOWN), "unknown inconnu inconnue"),
  ...states(identity(Identity.ASSUMED_FRIEND), "assumed assumed_friend presume ami_presume"),
  ...states(identity(Identity.FRIEND), "friend ami"),
  ...states(identity(Identity.NEUTRAL), "neutral neutre"),
  ...states(identity(Identity.SUSPECT), "suspect suspecte"),
  ...states((at) => at.tracks.protected[at.row] === 1, "protected protege protegee"),
  ...states((at) => at.tracks.civil[at.row] === 1, "civil civile"),
  ...states((at) => at.tracks.emergency[at.row] !== Emergency.NONE, "emergency urgence detresse"),
  ...states((at) => at.alerted, "alert alerted alerte"),
  ...states(flag(TrackFlag.COASTING), "coasting coast extrapole perdu"),
  ...states(flag(TrackFlag.ON_GROUND), "ground sol"),
  ...states(flag(TrackFlag.NOT_LIVE), "notlive test simulated simule"),
  ...states(flag(TrackFlag.SYSTEM), "system systeme"),
  ...states(flag(TrackFlag.MANUAL), "manual manuel"),
  ...states((at) => (at.tracks.flags[at.row]! & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM)) === 0, "tentative unconfirmed provisoire"),
  ...states((at) => Number.isNaN(at.tracks.lat_deg[at.row]!), "unplaced sans_place"),
  ...states(trend(Trend.CLIMBING), "climbing montee"),
  ...states(trend(Trend.DESCENDING), "descending descente"),
  ...states(kind(AircraftClass.LIGHT), "light leger"),
  ...states(kind(AircraftClass.AIRLINER), "airliner ligne"),
  ...states(kind(AircraftClass.HELICOPTER), "helicopter heli helicoptere"),
  ...states(kind(AircraftClass.GLIDER), "glider planeur"),
  ...states(kind(AircraftClass.DRONE), "drone uas"),
  ...states(kind(AircraftClass.BALLOON), "balloon ballon"),
  ...states(kind(AircraftClass.VEHICLE), "vehicle vehicule"),
]);
const TENTATIVE = new Set(["tentative", "unconfirmed", "provisoire"]);

const SOURCES: Record<string, string> = { radar: "radar", adsb: "adsb", "ads-b": "adsb", mlat: "mlat", multilateration: "mlat", smr: "smr", remote: "remote_id", remoteid: "remote_id", remote_id: "remote_id", rid: "remote_id", detector: "detector", detecteur: "detector", flarm: "flarm", system: "system", systeme: "system", manual: "manual", manuel: "manual" };

/** Named columns whose text is looked for: their own part of what a track is called. */
const TEXTS: Record<string, (at: Looked, store: Store) => string> = {
  code: (at) => modeA(at.tracks.mode_a[at.row]!),
  squawk: (at) => modeA(at.tracks.mode_a[at.row]!),
  address: (at) => address(at.tracks.address[at.row]!),
  adresse: (at) => address(at.tracks.address[at.row]!),
  hex: (at) => address(at.tracks.address[at.row]!),
  callsign: (at, store) => store.callsign(at.row),
  indicatif: (at, store) => store.callsign(at.row),
  number: (at) => String(at.tracks.number[at.row]),
};

const NUMBER = /^(?:fl)?(-?\d+(?:\.\d+)?)(ft|m|kt|nm|s|min|%)?$/;
const SCALES: Record<string, number> = { min: 60, ft: 0.01, m: 0.0328084 };

function numberOf(text: string, name: string): number {
  const got = NUMBER.exec(text);
  if (!got) return NaN;
  const [, digits, unit] = got;
  const scale = unit === "min" || ((unit === "ft" || unit === "m") && MEASURES.get(name) === MEASURES.get("level")) ? SCALES[unit]! : 1;
  return Number(digits) * scale;
}

function compared(name: string, operator: string, value: string): Test | undefined {
  const read = MEASURES.get(name);
  if (!read) return undefined;
  const span = /^([^-]+)-([^-]+)$/.exec(value);
  const [low, high] = span && (operator === ":" || operator === "=") ? [numberOf(span[1]!, name), numberOf(span[2]!, name)] : [numberOf(value, name), numberOf(value, name)];
  if (Number.isNaN(low) || Number.isNaN(high)) return undefined;
  if (operator === ">") return (at) => read(at) > low;
  if (operator === "<") return (at) => read(at) < low;
  if (operator === ">=") return (at) => read(at) >= low;
  if (operator === "<=") return (at) => read(at) <= low;
  return span ? (at) => read(at) >= low && read(at) <= high : (at) => Math.round(read(at)) === Math.round(low);
}

function named(name: string, value: string, store: Store, placeOf: (name: string) => Place | undefined, radius: number): Test | undefined {
  if (["is", "est"].includes(name)) return STATES.get(value);
  if (["src", "source", "from", "by", "par"].includes(name)) {
    const source = SOURCES[value];
    return source ? (at) => sourcesOf(at.tracks.kinds[at.row]!, at.tracks.flags[at.row]!).includes(source) : undefined;
  }
  if (["near", "pres"].includes(name)) {
    const place = placeOf(value);
    return place && ((at) => distanceNm(at.tracks.lat_deg[at.row]!, at.tracks.lon_deg[at.row]!, ...place) <= radius);
  }
  const text = TEXTS[name];
  return text && value !== "" ? (at) => text(at, store).toLowerCase().includes(value) : undefined;
}

/** The words of a filter: parts in quotation marks stay together. */
export const words = (said: string): string[] => [...said.matchAll(/-?[^\s"]*"[^"]*"?|\S+/g)].map((m) => m[0].replaceAll('"', ""));

/** Make a filter of what was typed. placeOf: where a name (plain, lower case) is. */
export function compile(said: string, store: Store, placeOf: (name: string) => Place | undefined): Filter {
  const tests: Test[] = [];
  const unknown: string[] = [];
  let tentative = false;
  const all = words(said);
  for (let k = 0; k < all.length; k++) {
    const typed = all[k]!;
    const not = typed.startsWith("-") && typed.length > 1;
    const word = plain(not ? typed.slice(1) : typed);
    if (!word || word === "-") continue;
    const got = /^([a-z]+)(>=|<=|>|<|=|:)(.*)$/.exec(word);
    let test: Test | undefined;
    if (got) {
      const [, name, operator, value] = got as unknown as [string, string, string, string];
      let radius = NEAR_NM;
      if (["near", "pres"].includes(name) && /^\d+(nm)?$/i.test(all[k + 1] ?? "")) radius = parseInt(all[++k]!, 10);
      test = compared(name, operator, value) ?? (operator === ":" || operator === "=" ? named(name, value, store, placeOf, radius) : undefined);
      tentative ||= !not && test !== undefined && ["is", "est"].includes(name) && TENTATIVE.has(value);
      if (!test) {
        unknown.push(typed);
        continue;
      }
    } else {
      const asked = word.toUpperCase();
      test = (at) => at.text().includes(asked);
    }
    const one = test;
    tests.push(not ? (at) => !one(at) : one);
  }
  return { test: tests.length ? (at) => tests.every((t) => t(at)) : undefined, unknown, tentative };
}
