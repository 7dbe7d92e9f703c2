// Pointer, wheel, touch and keys on a canvas, as movements of the map: as MapLibre has them.

import type { Listeners, Pointer } from "../base";

const CLICK_PX = 4;
const KEY_PX = 100;
const KEY_DEG = 15;
const WHEEL_PER_ZOOM = 300;
const DEG = 180 / Math.PI;

/** What the movements move. */
export interface Moved {
  about(sx: number, sy: number, by: number, turn_deg?: number): void;
  drag(dx: number, dy: number): void;
  stop(): void;
}

export class Gestures {
  /** Whether one pointer that drags moves the map. */
  pans = true;
  private readonly down = new Map<number, Pointer>();
  private began: Pointer = { x: 0, y: 0 };
  private dragged = false;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly map: Moved,
    private readonly listeners: Listeners,
  ) {
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"] as const) canvas.addEventListener(name, (event) => this.release(event, name === "pointerup"));
    canvas.addEventListener("pointerleave", () => listeners.tell("leave"));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("dblclick", (event) => this.pans && this.map.about(...this.at(event), event.shiftKey ? -1 : 1));
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  private at(event: MouseEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  private press(event: PointerEvent): void {
    const [x, y] = this.at(event);
    this.map.stop();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.down.set(event.pointerId, { x, y });
    if (this.down.size > 1) this.dragged = true;
    else {
      this.began = { x, y };
      this.dragged = false;
    }
  }

  private move(event: PointerEvent): void {
    const [x, y] = this.at(event);
    this.listeners.tell("hover", { x, y });
    const before = this.down.get(event.pointerId);
    if (!before) return;
    const other = [...this.down].find(([id]) => id !== event.pointerId)?.[1];
    this.down.set(event.pointerId, { x, y });
    if (other) return this.pinch(before, { x, y }, other);
    if (!this.dragged && Math.hypot(x - this.began.x, y - this.began.y) < CLICK_PX) return;
    const turning = event.buttons === 2 || event.ctrlKey;
    if (!turning && !this.pans) return;
    if (!this.dragged) {
      this.dragged = true;
      this.listeners.tell("grab");
    }
    if (turning) {
      const [cx, cy] = [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2];
      this.map.about(cx, cy, 0, (before.x - x) * 0.5);
    } else this.map.drag(x - before.x, y - before.y);
  }

  /** Two fingers: zoom and turn about the one that rests. */
  private pinch(before: Pointer, now: Pointer, other: Pointer): void {
    const [was, is] = [Math.hypot(before.x - other.x, before.y - other.y), Math.hypot(now.x - other.x, now.y - other.y)];
    if (was < 4 || is < 4) return;
    const turn = (Math.atan2(before.y - other.y, before.x - other.x) - Math.atan2(now.y - other.y, now.x - other.x)) * DEG;
    this.map.about(other.x, other.y, Math.log2(is / was), ((turn + 540) % 360) - 180);
  }

  private release(event: PointerEvent, ended: boolean): void {
    const was = this.down.delete(event.pointerId);
    if (!ended || !was || this.dragged || event.button !== 0) return;
    const [x, y] = this.at(event);
    if (Math.hypot(x - this.began.x, y - this.began.y) < CLICK_PX) this.listeners.tell("click", { x, y });
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    this.map.stop();
    const lines = event.deltaMode === 1 ? 33 : event.deltaMode === 2 ? 400 : 1;
    const by = -(event.deltaY * lines) / WHEEL_PER_ZOOM;
    this.map.about(...this.at(event), Math.max(-1.5, Math.min(1.5, by)));
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [cx, cy] = [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2];
    const turn = event.shiftKey;
    const does: Record<string, () => void> = {
      ArrowLeft: () => (turn ? this.map.about(cx, cy, 0, -KEY_DEG) : this.map.drag(KEY_PX, 0)),
      ArrowRight: () => (turn ? this.map.about(cx, cy, 0, KEY_DEG) : this.map.drag(-KEY_PX, 0)),
      ArrowUp: () => this.map.drag(0, KEY_PX),
      ArrowDown: () => this.map.drag(0, -KEY_PX),
      "+": () => this.map.about(cx, cy, 1),
      "=": () => this.map.about(cx, cy, 1),
      "-": () => this.map.about(cx, cy, -1),
    };
    const run = does[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  }
}
