// Getting over what a watch of eight hours meets: a page that slept.

/** Frames come each second, hidden or not: after a longer pause than this the page was asleep, or the network was. */
const ASLEEP_MS = 15_000;

export interface Slept {
  from: number;
  to: number;
}

/** Notices, by the frames that came, that the page was not awake between two of them. */
export class Waking {
  private last: { time: number; at: number } | undefined;

  /** A frame of this picture time (s) was taken at this page time (ms); what was slept through before it. */
  frame(time: number, at: number): Slept | undefined {
    const { last } = this;
    this.last = { time, at };
    return last && at - last.at > ASLEEP_MS && time > last.time ? { from: last.time, to: time } : undefined;
  }
}
