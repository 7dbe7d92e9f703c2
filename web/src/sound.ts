// What the page sounds, and when: which alert is new, which pattern says it, and the tones themselves, made by the browser.

import { calls, SEVERITIES, type Alert, type SeverityName } from "./store";

/** One tone: Hz, when it begins and how long it lasts, s. */
export type Tone = readonly [hz: number, at_s: number, for_s: number];

interface Pattern {
  readonly tones: readonly Tone[];
  /** How often it is played. */
  readonly times: number;
  /** From one time to the next, s. */
  readonly every_s: number;
}

/** A pattern each severity, told apart by rhythm as well as by pitch. */
export const PATTERNS: Record<Exclude<SeverityName, "information">, Pattern> = {
  caution: { tones: [[660, 0, 0.28]], times: 1, every_s: 0 },
  warning: { tones: [[740, 0, 0.2], [740, 0.3, 0.2], [990, 0.6, 0.3]], times: 2, every_s: 4 },
  emergency: { tones: [0, 1, 2, 3, 4, 5].map((k) => [k % 2 ? 1320 : 880, 0.16 * k, 0.14] as const), times: Infinity, every_s: 3 },
};

export type Heard = keyof typeof PATTERNS;

const lengthOf = (severity: Heard): number => Math.max(...PATTERNS[severity].tones.map(([, at, length]) => at + length));

interface Call {
  rank: number;
  left: number;
  next_ms: number;
}

/** Which pattern is due. One pattern says all that is due: an hour's alerts at once make one sound, not a hundred. */
export class Alarm {
  private known: Map<string, number> | undefined;
  private readonly calling = new Map<string, Call>();
  private busy_ms = -Infinity;

  /** Take the alerts there are. The first time they are only remembered: what was there before the page was is not new. */
  take(alerts: readonly Alert[], now_ms: number): void {
    const first = this.known === undefined;
    const before = this.known ?? new Map<string, number>();
    this.known = new Map();
    for (const alert of alerts) {
      const key = `${alert.id} ${alert.rule}`;
      const rank = calls(alert) ? SEVERITIES.indexOf(alert.severity) : 0;
      this.known.set(key, rank);
      const held = this.calling.get(key);
      if (held && held.rank > rank) this.calling.delete(key);
      const name = SEVERITIES[rank] as Heard;
      if (!first && rank > (before.get(key) ?? 0) && rank > 0) this.calling.set(key, { rank, left: PATTERNS[name].times, next_ms: now_ms });
    }
    for (const key of this.calling.keys()) if (!this.known.has(key)) this.calling.delete(key);
  }

  /** The pattern to be played now, if any. heard: whether it will be; what is not heard is told once all the same, and an emergency again. */
  due(now_ms: number, heard: (severity: Heard) => boolean = () => true): Heard | undefined {
    if (now_ms < this.busy_ms) return undefined;
    const ready = [...this.calling].filter(([, call]) => call.next_ms <= now_ms);
    if (!ready.length) return undefined;
    const worst = SEVERITIES[Math.max(...ready.map(([, call]) => call.rank))] as Heard;
    for (const [key, call] of ready) {
      call.left -= 1;
      call.next_ms = now_ms + 1000 * PATTERNS[SEVERITIES[call.rank] as Heard].every_s;
      if (call.left <= 0) this.calling.delete(key);
    }
    if (!heard(worst)) return undefined;
    this.busy_ms = now_ms + 1000 * lengthOf(worst);
    return worst;
  }

  /** Whether an emergency calls: it goes on until somebody acknowledges it. */
  get urgent(): boolean {
    return [...this.calling.values()].some((call) => call.rank === SEVERITIES.indexOf("emergency"));
  }
}

const RAMP_S = 0.012;

/** The browser's own synthesiser. It plays nothing before the person has touched the page: browsers forbid it. */
export class Player {
  private context: AudioContext | undefined;

  constructor(private readonly make: () => AudioContext | undefined = () => (typeof AudioContext === "undefined" ? undefined : new AudioContext())) {}

  /** Whether what is played is heard. */
  get ready(): boolean {
    return this.context?.state === "running";
  }

  /** Begin, or go on; only within a click or a key press will it be let. */
  async wake(): Promise<boolean> {
    try {
      this.context ??= this.make();
      if (this.context?.state !== "running") await this.context?.resume();
    } catch {
      // no device, or not let: the page says that it is silent
    }
    return this.ready;
  }

  play(severity: Heard, volume: number): void {
    const { context } = this;
    if (!context) return;
    const begins = context.currentTime + 0.02;
    for (const [hz, at, length] of PATTERNS[severity].tones) {
      const [from, to] = [begins + at, begins + at + length];
      const tone = context.createOscillator();
      const gain = context.createGain();
      tone.type = "triangle";
      tone.frequency.value = hz;
      gain.gain.setValueAtTime(0, from);
      gain.gain.linearRampToValueAtTime(volume, from + RAMP_S);
      gain.gain.setValueAtTime(volume, to - RAMP_S);
      gain.gain.linearRampToValueAtTime(0, to);
      tone.connect(gain).connect(context.destination);
      tone.start(from);
      tone.stop(to);
    }
  }
}
