import { expect, test } from "vitest";
import { FrameError, HISTORY, parseFrame, textAt, TRACKS } from "../src/frames";
import { BATCHES } from "../src/wire";
import { makeFrame } from "./made";

test("columns are laid over the frame, without a copy", () => {
  const frame = parseFrame(makeFrame(TRACKS, 5, 12.5, { PageTracks: { number: [7, 8, 9], lat_deg: [13.5, NaN, 1], mode_a: [-1, 0o7700, 2], callsign: ["AFR703", "", "ABCDEFGH"] } }));
  expect([frame.kind, frame.sequence, frame.time, frame.tracks?.rows]).toEqual([TRACKS, 5, 12.5, 3]);
  expect([...frame.tracks!.number]).toEqual([7, 8, 9]);
  expect([...frame.tracks!.lat_deg]).toEqual([13.5, NaN, 1]);
  expect([...frame.tracks!.mode_a]).toEqual([-1, 0o7700, 2]);
  expect([0, 1, 2].map((i) => textAt(frame.tracks!.callsign, 8, i))).toEqual(["AFR703", "", "ABCDEFGH"]);
  expect(frame.tracks!.number.buffer).toBe(frame.tracks!.callsign.buffer);
});

test("every number of rows keeps its columns aligned", () => {
  for (let rows = 0; rows < 18; rows++) {
    const number = Array.from({ length: rows }, (_, i) => i);
    const frame = parseFrame(makeFrame(HISTORY, 1, 0, { PageHistory: { number, lon_deg: number } }));
    expect([...frame.history!.lon_deg]).toEqual(number);
  }
});

test("bytes that are no frame are refused", () => {
  const whole = makeFrame(TRACKS, 1, 0, { PageTracks: { number: [1, 2] } });
  for (const cut of [0, 8, 23, 31, 36, 48, whole.byteLength - 8]) expect(() => parseFrame(whole.slice(0, cut))).toThrow(FrameError);
  const wrong = whole.slice(0);
  new Uint8Array(wrong)[0] = 1;
  expect(() => parseFrame(wrong)).toThrow(FrameError);
  const unknown = whole.slice(0);
  new DataView(unknown).setUint32(32, BATCHES.length, true);
  expect(() => parseFrame(unknown)).toThrow(FrameError);
  const huge = whole.slice(0);
  new DataView(huge).setUint32(36, 0xffffffff, true);
  expect(() => parseFrame(huge)).toThrow(FrameError);
});
