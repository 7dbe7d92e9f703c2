// The arithmetic of a profile: round marks on an axis, and a line that breaks where nothing is known.

export interface Scale {
  low: number;
  high: number;
  marks: number[];
}

const ROUND = [1, 2, 5, 10];

/** An axis that holds all values with about so many round marks; never shorter than least. */
export function scaleOf(values: readonly (number | null)[], marks: number, least: number, floor = -Infinity): Scale {
  let [low, high] = [Infinity, -Infinity];
  for (const v of values) if (v !== null) [low, high] = [Math.min(low, v), Math.max(high, v)];
  if (low > high) [low, high] = [0, least];
  if (high - low < least) {
    const middle = (low + high) / 2;
    [low, high] = [Math.max(floor, middle - least / 2), Math.max(floor, middle - least / 2) + least];
  }
  const rough = (high - low) / marks;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (ROUND.find((r) => r * power >= rough * 0.999) ?? 10);
  low = Math.max(floor, Math.floor(low / step) * step);
  high = Math.ceil(high / step) * step;
  const out: number[] = [];
  for (let v = low; v <= high + step / 1e6; v += step) out.push(Math.round(v / step) * step);
  return { low, high, marks: out };
}

const STEPS_S = [60, 120, 300, 600, 900, 1800];

/** Round times from one to another, at most so many. */
export function timesOf(from: number, to: number, most: number): number[] {
  const step = STEPS_S.find((s) => (to - from) / s <= most) ?? 3600;
  const out: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) out.push(at);
  return out;
}

/** Where a value lies between the ends of an axis of so many pixels. */
export const placed = (value: number, low: number, high: number, pixels: number): number => (high > low ? ((value - low) / (high - low)) * pixels : 0);

/** The line of some values as an SVG path; it breaks where a value is not known, or where more than gap seconds lie between two. */
export function path(times: readonly number[], values: readonly (number | null)[], gap: number, x: (time: number) => number, y: (value: number) => number): string {
  let out = "";
  let last = -Infinity;
  for (let i = 0; i < times.length; i++) {
    const [time, value] = [times[i]!, values[i] ?? null];
    if (value === null) {
      last = -Infinity;
      continue;
    }
    const joined = time - last <= gap;
    out += `${joined ? "L" : "M"}${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
    const next = values[i + 1] ?? null;
    if (!joined && (next === null || times[i + 1]! - time > gap)) out += "h0.01"; // alone: a dot
    last = time;
  }
  return out;
}
