// Colours, by meaning. Shape always says the same as colour; red is danger, yellow warning.

import { Identity } from "./wire";

/** What the picture is painted with, "#rrggbb". Layers ask for it when they draw: it changes with the theme. */
export interface Palette {
  readonly identity: Readonly<Record<number, string>>;
  /** Of information, caution, warning, emergency. */
  readonly severity: readonly string[];
  /** A label's second and third line. */
  readonly label: string;
  /** What stands around text and symbols, so that they are read over anything. */
  readonly halo: string;
  readonly leader: string;
  /** Vectors, the second frame of a protected flight, the brackets of a selected one. */
  readonly bright: string;
  readonly history: string;
  /** Struck through what is not live. */
  readonly notLive: string;
  readonly ellipse: string;
}

export const IDENTITY_COLOURS: Record<number, string> = {
  [Identity.PENDING]: "#c9b458",
  [Identity.UNKNOWN]: "#ffdd57",
  [Identity.ASSUMED_FRIEND]: "#8fd6ff",
  [Identity.FRIEND]: "#4fc3ff",
  [Identity.NEUTRAL]: "#6fe3a1",
  [Identity.SUSPECT]: "#ff6b57",
};

export const SEVERITY_COLOURS = ["#9fb3c8", "#ffdd57", "#ffb02e", "#ff5a4a"];

const NIGHT: Palette = {
  identity: IDENTITY_COLOURS,
  severity: SEVERITY_COLOURS,
  label: "#c3ced9",
  halo: "#04070b",
  leader: "#aab9c8",
  bright: "#ffffff",
  history: "#5c94ff",
  notLive: "#f280ff",
  ellipse: "#d7e3ee",
};

/** The colours in force now. */
export function palette(): Palette {
  return NIGHT;
}

export const FONT = 'Inter, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif';

/** "#rrggbb" as three numbers 0..1. */
export function rgb(colour: string): [number, number, number] {
  const n = Number.parseInt(colour.slice(1), 16);
  return [(n >> 16) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255];
}
