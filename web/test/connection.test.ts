import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection } from "../src/connection";
import { Delay } from "../src/clock";
import { DELTA, TRACKS } from "../src/frames";
import { SCHEMA_HASH } from "../src/wire";
import { makeFrame } from "./made";

class FakeSocket {
  static made: FakeSocket[] = [];
  static readonly OPEN = 1;
  readyState = 1;
  readonly said: string[] = [];
  onopen: (() => void) | undefined;
  binaryType = "";
  onmessage: ((event: { data: unknown }) => void) | undefined;
  onclose: (() => void) | undefined;
  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }
  send(text: string): void {
    this.said.push(text);
  }
  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }
  hello(schema: string = SCHEMA_HASH, boot = "a"): void {
    this.onopen?.();
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
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
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
  expect(pauses[0]).toBeLessThanOrEqual(300);
  expect(pauses.every((p, i) => i === 0 || p >= pauses[i - 1]!)).toBe(true);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(2000);
  vi.advanceTimersByTime(2000);
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

test("a frame that cannot be taken is counted, a whole picture asked for once, and what was there stays", () => {
  const connection = open();
  last().hello();
  last().frame(1);
  const broken = makeFrame(DELTA, 9, 5, {});
  last().onmessage?.({ data: broken });
  last().onmessage?.({ data: broken });
  last().onmessage?.({ data: '{"type":"sta' });
  expect(connection.badFrames).toBe(3);
  expect(last().said.filter((s) => s.includes("keyframe"))).toHaveLength(1);
  vi.advanceTimersByTime(1100);
  last().onmessage?.({ data: broken });
  expect(last().said.filter((s) => s.includes("keyframe"))).toHaveLength(2);
  expect(connection.state).toBe("open");
  expect(seen.filter((s) => s.startsWith("frame"))).toEqual(["frame 1"]);
});

test("the network's coming back ends a long pause", () => {
  open();
  for (let k = 0; k < 9; k++) {
    last().close();
    if (k < 8) vi.advanceTimersByTime(8000);
  }
  const before = FakeSocket.made.length;
  window.dispatchEvent(new Event("online"));
  expect(FakeSocket.made.length).toBe(before + 1);
  vi.advanceTimersByTime(4000);
  expect(FakeSocket.made.length).toBe(before + 1); // the pause it ended begins nothing more
  vi.advanceTimersByTime(1500);
  expect(FakeSocket.made.length).toBe(before + 2); // it never opened: given up, and asked anew
});

test("lateness is told by pings, whatever the two clocks show, and mends itself when one is set", () => {
  const delay = new Delay();
  delay.took(1000, 70_000);
  expect(delay.ms).toBeUndefined();
  delay.ponged(10_000, 10_400, 990.2); // clocks 980 s apart, a slow answer
  delay.ponged(15_000, 15_010, 995.005);
  delay.took(1000, 20_150);
  expect(delay.ms).toBeCloseTo(150);
  delay.ponged(25_000, 25_010, 5.005); // the server's clock was set back by 1000 s
  delay.took(10, 30_020);
  expect(delay.ms).toBeCloseTo(20);
  delay.restart();
  expect(delay.ms).toBeUndefined();
});

test("a socket that believes it is open but hears nothing, not even a pong, is given up", () => {
  const connection = open();
  last().hello();
  last().frame(1);
  vi.advanceTimersByTime(12_000);
  expect([connection.state, FakeSocket.made.length]).toEqual(["quiet", 1]);
  last().onmessage?.({ data: '{"type":"pong","server_time":5}' });
  vi.advanceTimersByTime(12_000);
  expect([connection.state, FakeSocket.made.length]).toEqual(["quiet", 1]);
  vi.advanceTimersByTime(6_000);
  expect([connection.state, FakeSocket.made.length]).toEqual(["lost", 2]);
});
