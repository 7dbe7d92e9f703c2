import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection } from "../src/connection";
import { TRACKS } from "../src/frames";
import { SCHEMA_HASH } from "../src/wire";
import { makeFrame } from "./made";

class FakeSocket {
  static made: FakeSocket[] = [];
  binaryType = "";
  onmessage: ((event: { data: unknown }) => void) | undefined;
  onclose: (() => void) | undefined;
  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }
  hello(schema: string = SCHEMA_HASH, boot = "a"): void {
    this.onmessage?.({ data: JSON.stringify({ type: "hello", schema, boot, site: {} }) });
  }
  frame(time: number): void {
    this.onmessage?.({ data: makeFrame(TRACKS, 1, time, { PageTracks: { number: [1] } }) });
  }
}

const seen: string[] = [];
const open = (): Connection => {
  const connection = new Connection("ws://x/api/stream", {
    hello: () => seen.push("hello"),
    status: () => seen.push("status"),
    frame: (f) => seen.push(`frame ${f.time}`),
    history: () => seen.push("history"),
    state: () => seen.push(connection.state),
  });
  connection.open();
  return connection;
};
const last = (): FakeSocket => FakeSocket.made[FakeSocket.made.length - 1]!;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.made = [];
  seen.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a lost server is asked again with growing pauses, and what was missed is told", () => {
  const connection = open();
  last().hello();
  last().frame(100);
  expect(connection.state).toBe("open");
  last().onclose?.();
  expect(connection.state).toBe("lost");
  let waited = 0;
  const pauses: number[] = [];
  for (let k = 0; k < 8; k++) {
    const before = FakeSocket.made.length;
    for (waited = 0; FakeSocket.made.length === before && waited < 20_000; waited += 50) vi.advanceTimersByTime(50);
    pauses.push(waited);
    last().onclose?.();
  }
  expect(pauses[0]).toBeLessThan(700);
  expect(pauses.every((p, i) => i === 0 || p >= pauses[i - 1]!)).toBe(true);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(8000);
  vi.advanceTimersByTime(8000);
  last().hello(SCHEMA_HASH, "b");
  last().frame(160);
  expect(connection.state).toBe("open");
  expect(connection.missed).toEqual({ from: 100, to: 160, restarted: true });
});

test("a server of another schema asks for a reload and its frames are left alone", () => {
  const connection = open();
  last().hello("0000000000000000");
  last().frame(1);
  expect(connection.state).toBe("old page");
  expect(seen).toEqual(["old page"]);
  last().onclose?.();
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.made.length).toBe(1);
});

test("a server that sends nothing is called quiet, and damage is counted", () => {
  const connection = open();
  last().hello();
  last().frame(1);
  last().onmessage?.({ data: new ArrayBuffer(5) });
  expect(connection.badFrames).toBe(1);
  vi.advanceTimersByTime(8000);
  expect(connection.state).toBe("quiet");
  last().frame(9);
  expect(connection.state).toBe("open");
  expect(connection.missed).toBeUndefined();
});
