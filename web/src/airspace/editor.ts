// Drawing with the pointer or the keyboard: corners set, dragged and taken away on the map. It changes a draft, and nothing else.

import { h, setText } from "../dom";
import { position } from "../format";
import { t } from "../i18n";
import type { Layer } from "../layers";
import type { Page } from "../page";
import { placeAt, screenOf, type View } from "../plane";
import type { Scene, Tool } from "../scene";
import type { Draft } from "./draft";
import { bearing_deg, distance_m } from "./outline";
import type { Place } from "./volume";

const GRAB_PX = 11;
const STEP_PX = 16;
const FINE_PX = 2;
const NM_M = 1852;
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Distance and bearing from one place to another. */
export const legWords = (a: Place, b: Place): string => `${(distance_m(a, b) / NM_M).toFixed(1)} NM · ${String(Math.round(bearing_deg(a, b)) % 360).padStart(3, "0")}°`;

export class Editor implements Tool {
  draft: Draft | undefined;
  /** What was done last, read out to who cannot see it. */
  readonly said = h("p.said", { role: "status" });
  private readonly crosshair = h("div.crosshair", { tabindex: 0, role: "application", hidden: true });
  private readonly layer: Layer = ((editor: Editor): Layer => ({
    id: "airspace-draft",
    name: "layer.draft",
    on: true,
    place: "over",
    draw: (g, view) => editor.draw(g, view),
    get busy() {
      return editor.draft !== undefined;
    },
  }))(this);
  private pointer: Place | undefined;
  /** What is held by the pointer: a corner, or the way between two. */
  private held: { corner: number } | undefined;
  private pressed = false;
  private byKeys = false;
  /** Told once an outline is done: the form takes the keyboard. */
  private done: () => void = () => undefined;

  constructor(
    private readonly page: Page,
    private readonly scene: Scene,
    marks: HTMLElement,
  ) {
    marks.append(this.crosshair);
    this.crosshair.addEventListener("keydown", (event) => this.step(event));
    const free = (): boolean => this.drawing && !(document.activeElement instanceof HTMLButtonElement || document.activeElement instanceof HTMLAnchorElement);
    page.keys.add(
      { code: "Enter", cap: "↵", does: "help.corner", when: free, run: () => this.corner() },
      { code: "NumpadEnter", cap: "↵", does: "help.corner", when: free, run: () => this.corner() },
      { code: "Backspace", cap: "⌫", does: "help.back", when: free, run: () => this.back() },
    );
  }

  get drawing(): boolean {
    return this.scene.tool === this;
  }

  /** Take a draft in hand. done: called once its outline is. */
  begin(draft: Draft, done: () => void): void {
    if (this.draft !== draft) draft.on(() => this.changed());
    this.draft = draft;
    this.done = done;
    this.pointer = undefined;
    this.byKeys = false;
    if (!this.drawing) this.page.layers.add(this.layer);
    this.scene.take(this, true);
    this.crosshair.setAttribute("aria-label", t("airspace.draw.keys"));
    setText(this.said, "");
    this.changed();
    if (!draft.complete) this.crosshair.focus({ preventScroll: true });
  }

  private changed(): void {
    this.crosshair.hidden = !this.drawing || (this.draft?.complete ?? true);
    this.scene.redraw();
  }

  /** Lay the tool down. */
  stop(): void {
    if (this.drawing) this.scene.take(undefined);
  }

  end(): void {
    this.crosshair.hidden = true;
    this.held = undefined;
    this.page.layers.remove(this.layer.id);
  }

  press(_lat: number, _lon: number, x: number, y: number): void {
    this.byKeys = false;
    this.pressed = false;
    const { draft } = this;
    if (!draft) return;
    const view = this.scene.base.view();
    const corner = nearest(view, draft.points, x, y);
    if (corner < 0 && draft.complete) {
      const between = nearest(view, middles(draft), x, y);
      if (between >= 0) draft.insert(between, placeAt(view, x, y));
      this.held = between >= 0 ? { corner: between + 1 } : undefined;
    } else this.held = corner >= 0 ? { corner } : undefined;
    if (!this.held) return;
    this.pressed = true;
    this.scene.base.pans(false);
  }

  move(lat: number, lon: number): void {
    this.byKeys = false;
    this.pointer = [lat, lon];
    if (this.held && this.draft) this.draft.move(this.held.corner, [lat, lon]);
    else this.page.layers.changed();
  }

  release(): void {
    if (this.held) this.scene.base.pans(true);
    this.held = undefined;
  }

  click(lat: number, lon: number, x: number, y: number): void {
    const { draft } = this;
    if (!draft || draft.complete) return;
    const on = nearest(this.scene.base.view(), draft.points, x, y);
    if (on >= 0 && draft.type !== "circle") {
      if (draft.whole && (on === 0 || on === draft.points.length - 1)) this.finish(); // the first corner again, or the last twice
      return;
    }
    if (!this.pressed || on < 0) this.set([lat, lon]);
  }

