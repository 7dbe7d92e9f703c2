// The mark of a site that is tried: dragged with the pointer, or moved with the arrow keys.

import type { Coverage } from "../coverage";
import { h, put } from "../dom";
import { t } from "../i18n";
import type { Base } from "../base";
import { placeAt, screenOf } from "../plane";

const STEP_PX = 12;
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Mark {
  readonly element = h("button.mark", { hidden: true });
  private held: [number, number] | undefined;
  private shown = false;

  constructor(
    container: HTMLElement,
    private readonly base: Base,
    private readonly coverage: Coverage,
  ) {
    container.append(this.element);
    const { element } = this;
    element.addEventListener("pointerdown", (event) => this.take(event));
    element.addEventListener("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel"] as const) element.addEventListener(name, () => (this.held = undefined));
    element.addEventListener("keydown", (event) => this.press(event));
    base.on("move", () => this.place());
    coverage.onChange(() => this.place());
  }

  private place(): void {
    const now = this.coverage.trying;
    this.element.hidden = !now;
    if (!now) {
      this.shown = false;
      return;
    }
    const [x, y] = screenOf(this.base.view(), now.lat, now.lon);
    this.element.style.transform = `translate(${x}px, ${y}px)`;
    const name = now.sensor || t("coverage.new");
    this.element.setAttribute("aria-label", `${t("coverage.trying", name)}. ${t("coverage.try.how")}`);
    if (this.element.textContent !== name) put(this.element, h("span.sign", { "aria-hidden": "true" }), h("span.name", {}, name));
    if (!this.shown) {
      this.shown = true;
      this.element.focus({ preventScroll: true });
    }
  }

  private go(x: number, y: number): void {
    const view = this.base.view();
    const [lat, lon] = placeAt(view, Math.min(view.width - 4, Math.max(4, x)), Math.min(view.height - 4, Math.max(4, y)));
    this.coverage.move({ lat: Number(lat.toFixed(5)), lon: Number(lon.toFixed(5)) });
  }

  private take(event: PointerEvent): void {
    const now = this.coverage.trying;
    if (!now || event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    const [x, y] = screenOf(this.base.view(), now.lat, now.lon);
    this.held = [event.clientX - x, event.clientY - y];
  }

  private drag(event: PointerEvent): void {
    if (this.held) this.go(event.clientX - this.held[0], event.clientY - this.held[1]);
  }

  private press(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    const now = this.coverage.trying;
    if (!arrow || !now) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? 1 : STEP_PX;
    const [x, y] = screenOf(this.base.view(), now.lat, now.lon);
    this.go(x + arrow[0] * step, y + arrow[1] * step);
  }
}
