// The picture's time between frames. A replay may run faster than the wall clock, so the rate is measured.

const KEPT_FRAMES = 8;
const RATE_MAX = 1000;
/** A step so far from what the rate foretells is a clock set anew, or a replay at another speed: not flown through. */
const JUMP_S = 20;

export class PictureClock {
  private marks: { time: number; at: number }[] = [];
  private rate = 1;

  /** A frame of this picture time (s) arrived at this page time (ms). */
  mark(time: number, at: number): void {
    const last = this.marks[this.marks.length - 1];
    if (last && (time < last.time || at - last.at > 15_000 || this.jumps(time - last.time, at - last.at))) this.marks = [];
    this.marks.push({ time, at });
    if (this.marks.length > KEPT_FRAMES) this.marks.shift();
    const first = this.marks[0];
    if (first && at - first.at > 200) this.rate = Math.min(RATE_MAX, Math.max(0, (1000 * (time - first.time)) / (at - first.at)));
  }

  private jumps(step_s: number, pause_ms: number): boolean {
    const foretold = (this.rate * pause_ms) / 1000;
    return this.marks.length > 1 && step_s > 3 * foretold + JUMP_S;
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
