// The last half hour, looked at again: which moment is shown, what is held of it, and how it runs. The live picture goes on underneath.

import { PictureClock } from "./clock";
import { parseKeyframe, type Frame } from "./frames";
import { Latest } from "./latest";
import { dotsOf, type Dots, type Status, type Store } from "./store";

export interface Index {
  /** Which run of the server keeps it. */
  boot: string;
  step_s: number;
  span_s: number;
  /** Times of the keyframes kept, oldest first. */
  times: number[];
}

/** What is held of one moment. */
interface Moment {
  frame: Frame;
  status: Status | undefined;
  dots: Dots | undefined;
}

/** Where a past comes from: the server, or what a test makes up. */
export interface Source {
  index(): Promise<Index | undefined>;
  moment(time: number): Promise<{ frame: Frame; status: Status | undefined } | undefined>;
}

export const SPEEDS = [1, 4, 16] as const;
export const FIRST_BACK_S = 60;
const EDGE_S = 1; // so near to now it is live
const HELD_ROWS = 400_000; // tracks of all moments held: some 40 MB
const TRAIL_S = 180;
const TRAIL_TRACKS = 3000; // with more, the map draws no trails that could be told apart
const AHEAD_STEPS = 2; // further than so many steps from its keyframe nothing is reckoned on
const INDEX_EVERY_MS = 15_000;
const TICK_MS = 100;

const rowsOf = (frame: Frame): number => 1 + (frame.tracks?.rows ?? 0);

export const SERVER: Source = {
  async index() {
    const answer = await fetch("/api/past");
    return answer.ok ? ((await answer.json()) as Index) : undefined;
  },
  async moment(time) {
    const [frame, status] = await Promise.all([fetch(`/api/past/${time}`), fetch(`/api/past/${time}/status`)]);
    if (!frame.ok) return undefined;
    return { frame: parseKeyframe(await frame.arrayBuffer()), status: status.ok ? ((await status.json()) as Status) : undefined };
  },
};

/** The clock of a past: it stands, or runs as it is played. */
class PastClock extends PictureClock {
  constructor(private readonly past: Past) {
    super();
  }

  override mark(): void {
    // frames of the past mark no time
  }

  override get speed(): number {
    return this.past.playing ? this.past.rate : 0;
  }

  override sinceFrame(at: number): number {
    return this.past.sinceFrame(at);
  }

  override now(at: number): number | undefined {
    return this.past.timeAt(at);
  }
}

