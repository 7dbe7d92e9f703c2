// The stream from the server: reconnects with growing pauses, and tells what was missed.

import { HISTORY, parseFrame, type Frame } from "./frames";
import type { Hello, Status } from "./store";
import { SCHEMA_HASH } from "./wire";

export type LinkState = "connecting" | "open" | "quiet" | "lost" | "old page";

const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 8000;
const QUIET_MS = 6000;

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
  /** Milliseconds that reading the last frame's bytes took. */
  decodeMs = 0;
  private boot = "";
  private socket: WebSocket | undefined;
  private restarted = false;
  private wasLost = false;
  private pause = PAUSE_FIRST_MS;

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
  ) {
    setInterval(() => this.watch(), 1000);
  }

  open(): void {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (typeof event.data === "string") this.takeText(event.data);
      else this.takeBytes(event.data);
    };
    socket.onclose = () => {
      if (this.state === "old page") return;
      this.wasLost ||= this.lastTime !== undefined;
      this.retryAt = performance.now() + this.pause;
      setTimeout(() => this.open(), this.pause);
      this.pause = Math.min(PAUSE_MAX_MS, this.pause * 1.7);
      this.become(this.lastTime === undefined ? "connecting" : "lost");
      this.listener.closed?.();
    };
  }

  /** Say something to the server, where it listens. */
  say(text: string): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(text);
  }

  private become(state: LinkState): void {
    if (this.state === state) return;
    this.state = state;
    this.listener.state();
  }

  private takeText(text: string): void {
    const message = JSON.parse(text) as Hello | Status | { type: "pong" };
    if (message.type === "hello") {
      if (message.schema !== SCHEMA_HASH) {
        this.become("old page");
        return;
      }
      this.restarted = this.boot !== "" && this.boot !== message.boot;
      this.boot = message.boot;
      this.pause = PAUSE_FIRST_MS;
      this.listener.hello(message);
    } else if (message.type === "status" && this.state !== "old page") this.listener.status(message);
  }

  private takeBytes(bytes: ArrayBuffer): void {
    if (this.state === "old page") return;
    const begun = performance.now();
    let frame: Frame;
    try {
      frame = parseFrame(bytes);
      this.decodeMs = performance.now() - begun;
    } catch {
      this.badFrames += 1;
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
    this.lastAt = performance.now();
    this.lastTime = frame.time;
    this.listener.frame(frame);
    this.become("open");
  }

  private watch(): void {
    if (this.state === "open" && performance.now() - this.lastAt > QUIET_MS) this.become("quiet");
  }
}
