// Labels moved by hand: dragged with the pointer or nudged by keys, and let go by a double-click or a key.

import type { Label } from "../labels";
import type { Scene } from "../scene";
import type { Store } from "../store";

const NUDGE_PX = 12;
const STILL_PX = 3;
const REACH_PX = 400;

type Grip = { number: number; pointer: number; x: number; y: number; left: number; top: number; moved: boolean };

const within = (v: number): number => Math.min(REACH_PX, Math.max(-REACH_PX, v));

export class LabelHandle {
  private grip: Grip | undefined;
  /** A drag has just ended: the click that the browser makes of it is no choice. */
  private ended = false;

  constructor(
    private readonly map: HTMLElement,
    private readonly scene: Scene,
    private readonly store: Store,
  ) {
    const early = { capture: true };
    map.addEventListener("pointerdown", (event) => this.press(event), early);
    map.addEventListener("pointermove", (event) => this.drag(event), early);
    for (const name of ["pointerup", "pointercancel"] as const) map.addEventListener(name, (event) => this.release(event), early);
    // The map listens for these by itself: over a label they are not the map's.
    for (const name of ["mousedown", "touchstart"] as const) map.addEventListener(name, (event) => this.grip && event.stopPropagation(), early);
    map.addEventListener("click", (event) => this.click(event), early);
    map.addEventListener("dblclick", (event) => this.twice(event), early);
  }

  /** Move the selected track's label. */
  nudge(across: number, down: number): void {
    const label = this.scene.labels.placed.find((l) => l.number === this.store.selected);
    if (label) this.put(label.number, label.left + across * NUDGE_PX, label.top + down * NUDGE_PX);
  }

  /** Let the selected track's label go, or all where none is selected. */
  letGo(): void {
    const { held } = this.scene.labels;
    if (this.store.selected !== undefined) held.delete(this.store.selected);
    else held.clear();
    this.scene.redraw();
  }

  private put(number: number, left: number, top: number): void {
    this.scene.labels.held.set(number, [within(left), within(top)]);
    this.scene.rearrange();
  }

  private under(event: MouseEvent): Label | undefined {
    if (this.scene.tool) return undefined;
    const box = this.map.getBoundingClientRect();
    return this.scene.labelAt(event.clientX - box.left, event.clientY - box.top);
  }

  private press(event: PointerEvent): void {
    this.ended = false;
    const label = event.button === 0 && event.isPrimary ? this.under(event) : undefined;
    if (!label) return;
    this.grip = { number: label.number, pointer: event.pointerId, x: event.clientX, y: event.clientY, left: label.left, top: label.top, moved: false };
    event.stopPropagation();
  }

  private drag(event: PointerEvent): void {
    const { grip } = this;
    if (!grip || event.pointerId !== grip.pointer) return;
    event.stopPropagation();
    const [across, down] = [event.clientX - grip.x, event.clientY - grip.y];
    if (!grip.moved && Math.hypot(across, down) < STILL_PX) return;
    if (!grip.moved) this.map.setPointerCapture(grip.pointer);
    grip.moved = true;
    this.put(grip.number, grip.left + across, grip.top + down);
  }

  private release(event: PointerEvent): void {
    if (!this.grip || event.pointerId !== this.grip.pointer) return;
    event.stopPropagation();
    this.ended = this.grip.moved;
    if (!this.grip.moved) this.store.select(this.grip.number);
    this.grip = undefined;
  }

  private click(event: MouseEvent): void {
    if (this.ended || this.under(event)) event.stopPropagation();
    this.ended = false;
  }

  private twice(event: MouseEvent): void {
    const label = this.under(event);
    if (!label) return;
    event.stopPropagation();
    event.preventDefault();
    this.scene.labels.held.delete(label.number);
    this.scene.rearrange();
  }
}
