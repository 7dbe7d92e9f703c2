// What can be switched on and off over the map: each layer says its name and draws itself; the person's choice is kept.

import type { Key } from "./i18n";
import type { Settings } from "./settings";
import type { View } from "./plane";

export interface Layer {
  readonly id: string;
  readonly name: Key;
  /** What it is called where that is no word of ours. */
  readonly title?: string;
  /** Whether it is on where nobody chose. */
  readonly on: boolean;
  /** Whether its switch holds for this page only. */
  readonly passing?: boolean;
  /** Drawn beneath the tracks or over them. */
  readonly place: "under" | "over";
  draw(g: CanvasRenderingContext2D, view: View): void;
  /** Whether it has anything to draw now; without it, always. */
  readonly busy?: boolean;
}

/** A layer that another part of the page draws: only its switch is kept here. */
export const switched = (id: string, name: Key, on = true): Layer => ({ id, name, on, place: "under", draw: () => undefined });

export class Layers {
  readonly all: Layer[] = [];
  private readonly listeners: (() => void)[] = [];
  private readonly passing = new Map<string, boolean>();

  constructor(private readonly settings: Settings) {}

  add(...layers: Layer[]): void {
    this.all.push(...layers);
    this.changed();
  }

  remove(id: string): void {
    const at = this.all.findIndex((l) => l.id === id);
    if (at >= 0) this.all.splice(at, 1);
    this.changed();
  }

  shown(layer: Layer): boolean {
    return layer.passing ? (this.passing.get(layer.id) ?? layer.on) : this.settings.get(`layer.${layer.id}`, layer.on);
  }

  show(layer: Layer, on: boolean): void {
    if (layer.passing) this.passing.set(layer.id, on);
    else this.settings.set(`layer.${layer.id}`, on);
    this.changed();
  }

  /** Whether a layer of a name is there and on. */
  isOn(id: string): boolean {
    const layer = this.all.find((l) => l.id === id);
    return layer !== undefined && this.shown(layer);
  }

  draw(g: CanvasRenderingContext2D, view: View, place: Layer["place"]): void {
    for (const layer of this.all) {
      if (layer.place !== place || !this.shown(layer)) continue;
      g.save();
      layer.draw(g, view);
      g.restore();
    }
  }

  /** Whether anything is to be drawn there. */
  any(place: Layer["place"]): boolean {
    return this.all.some((layer) => layer.place === place && layer.busy !== false && this.shown(layer));
  }

  on(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** A layer has something new to draw. */
  changed(): void {
    for (const listener of this.listeners) listener();
  }
}
