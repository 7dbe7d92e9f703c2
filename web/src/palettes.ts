// Every colour of the page, by meaning, for the night and for the day. scripts/colourblind.py reads the same file, and a
// test holds how far apart identities and severities stay for readers who are blind to red, green or blue.

import given from "./palettes.json";
import { Identity } from "./wire";

export type ThemeName = keyof typeof given;

type Given = (typeof given)["night"];

/** What the picture is painted with, "#rrggbb". Whoever draws asks for it when drawing: it changes with the theme. */
export interface Palette extends Readonly<Record<"label" | "halo" | "leader" | "bright" | "body" | "history" | "notLive" | "ellipse", string>> {
  readonly name: ThemeName;
  readonly scheme: "dark" | "light";
  /** By Identity, "#rrggbb". */
  readonly identity: Readonly<Record<number, string>>;
  /** By Severity: information, caution, warning, emergency. */
  readonly severity: readonly string[];
  /** A label's lines beneath the first. */
  readonly label: string;
  /** What stands around text and symbols, so that they are read over anything. */
  readonly halo: string;
  /** Vectors, the second frame of a protected flight, the brackets of a selected one. */
  readonly bright: string;
  /** What the fill of a symbol tends to. */
  readonly body: string;
  /** Struck through what is not live. */
  readonly notLive: string;
  /** The land, and what is written on it. */
  readonly map: Readonly<Record<keyof Given["map"], string>>;
  /** The style sheet's variables, without their dashes. */
  readonly page: Readonly<Record<keyof Given["page"], string>>;
}

function made(name: ThemeName): Palette {
  const { scheme, identity, severity, picture, map, page } = given[name];
  const byNumber = Object.entries(Identity).map(([key, value]) => [value, identity[key.toLowerCase() as keyof typeof identity]] as const);
  return { ...picture, name, scheme: scheme === "light" ? "light" : "dark", identity: Object.fromEntries(byNumber), severity: [severity.information, severity.caution, severity.warning, severity.emergency], map, page };
}

export const PALETTES: Readonly<Record<ThemeName, Palette>> = { night: made("night"), day: made("day") };
