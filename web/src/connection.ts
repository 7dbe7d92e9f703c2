// The stream from the server: reconnects with growing pauses, and tells what was missed.

import { Delay } from "./clock";
import { DELTA, FrameError, headOf, HISTORY, KEY, parseFrame, type Frame } from "./frames";
import { Picture } from "./picture";
import type { Hello, Status } from "./store";
import { SCHEMA_HASH } from "./wire";

export type LinkState = "connecting" | "open" | "quiet" | "lost" | "old page";

const PAUSE_FIRST_MS = 200;
/** The longest pause: a server that is back is found in less, and the picture whole in 3 s. */
const PAUSE_MAX_MS = 1000;
const QUIET_MS = 6000;
/** Opening takes no longer than this: a server that hangs is asked anew. */
const OPENING_MS = 5000;
const PING_MS = 5000;
/** Not even a ping is answered: the way to the server is broken, whatever the socket believes. */
const DEAF_MS = 16_000;
/** A keyframe is asked for no more often than this. */
const ASK_MS = 1000;

export interface Listener {
  hello(hello: Hello): void;
  status(status: Status): void;
  frame(frame: Frame): void;
  history(frame: Frame): void;
  state(): void;
  /** The stream was closed, by whomever. */
  closed?(): void;
}

export class Connection {
  state: LinkState = "connecting";
  /** Page time (ms) of the last frame, and its picture time (s). */
  lastAt = 0;
  lastTime: number | undefined;
  /** What the last interruption cost, once it is over. */
  missed: { from: number; to: number; restarted: boolean } | undefined;
  retryAt = 0;
  badFrames = 0;
  /** Whether the picture comes by another way: then the socket's troubles are not shown. */
  besides = false;
  /** What decoding the last frame took. */
  decodeMs = 0;
  /** How late the picture is, in ms: what its frames took from the server's tick until they were decoded. */
  readonly delay = new Delay();
  private picture = new Picture();
  private askedAt = -Infinity;
  private pingedAt = 0;
  private heardAt = 0;
  private first = true;
  private boot = "";
  private socket: WebSocket | undefined;
  private restarted = false;
  private wasLost = false;
  private pause = PAUSE_FIRST_MS;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
  ) {
    setInterval(() => this.watch(), 1000);
    setInterval(() => this.ping(), PING_MS);
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => this.hurry());
  }

  open(): void {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      this.heardAt = performance.now();
      if (typeof event.data === "string") this.takeText(event.data);
      else this.takeBytes(event.data);
    };
    this.first = true;
    this.heardAt = performance.now();
    const opening = setTimeout(() => this.lose(socket), OPENING_MS);
    socket.onopen = () => {
      clearTimeout(opening);
      this.delay.restart();
      this.ping();
    };
    socket.onclose = () => {
      clearTimeout(opening);
      this.lose(socket);
    };
  }

  /** A connection has ended, or is given up: try again after a pause. */
  private lose(socket: WebSocket): void {
    if (this.state === "old page" || socket !== this.socket) return;
    this.socket = undefined;
    socket.onmessage = null;
    socket.close();
    this.wasLost ||= this.lastTime !== undefined;
    this.retryAt = performance.now() + this.pause;
    this.retry = setTimeout(() => this.open(), this.pause);
    this.pause = Math.min(PAUSE_MAX_MS, this.pause * 1.7);
    this.become(this.lastTime === undefined ? "connecting" : "lost");
    this.listener.closed?.();
  }

  /** Say something to the server, where it listens. */
  say(text: string): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(text);
  }

  /** The picture of a time came by another way, while the socket does not get through. */
  brought(time: number): void {
    this.besides = true;
    this.lastAt = performance.now();
    this.lastTime = time;
    this.become("open");
  }

  /** The network or the person is back: ask at once rather than at the end of a long pause. */
  private hurry(): void {
    if (document.visibilityState === "hidden") return;
    this.ping();
    if (this.socket || this.retry === undefined) return;
    clearTimeout(this.retry);
    this.pause = PAUSE_FIRST_MS;
    this.open();
  }

  private ping(): void {
    this.pingedAt = performance.now();
    this.say('{"type":"ping"}');
  }

  private become(state: LinkState): void {
    if (this.besides && (state === "connecting" || state === "lost")) return;
    if (this.state === state) return;
    this.state = state;
    this.listener.state();
  }

  private takeText(text: string): void {
    let message: Hello | Status | { type: "pong"; server_time: number };
    try {
      message = JSON.parse(text) as typeof message;
    } catch {
      this.badFrames += 1;
      return;
    }
    if (message.type === "hello") {
      if (message.schema !== SCHEMA_HASH) {
        this.become("old page");
        return;
      }
      this.restarted = this.boot !== "" && this.boot !== message.boot;
      this.boot = message.boot;
      this.pause = PAUSE_FIRST_MS;
      this.listener.hello(message);
    } else if (message.type === "pong") this.delay.ponged(this.pingedAt, performance.now(), message.server_time);
    else if (message.type === "status" && this.state !== "old page") this.listener.status(message);
  }

  private takeBytes(bytes: ArrayBuffer): void {
    if (this.state === "old page") return;
    let frame: Frame;
    const begun = performance.now();
    try {
      const { kind } = headOf(bytes);
      frame = kind === KEY || kind === DELTA ? this.picture.take(bytes) : parseFrame(bytes);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.badFrames += 1;
      this.askKeyframe();
      return;
    }
    if (frame.kind === HISTORY) {
      this.listener.history(frame);
      return;
    }
    if (this.wasLost && this.lastTime !== undefined) {
      this.missed = { from: this.lastTime, to: frame.time, restarted: this.restarted };
      this.wasLost = false;
    }
    this.besides = false;
    this.lastAt = performance.now();
    this.lastTime = frame.time;
    this.decodeMs = this.lastAt - begun;
    if (!this.first) this.delay.took(frame.served, this.lastAt); // the first is as old as the server's tick was
    this.first = false;
    this.listener.frame(frame);
    this.become("open");
  }

  /** What came does not fit what is there: ask for a whole picture. */
  private askKeyframe(): void {
    const now = performance.now();
    if (now - this.askedAt < ASK_MS) return;
    this.askedAt = now;
    this.say('{"type":"keyframe"}');
  }

  private watch(): void {
    if (this.state === "open" && performance.now() - this.lastAt > QUIET_MS) this.become("quiet");
    if (this.socket?.readyState === WebSocket.OPEN && performance.now() - this.heardAt > DEAF_MS) this.lose(this.socket);
  }
}
