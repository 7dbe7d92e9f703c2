// What every map that can lie under the layers offers: MapLibre's (map.ts), and whatever else draws land and takes the pointer.

import type { Palette } from "./palettes";
import type { View } from "./plane";

export interface Home {
  lat: number;
  lon: number;
  zoom: number;
  /** What is up, degrees clockwise from north. */
  bearing?: number;
}

/** CSS pixels around what a map is asked to show: what stands over the map's edges must hide none of it. */
export interface Margin {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export function marginOf(width: number, height: number): Margin {
  const [across, down] = [Math.min(1, width / 600), Math.min(1, height / 600)];
  return { top: 110 * down, right: 80 * across, bottom: 140 * down, left: 80 * across };
}

export interface Pointer {
  /** CSS pixels from the map's corner. */
  x: number;
  y: number;
}

export interface BaseEvents {
  /** The view changes, or has changed size. */
  move: () => void;
  /** It has come to rest. */
  rest: () => void;
  click: (at: Pointer) => void;
  hover: (at: Pointer) => void;
  leave: () => void;
  /** The person drags the map. */
  grab: () => void;
  failed: () => void;
}

/** What a base draws of itself that can be left out. */
export type Detail = "water" | "terrain";

export interface Base {
  /** What the map shows now. */
  view(): View;
  /** What would be needed to show the same again. */
  home(): Home;
  /** Go there; what is not named stays. */
  go(to: Partial<Home>, duration_ms?: number): void;
  /** Show a box of degrees. */
  fit(west: number, south: number, east: number, north: number): void;
  /** Bring out one country's land and border. */
  setHome(code: string): void;
  on<E extends keyof BaseEvents>(event: E, listener: BaseEvents[E]): void;
  /** Draw a detail, or leave it out. */
  show(detail: Detail, on: boolean): void;
  /** Whether a drag of the pointer moves the map: not while it is used to draw. */
  pans(on: boolean): void;
  /** Stop whatever moves. */
  stop(): void;
  /** The cursor is over something that can be chosen. */
  pointing(on: boolean): void;
  /** Draw the land in these colours. */
  setTheme(palette: Palette): void;
  remove(): void;
}

/** Listeners by event, for those who make a base. */
export class Listeners {
  private readonly held: { [E in keyof BaseEvents]?: BaseEvents[E][] } = {};

  add<E extends keyof BaseEvents>(event: E, listener: BaseEvents[E]): void {
    ((this.held[event] ??= []) as BaseEvents[E][]).push(listener);
  }

  tell<E extends keyof BaseEvents>(event: E, ...said: Parameters<BaseEvents[E]>): void {
    for (const listener of (this.held[event] ?? []) as ((...a: Parameters<BaseEvents[E]>) => void)[]) listener(...said);
  }
}
