// The picture's time between frames. A replay may run faster than the wall clock, so the rate is measured.

const KEPT_FRAMES = 8;
const RATE_MAX = 1000;

export class PictureClock {
  private marks: { time: number; at: number }[] = [];
  private rate = 1;

  /** A frame of this picture time (s) arrived at this page time (ms). */
  mark(time: number, at: number): void {
    const last = this.marks[this.marks.length - 1];
    if (last && (time < last.time || at - last.at > 15_000)) this.marks = [];
    this.marks.push({ time, at });
    if (this.marks.length > KEPT_FRAMES) this.marks.shift();
    const first = this.marks[0];
    if (first && at - first.at > 200) this.rate = Math.min(RATE_MAX, Math.max(0, (1000 * (time - first.time)) / (at - first.at)));
  }

  /** Seconds of picture time per second of the page's. */
  get speed(): number {
    return this.rate;
  }

  /** Picture seconds since the last frame; held after two frames' worth, so a stopped feed does not fly on. */
  sinceFrame(at: number): number {
    const last = this.marks[this.marks.length - 1];
    if (!last) return 0;
    const before = this.marks[this.marks.length - 2];
    const limit = Math.max(1500, before ? 2 * (last.at - before.at) : 0);
    return (this.rate * Math.max(0, Math.min(at - last.at, limit))) / 1000;
  }

  /** Picture time now, in seconds since 1970; undefined before the first frame. */
  now(at: number): number | undefined {
    const last = this.marks[this.marks.length - 1];
    return last && last.time + this.sinceFrame(at);
  }
}

const KEPT_PONGS = 12;
const SET_MS = 50;

/** How late what the page shows is. The server's clock and the page's need not agree: pings tell how far they are apart. */
export class Delay {
  /** Page time less server time, in ms, by the quickest of the last pings, which is the least wrong. */
  private apart: number | undefined;
  private pongs: { apart: number; took: number }[] = [];
  private late: number | undefined;

  /** A ping sent and a pong got at these page times (ms); server: the server's time between them (s since 1970). */
  ponged(sent: number, got: number, server: number): void {
    if (!Number.isFinite(server) || got < sent) return;
    const pong = { apart: (sent + got) / 2 - 1000 * server, took: got - sent };
    // Each is wrong by half of what it took, at most: two that contradict each other say that a clock was set, or slept.
    this.pongs = this.pongs.filter((p) => Math.abs(p.apart - pong.apart) <= (p.took + pong.took) / 2 + SET_MS);
    this.pongs.push(pong);
    if (this.pongs.length > KEPT_PONGS) this.pongs.shift();
    this.apart = this.pongs.reduce((a, b) => (b.took < a.took ? b : a)).apart;
  }

  /** A frame made at this server time (s) is decoded at this page time (ms). */
  took(served: number, at: number): void {
    if (this.apart !== undefined) this.late = Math.max(0, at - (1000 * served + this.apart));
  }

  /** Another connection: perhaps another server, another clock. */
  restart(): void {
    this.pongs = [];
    this.apart = this.late = undefined;
  }

  /** In ms; undefined where it is not known yet. */
  get ms(): number | undefined {
    return this.late;
  }
}
