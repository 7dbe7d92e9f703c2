// Colours, by meaning. Shape always says the same as colour; red is danger, yellow warning.

import { Identity } from "./wire";

export const IDENTITY_COLOURS: Record<number, string> = {
  [Identity.PENDING]: "#c9b458",
  [Identity.UNKNOWN]: "#ffdd57",
  [Identity.ASSUMED_FRIEND]: "#8fd6ff",
  [Identity.FRIEND]: "#4fc3ff",
  [Identity.NEUTRAL]: "#6fe3a1",
  [Identity.SUSPECT]: "#ff6b57",
};

export const SEVERITY_COLOURS = ["#9fb3c8", "#ffdd57", "#ffb02e", "#ff5a4a"];

export const FONT = 'Inter, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif';

/** "#rrggbb" as three numbers 0..1. */
export function rgb(colour: string): [number, number, number] {
  const n = Number.parseInt(colour.slice(1), 16);
  return [(n >> 16) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255];
}
