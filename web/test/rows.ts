// Track columns made for tests, whatever their way over the wire.

import { TrackFlag, type PageTracks } from "../src/wire";

type Row = Partial<Record<Exclude<keyof PageTracks, "rows" | "callsign">, number>> & { callsign?: string };

const NONE: Readonly<Record<string, number>> = { level_ft: NaN, altitude_ft: NaN, lat_deg: 15, lon_deg: 5, mode_a: -1, address: -1, source: -1, identity: 4, flags: TrackFlag.CONFIRMED };

/** Confirmed neutral tracks at 15 N 5 E without a level, but for what a row says. */
export function tracksOf(rows: readonly Row[]): PageTracks {
  const column = <T extends { [i: number]: number }>(make: (n: number) => T, name: string): T => {
    const out = make(rows.length);
    rows.forEach((row, i) => (out[i] = (row as Record<string, number | undefined>)[name] ?? NONE[name] ?? 0));
    return out;
  };
  const f4 = (name: string) => column((n) => new Float32Array(n), name);
  const [u1, u2, i2, u4, i4] = [
    (name: string) => column((n) => new Uint8Array(n), name),
    (name: string) => column((n) => new Uint16Array(n), name),
    (name: string) => column((n) => new Int16Array(n), name),
    (name: string) => column((n) => new Uint32Array(n), name),
    (name: string) => column((n) => new Int32Array(n), name),
  ];
  const callsign = new Uint8Array(8 * rows.length);
  rows.forEach((row, i) => callsign.set(new TextEncoder().encode(row.callsign ?? ""), 8 * i));
  return {
    rows: rows.length,
    number: u4("number"),
    lat_deg: f4("lat_deg"),
    lon_deg: f4("lon_deg"),
    level_ft: f4("level_ft"),
    altitude_ft: f4("altitude_ft"),
    course_deg: f4("course_deg"),
    speed_kt: f4("speed_kt"),
    vertical_fpm: f4("vertical_fpm"),
    age_s: f4("age_s"),
    lag_s: f4("lag_s"),
    std_m: f4("std_m"),
    identity: u1("identity"),
    confidence_pct: u1("confidence_pct"),
    protected: u1("protected"),
    civil: u1("civil"),
    aircraft_class: u1("aircraft_class"),
    emergency: u1("emergency"),
    trend: u1("trend"),
    flags: u2("flags"),
    kinds: u2("kinds"),
    mode_a: i2("mode_a"),
    frame: i2("frame"),
    source: i2("source"),
    address: i4("address"),
    callsign,
  };
}
