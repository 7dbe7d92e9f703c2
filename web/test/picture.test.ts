import { expect, test } from "vitest";
import { DELTA, FrameError, headOf, KEY, parseFrame, parseKeyframe, textAt, type Frame } from "../src/frames";
import { Picture } from "../src/picture";
import { SINE, SECANT } from "../src/reckon";
import { Store } from "../src/store";
import file from "./frames.b64?raw";

type Tick = [change: ArrayBuffer, keyframe: ArrayBuffer, plain: ArrayBuffer];

/** What tests/unit/serve/page_frames.py wrote: of each picture the change, the keyframe and the plain columns. */
function ticks(): Tick[] {
  const bytes = Uint8Array.from(atob(file.replaceAll("\n", "")), (c) => c.charCodeAt(0));
  const out: ArrayBuffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = new DataView(bytes.buffer).getUint32(at, true);
    out.push(bytes.slice(at + 4, at + 4 + size).buffer);
    at += 4 + size;
  }
  return Array.from({ length: out.length / 3 }, (_, k) => out.slice(3 * k, 3 * k + 3) as Tick);
}

/** All columns of a frame, bit for bit. */
function bits(frame: Frame): Record<string, number[] | number> {
  const out: Record<string, number[] | number> = {};
  for (const [name, batch] of Object.entries({ tracks: frame.tracks, local: frame.local, remote: frame.remote })) {
    for (const [column, values] of Object.entries(batch!)) {
      out[`${name}.${column}`] = typeof values === "number" ? values : [...new Uint8Array(values.buffer, values.byteOffset, values.byteLength)];
    }
  }
  return out;
}

test("changes, keyframes and the server's own columns say the same, bit for bit", () => {
  const picture = new Picture();
  const kinds: number[] = [];
  for (const [change, keyframe, plain] of ticks()) {
    const wanted = bits(parseFrame(plain));
    kinds.push(headOf(change).kind);
    expect(bits(picture.take(change))).toEqual(wanted);
    expect(bits(parseKeyframe(keyframe))).toEqual(wanted);
  }
  expect(kinds.filter((k) => k === DELTA).length).toBeGreaterThan(8);
  expect(kinds[0]).toBe(KEY);
});

test("the columns are written where they were, not anew", () => {
  const picture = new Picture();
  const [[first], [second]] = ticks() as [Tick, Tick];
  const before = picture.take(first).tracks!;
  expect(picture.take(second).tracks!.lat_deg.buffer).toBe(before.lat_deg.buffer);
});

test("the store finds every track by number, whether rows came and went or stayed", () => {
  const picture = new Picture();
  const store = new Store();
  const layouts = new Set<number | undefined>();
  for (const [change, , plain] of ticks()) {
    store.takeFrame(picture.take(change), 0);
    layouts.add(store.frame?.layout);
    const { tracks, remote } = parseFrame(plain);
    expect([...store.rows]).toEqual([...tracks!.number].map((n, row) => [n, row]));
    for (let i = 0; i < remote!.rows; i++) expect(store.remoteId(remote!.row[i]!)).toBe(textAt(remote!.remote_id, 20, i));
  }
  expect(layouts.size).toBeLessThan(ticks().length);
});

test("a change of another picture is refused, and a keyframe mends it", () => {
  const picture = new Picture();
  const [[first, keyframe], , [later, laterKey]] = ticks() as [Tick, Tick, Tick];
  expect(() => picture.take(later)).toThrow(FrameError);
  picture.take(first);
  expect(() => picture.take(later)).toThrow(FrameError);
  expect(bits(picture.take(keyframe))).toEqual(bits(parseKeyframe(keyframe)));
  picture.take(laterKey);
  expect(picture.sequence).toBe(3);
});

test("damaged bytes are refused and change nothing", () => {
  let seed = 1;
  const random = (n: number): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % n;
  const picture = new Picture();
  const refused = { check: 0, beyond: 0 };
  for (const [change, keyframe, plain] of ticks()) {
    const shown = picture.take(keyframe);
    const wanted = JSON.stringify(bits(parseFrame(plain)));
    for (let k = 0; k < 90; k++) {
      const bad = new Uint8Array((k % 2 ? change : keyframe).slice(0, k % 5 ? undefined : random(change.byteLength)));
      for (let m = 0; m <= random(4); m++) bad[random(bad.length)]! ^= 1 + random(255);
      const words = new Uint32Array(bad.buffer, 0, bad.length >> 2);
      const beyond = k % 3 === 0 && words.length > 9; // past the check, into the columns
      if (beyond) words[words.length - 1] = words.subarray(0, -1).reduce((a, b) => (a + b) >>> 0, 0);
      try {
        (beyond ? new Picture() : picture).take(bad.buffer);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
        refused[beyond ? "beyond" : "check"] += 1;
      }
    }
    expect(JSON.stringify(bits(shown))).toEqual(wanted);
  }
  expect(refused.check).toBeGreaterThan(600);
  expect(refused.beyond).toBeGreaterThan(50);
});

test("a frame that breaks in its last column leaves every column as it was", () => {
  const picture = new Picture();
  const [[first, , plain], [second]] = ticks() as [Tick, Tick];
  const shown = picture.take(first);
  const cut = new Uint32Array(second.slice(0, second.byteLength - 8));
  cut[cut.length - 1] = cut.subarray(0, -1).reduce((a, b) => (a + b) >>> 0, 0);
  expect(() => picture.take(cut.buffer)).toThrow("cut short");
  expect(bits(shown)).toEqual(bits(parseFrame(plain)));
  picture.take(second);
});

test("the tables are whole numbers that no last bit can move", () => {
  for (let k = 0; k < 3600; k++) expect(Math.abs(32768 * Math.sin((2 * Math.PI * k) / 3600) - SINE[k]!)).toBeLessThan(0.4999);
  for (let k = 0; k < 86; k++) expect(Math.abs(256 / Math.cos((k * Math.PI) / 180) - SECANT[k]!)).toBeLessThan(0.4999);
});
