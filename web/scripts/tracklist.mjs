// What filtering and sorting the track list costs at 20,000 tracks, in milliseconds of processor time a second.
//
//   node scripts/tracklist.mjs [tracks]

import { build } from "esbuild";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const here = mkdtempSync(join(tmpdir(), "tracklist-"));
const entry = join(here, "all.ts");
const from = (file) => JSON.stringify(join(import.meta.dirname, "../src", file));
writeFileSync(entry, `export * from ${from("store.ts")}; export * from ${from("panels/tracklist/filter.ts")}; export * from ${from("panels/tracklist/order.ts")}; export * from ${from("panels/tracklist/texts.ts")}; export * from ${from("near.ts")};`);
await build({ entryPoints: [entry], bundle: true, format: "esm", outfile: join(here, "all.mjs"), logLevel: "error" });
const { Store, Texts, compile, distanceNm, keyOfBytes, keyOfNumber, ordered } = await import(pathToFileURL(join(here, "all.mjs")).href);
rmSync(here, { recursive: true });

const n = Number(process.argv[2] ?? 20_000);
const column = (make, Kind = Float32Array) => Kind.from({ length: n }, (_, i) => make(i));
const callsign = new Uint8Array(8 * n);
for (let i = 0; i < n; i++) [...`${["AFR", "UNO", "DAH"][i % 3]}${i % 9000}`].forEach((c, k) => (callsign[8 * i + k] = c.charCodeAt(0)));
const tracks = {
  rows: n, number: column((i) => i + 1, Uint32Array), level_ft: column((i) => (i * 37) % 41000), speed_kt: column((i) => (i * 13) % 500), age_s: column((i) => i % 20),
  lat_deg: column((i) => 10 + (i % 100) / 10), lon_deg: column((i) => (i % 130) / 10), flags: column(() => 1, Uint16Array), kinds: column((i) => 1 << (1 + (i % 6)), Uint16Array),
  identity: column((i) => i % 5, Uint8Array), protected: column((i) => i % 7 === 0 ? 1 : 0, Uint8Array), mode_a: column((i) => i % 4096, Int16Array), address: column((i) => i, Int32Array), callsign,
};
const store = new Store();
store.frame = { time: 0, tracks };
const texts = new Texts(store);
const distance = (row) => distanceNm(tracks.lat_deg[row], tracks.lon_deg[row], 13.5, 2.1);

function once(said, key, name) {
  const { test } = compile(said, store, () => [13.5, 2.1]);
  const rows = new Uint32Array(n);
  let found = 0;
  const at = { tracks, row: 0, text: () => texts.of(tracks, at.row), alerted: false, distance: () => distance(at.row) };
  for (let i = 0; i < n; i++) {
    at.row = i;
    if (!test || test(at)) rows[found++] = i;
  }
  return ordered(rows.subarray(0, found), key, name).length;
}

const bySpeed = (row) => keyOfNumber(tracks.speed_kt[row], true);
const byName = (row) => keyOfBytes(callsign, 8, row, false);
const byDistance = (row) => keyOfNumber(distance(row), false);
for (const [label, ...job] of [
  ["all, by speed", "", bySpeed], ["all, by name", "", byName, (row) => store.nameOf(row)], ["all, by distance", "", byDistance], ["level>100 -is:coasting src:radar, by speed", "level>100 -is:coasting src:radar", bySpeed],
  ["free text, by name", "afr1", byName, (row) => store.nameOf(row)], ["near:NIAMEY 50, by distance", "near:NIAMEY 50", byDistance],
]) {
  for (let k = 0; k < 10; k++) once(...job);
  const begun = process.cpuUsage();
  let found = 0;
  for (let k = 0; k < 40; k++) found = once(...job);
  const { user, system } = process.cpuUsage(begun);
  console.log(`${label}: ${((user + system) / 40_000).toFixed(2)} ms, ${found} rows`);
}
