// Which palette holds now: the person's choice, kept in the settings, or what the system asks for. Shape always says the
// same as colour; red is danger, yellow warning.

import { PALETTES, type Palette, type ThemeName } from "./palettes";
import type { Settings } from "./settings";

export type { Palette } from "./palettes";

export const THEMES = ["night", "day", "system"] as const;
export type Theme = (typeof THEMES)[number];

/** Colours of the palette that holds now, by Identity and by Severity: read them when drawing, never keep them. */
export const IDENTITY_COLOURS: Record<number, string> = { ...PALETTES.night.identity };
export const SEVERITY_COLOURS: string[] = [...PALETTES.night.severity];

export const FONT = 'Inter, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif';

let current: Palette = PALETTES.night;
const listeners: ((palette: Palette) => void)[] = [];

/** The palette that holds now. */
export const palette = (): Palette => current;

/** Be told when another palette holds. */
export function onTheme(listener: (palette: Palette) => void): void {
  listeners.push(listener);
}

/** Have a palette hold: variables of the style sheets first, then whoever draws. */
export function usePalette(name: ThemeName, root: HTMLElement | undefined = globalThis.document?.documentElement): void {
  current = PALETTES[name];
  Object.assign(IDENTITY_COLOURS, current.identity);
  SEVERITY_COLOURS.splice(0, SEVERITY_COLOURS.length, ...current.severity);
  if (root) {
    for (const [variable, colour] of Object.entries(current.page)) root.style.setProperty(`--${variable}`, colour);
    current.severity.forEach((colour, i) => root.style.setProperty(`--severity${i}`, colour));
    for (const [identity, colour] of Object.entries(current.identity)) root.style.setProperty(`--identity${identity}`, colour);
    root.style.colorScheme = current.scheme;
    root.dataset["theme"] = name;
  }
  for (const listener of listeners) listener(current);
}

/** What was chosen: night where nobody chose. */
export function chosen(settings: Settings): Theme {
  const kept = settings.get("theme", "night");
  return THEMES.find((theme) => theme === kept) ?? "night";
}

/** Follow the person's choice, and the system's where that was chosen. */
export function followTheme(settings: Settings, system: Pick<MediaQueryList, "matches" | "addEventListener"> = matchMedia("(prefers-color-scheme: light)")): void {
  const apply = (): void => {
    const theme = chosen(settings);
    usePalette(theme === "system" ? (system.matches ? "day" : "night") : theme);
  };
  settings.on("theme", apply);
  system.addEventListener("change", apply);
  apply();
}

const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");

/** Whether the person asked that nothing moves for its own sake: no blinking. */
export const calm = (): boolean => still?.matches ?? false;

/** How long an emergency's ring is bright, and how long it is dim. */
export const BLINK_MS = 600;
/** 1 while what blinks is bright, 0 while it is dim. */
export const blink = (at_ms: number): number => (calm() ? 1 : 1 - (Math.floor(at_ms / BLINK_MS) % 2));

/** "#rrggbb" as three numbers 0..1. */
export function rgb(colour: string): [number, number, number] {
  const n = Number.parseInt(colour.slice(1), 16);
  return [(n >> 16) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255];
}

/** "#rrggbb" with an opacity, as style sheets and canvases write it. */
export const faded = (colour: string, opacity: number): string =>
  `${colour}${Math.round(255 * opacity)
    .toString(16)
    .padStart(2, "0")}`;