export class Past {
  index: Index = { boot: "", step_s: 10, span_s: 1800, times: [] };
  playing = false;
  rate: number = SPEEDS[0];
  /** What stands against showing the moment asked for. */
  trouble: "" | "waiting" | "lost" | "none" = "";
  private time = 0;
  private at = 0;
  private key: number | undefined;
  private wanted = false;
  private readonly clock = new PastClock(this);
  private readonly held = new Map<number, Moment>();
  private rows = 0;
  private readonly loading = new Latest<number>((key) => this.load(key));
  private readonly listeners: (() => void)[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;
  private indexedAt = -Infinity;
  private looking: Promise<boolean> | undefined;

  constructor(
    private readonly store: Store,
    private readonly source: Source = SERVER,
  ) {}

  /** Be told when another moment is shown, or it runs or stops. */
  on(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Whether a past is asked for. */
  get open(): boolean {
    return this.wanted;
  }

  /** The oldest time that can be shown, and now. */
  get span(): [number, number] {
    const now = this.now;
    return [this.index.times[0] ?? now, now];
  }

  private get now(): number {
    return this.store.liveClock.now(performance.now()) ?? this.index.times[this.index.times.length - 1] ?? 0;
  }

  timeAt(at: number): number {
    return this.playing ? this.time + (this.rate * (at - this.at)) / 1000 : this.time;
  }

  sinceFrame(at: number): number {
    const frame = this.store.past?.frame;
    return frame ? Math.min(Math.max(0, this.timeAt(at) - frame.time), AHEAD_STEPS * this.index.step_s) : 0;
  }

  /** How long before the time shown the picture was kept that is reckoned on from, s; undefined while none is shown. */
  get reckoned(): number | undefined {
    const frame = this.store.past?.frame;
    return frame && this.timeAt(performance.now()) - frame.time;
  }

  /** Look at a time; one that is as good as now is live. */
  async seek(time: number): Promise<void> {
    this.wanted = true;
    this.time = time;
    this.at = performance.now();
    if (this.timer === undefined) {
      this.trouble = "waiting";
      this.tell();
      const heard = await (this.looking ??= this.look());
      this.looking = undefined;
      if (!this.wanted) return;
      if (!heard) return this.fail("lost");
      this.timer ??= setInterval(() => this.tick(), TICK_MS);
    }
    const [first, now] = this.span;
    if (!this.index.times.length) return this.fail("none");
    if (this.time >= now - EDGE_S) return this.live();
    this.time = Math.max(first, this.time);
    this.want();
    this.tell();
  }

  /** Go so many seconds on, or back; from live, back from now. */
  step(by: number): void {
    if (this.wanted) void this.seek(this.timeAt(performance.now()) + by);
    else if (by < 0) void this.seek(this.now + by);
  }

  /** Run on from here, or stand still. */
  play(on = !this.playing): void {
    if (!this.wanted || on === this.playing) return;
    const at = performance.now();
    this.time = this.timeAt(at);
    this.at = at;
    this.playing = on;
    this.tell();
  }

  pace(rate: number): void {
    const playing = this.playing;
    this.play(false);
    this.rate = rate;
    if (playing) this.play(true);
    else this.tell();
  }

  /** Back to the live picture. */
  live(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.wanted = this.playing = false;
    this.key = undefined;
    this.trouble = "";
    this.loading.drop();
    this.store.showPast(undefined);
    this.tell();
  }

  private fail(why: "lost" | "none"): void {
    if (!this.wanted) return;
    this.live();
    this.trouble = why;
    this.tell();
    this.trouble = "";
  }

  private tick(): void {
    const at = performance.now();
    if (at - this.indexedAt > INDEX_EVERY_MS) void this.look();
    const time = this.timeAt(at);
    const [first, now] = this.span;
    if (time >= now - EDGE_S) return this.live();
    if (time < first) return void this.seek(first); // what was looked at is no longer kept
    if (this.playing) this.want();
    if (this.playing) this.tell();
  }

  /** The time of the keyframe at or before a time. */
  keyOf(time: number): number | undefined {
    const { times } = this.index;
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle]! <= time + 0.0005) low = middle + 1;
      else high = middle;
    }
    return times[low - 1] ?? times[0];
  }

  /** See to it that what is to be shown is, or will be. */
  private want(): void {
    const time = this.timeAt(performance.now());
    const key = this.keyOf(time);
    if (key === undefined) return;
    const held = this.held.get(key);
    if (held) this.put(key, held);
    else {
      this.trouble = "waiting";
      this.loading.ask(key);
      return;
    }
    const next = this.index.times[this.index.times.indexOf(key) + 1];
    if (this.playing && next !== undefined && !this.held.has(next)) this.loading.ask(next);
    else if (!this.playing) this.trail(key);
  }

  private put(key: number, held: Moment): void {
    this.trouble = "";
    this.held.delete(key);
    this.held.set(key, held); // the latest used last
    const time = this.timeAt(performance.now());
    const shown = this.store.past;
    if (shown && this.key === key && shown.time === time) return;
    const dots = shown && this.key === key ? shown.dots : this.dotsBefore(key);
    this.key = key;
    this.store.showPast({ time, frame: held.frame, status: held.status, dots, clock: this.clock });
  }

  private dotsBefore(key: number): Dots[] {
    const found = [...this.held.entries()].filter(([time]) => time <= key && time >= key - TRAIL_S).map(([, m]) => m.dots);
    return found.filter((d): d is Dots => d !== undefined).sort((a, b) => a.time - b.time);
  }

  /** Fetch what lies before a moment, one at a time, for the trails of its tracks. */
  private trail(key: number): void {
    const rows = this.held.get(key)?.frame.tracks?.rows ?? 0;
    if (rows > TRAIL_TRACKS) return;
    const missing = this.index.times.filter((time) => time < key && time >= key - TRAIL_S && !this.held.has(time));
    const nearest = missing[missing.length - 1];
    if (nearest !== undefined) this.loading.ask(nearest);
  }

  private async load(key: number): Promise<void> {
    const found = this.held.has(key) ? undefined : await this.source.moment(key).catch(() => undefined);
    if (!this.wanted) return;
    if (found) this.hold(key, found.frame, found.status);
    if (!this.held.has(key)) {
      await this.look();
      if (this.keyOf(this.timeAt(performance.now())) === key) this.trouble = "lost";
      this.tell();
      return;
    }
    const shown = this.key;
    this.key = shown !== undefined && shown > key ? undefined : shown; // its trail is longer now
    this.want();
    this.tell();
  }

  private hold(key: number, frame: Frame, status: Status | undefined): void {
    this.held.set(key, { frame, status, dots: dotsOf(frame) });
    this.rows += rowsOf(frame);
    for (const [time, old] of this.held) {
      if (this.rows <= HELD_ROWS || time === key) break;
      this.forget(time, old);
    }
  }

  private forget(time: number, old: Moment): void {
    this.held.delete(time);
    this.rows -= rowsOf(old.frame);
  }

  /** Ask the server what it keeps, and forget what it forgot; false where it does not answer. */
  private async look(): Promise<boolean> {
    this.indexedAt = performance.now();
    const found = await this.source.index().catch(() => undefined);
    if (!found) return false;
    const first = found.boot === this.index.boot ? (found.times[0] ?? Infinity) : Infinity;
    for (const [time, old] of this.held) {
      if (time < first) this.forget(time, old);
    }
    this.index = found;
    return true;
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