  /** Set a corner under the crosshair; where it is on the first one, the outline is done. */
  corner(): void {
    const { draft } = this;
    if (!draft || draft.complete) return;
    const view = this.scene.base.view();
    this.click(...placeAt(view, view.width / 2, view.height / 2), view.width / 2, view.height / 2);
    this.pressed = false;
  }

  back(): void {
    if (!this.draft?.points.length) return;
    this.draft.back();
    this.say(t("airspace.draw.taken", this.draft.points.length));
  }

  finish(): void {
    this.draft?.finish();
    if (!this.draft?.complete) return;
    this.say(t("airspace.draw.done"));
    this.done();
  }

  private set(place: Place): void {
    const { draft } = this;
    if (!draft) return;
    const before = draft.points[draft.points.length - 1];
    draft.add(place);
    if (draft.complete) this.finish();
    else this.say(`${t("airspace.draw.corner", draft.points.length, position(...place))}${before ? ` · ${legWords(before, place)}` : ""}`);
  }

  private say(text: string): void {
    setText(this.said, text);
  }

  private step(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { base } = this.scene;
    const view = base.view();
    const arrow = ARROWS[event.key];
    const zoom = event.key === "+" || event.key === "=" ? 0.5 : event.key === "-" ? -0.5 : 0;
    if (!arrow && !zoom) return;
    event.preventDefault();
    event.stopPropagation();
    this.byKeys = true;
    if (zoom) return base.go({ zoom: base.home().zoom + zoom }, 0);
    const px = event.shiftKey ? FINE_PX : STEP_PX;
    const [lat, lon] = placeAt(view, view.width / 2 + arrow![0] * px, view.height / 2 + arrow![1] * px);
    base.go({ lat, lon }, 0);
  }

  private draw(g: CanvasRenderingContext2D, view: View): void {
    const { draft } = this;
    if (!draft) return;
    const pointer = this.byKeys || !this.pointer ? placeAt(view, view.width / 2, view.height / 2) : this.pointer;
    const style = getComputedStyle(document.documentElement);
    const [bright, halo] = [style.getPropertyValue("--accent").trim() || "#8fd6ff", style.getPropertyValue("--ground").trim() || "#04070b"];
    const { rings, open } = draft.drawn(pointer);
    g.lineJoin = "round";
    g.beginPath();
    for (const [n, ring] of rings.entries()) {
      ring.forEach(([lat, lon], i) => g[i ? "lineTo" : "moveTo"](...screenOf(view, lat, lon)));
      if (!open && !(draft.type === "corridor" && n > 0)) g.closePath();
    }
    g.globalAlpha = 0.1;
    g.fillStyle = bright;
    if (!open) g.fill("nonzero");
    g.globalAlpha = 1;
    for (const [colour, width] of [[halo, 4], [bright, 1.8]] as const) {
      g.strokeStyle = colour;
      g.lineWidth = width;
      g.setLineDash(draft.complete ? [] : [7, 4]);
      g.stroke();
    }
    g.setLineDash([]);
    g.font = "11px sans-serif";
    g.textAlign = "left";
    const mark = (x: number, y: number, r: number, full: boolean): void => {
      g.beginPath();
      g.rect(x - r, y - r, 2 * r, 2 * r);
      g.fillStyle = full ? bright : halo;
      g.fill();
      g.strokeStyle = full ? halo : bright;
      g.lineWidth = 1.2;
      g.stroke();
    };
    draft.points.forEach((p, i) => {
      const [x, y] = screenOf(view, ...p);
      mark(x, y, i === draft.taken ? 6 : 4.5, true);
      if (draft.type === "circle" || draft.points.length > 60) return;
      text(g, String(i + 1), x + 8, y - 7, bright, halo);
    });
    if (draft.complete) for (const p of middles(draft)) mark(...screenOf(view, ...p), 3, false);
    const last = draft.type === "circle" ? draft.points[0] : draft.points[draft.points.length - 1];
    if (!draft.complete && last) {
      const [x, y] = screenOf(view, ...pointer);
      text(g, legWords(last, pointer), x + 12, y + 18, bright, halo);
    }
  }
}

function text(g: CanvasRenderingContext2D, words: string, x: number, y: number, colour: string, halo: string): void {
  g.strokeStyle = halo;
  g.lineWidth = 3;
  g.strokeText(words, x, y);
  g.fillStyle = colour;
  g.fillText(words, x, y);
}

/** The number of the place within the pointer's reach, or -1. */
function nearest(view: View, places: readonly Place[], x: number, y: number): number {
  let [best, found] = [GRAB_PX, -1];
  places.forEach((p, i) => {
    const [px, py] = screenOf(view, ...p);
    const d = Math.hypot(px - x, py - y);
    if (d < best) [best, found] = [d, i];
  });
  return found;
}

/** Half way between each corner and the next: there a new one can be pulled out. */
function middles(draft: Draft): Place[] {
  if (draft.type === "circle" || draft.points.length > 200) return [];
  const n = draft.type === "polygon" ? draft.points.length : draft.points.length - 1;
  return Array.from({ length: n }, (_, i) => {
    const [a, b] = [draft.points[i]!, draft.points[(i + 1) % draft.points.length]!];
    return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] as Place;
  });
}
