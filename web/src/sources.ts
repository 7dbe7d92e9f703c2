// What contributed to a track, by the bits of its plot kinds (the same words as the server's picture.json).

import { PlotKind, TrackFlag } from "./wire";

const { PSR, SSR, PSR_SSR, MODE_S, PSR_MODE_S, ADSB, TISB, ADSR, MLAT, SMR, REMOTE_ID, DETECTION, FLARM } = PlotKind;
const bits = (...kinds: number[]): number => kinds.reduce((sum, k) => sum | (1 << k), 0);

const SOURCES: readonly [string, number][] = [
  ["radar", bits(PSR, SSR, PSR_SSR, MODE_S, PSR_MODE_S)],
  ["adsb", bits(ADSB, TISB, ADSR)],
  ["mlat", bits(MLAT)],
  ["smr", bits(SMR)],
  ["remote_id", bits(REMOTE_ID)],
  ["detector", bits(DETECTION)],
  ["flarm", bits(FLARM)],
];

export function sourcesOf(kinds: number, flags: number): string[] {
  const out = SOURCES.filter(([, mask]) => kinds & mask).map(([name]) => name);
  if (flags & (TrackFlag.SYSTEM | TrackFlag.FUSED)) out.push("system");
  if (flags & TrackFlag.MANUAL) out.push("manual");
  return out;
}
