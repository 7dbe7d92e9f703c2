// How tracks are drawn, as the person likes it: which symbols, how much on a label, labels moved by hand; and what the foot of the map says.

import { h, setText } from "../dom";
import { t } from "../i18n";
import type { Page } from "../page";
import type { Scene } from "../scene";
import { App6 } from "./app6";
import { EllipseLayer } from "./ellipse";
import { LabelHandle } from "./handle";
import type { Detail } from "./text";

type Symbols = "civil" | "app6";

const APP6_WIDER_PX = 6;

const ARROWS: readonly [code: string, cap: string, across: number, down: number][] = [
  ["ArrowLeft", "⇧←", -1, 0],
  ["ArrowRight", "⇧→", 1, 0],
  ["ArrowUp", "⇧↑", 0, -1],
  ["ArrowDown", "⇧↓", 0, 1],
];

export class Signs {
  private readonly points = h("span.points");
  private readonly detail = h("button.detail", { click: () => this.more() });
  private readonly symbols = h("button.symbols", { click: () => this.other() });
  private readonly handle: LabelHandle;
  private loading: Promise<App6> | undefined;

  constructor(
    view: HTMLElement,
    private readonly page: Page,
    private readonly scene: Scene,
  ) {
    const { store, settings, layers } = page;
    (view.querySelector(".foot") ?? view).prepend(h("div.signs", {}, this.detail, this.symbols, this.points));
    const map = view.querySelector<HTMLElement>("#map")!;
    this.handle = new LabelHandle(map, scene, store);
    // With a label to move, the map under the keyboard does not turn by the same keys.
    map.addEventListener("keydown", (event) => this.arrow(event), { capture: true });
    const ellipse = new EllipseLayer(
      () => store.selected,
      (track, at) => scene.placeOf(track, at),
      () => layers.isOn("ellipse"),
      () => scene.redraw(),
    );
    layers.add(ellipse);
    store.on("selection", () => void ellipse.ask());
    for (const topic of ["arranged", "language"] as const) store.on(topic, () => this.draw());
    settings.on("symbols", () => void this.take());
    settings.on("label.detail", () => this.draw());
    this.bind();
    void this.take();
    this.draw();
  }

  private get chosen(): Symbols {
    return this.page.settings.get<string>("symbols", "civil") === "app6" ? "app6" : "civil";
  }

  private get level(): Detail {
    const kept = this.page.settings.get<number>("label.detail", 2);
    return kept === 1 || kept === 3 ? kept : 2;
  }

  /** Whether the arrows move the selected track's label: while the past is open they step through it. */
  private get nudges(): boolean {
    return this.page.store.selected !== undefined && !document.body.classList.contains("in-past");
  }

  private bind(): void {
    this.page.keys.add(
      { code: "KeyO", cap: "O", does: "help.detail", run: () => this.more() },
      { code: "KeyY", cap: "Y", does: "help.symbols", run: () => this.other() },
      { code: "KeyO", shift: true, cap: "⇧O", does: "help.release", run: () => this.handle.letGo() },
      ...ARROWS.map(([code, cap, across, down]) => ({ code, shift: true, cap, does: "help.nudge" as const, run: () => this.handle.nudge(across, down), when: () => this.nudges })),
    );
  }

  private arrow(event: KeyboardEvent): void {
    const found = event.shiftKey && this.nudges ? ARROWS.find(([code]) => code === event.code) : undefined;
    if (!found) return;
    event.stopPropagation();
    event.preventDefault();
    this.handle.nudge(found[2], found[3]);
  }

  private more(): void {
    this.page.settings.set("label.detail", (this.level % 3) + 1);
  }

  private other(): void {
    this.page.settings.set("symbols", this.chosen === "app6" ? "civil" : "app6");
  }

  /** Take up the symbols that were chosen; those of the standard are fetched first. */
  private async take(): Promise<void> {
    const { layer } = this.scene;
    if (this.chosen === "app6") {
      try {
        const app6 = await (this.loading ??= App6.load(window.devicePixelRatio || 1));
        if (this.chosen !== "app6") return;
        app6.dirty = true;
        layer.app6 = app6;
      } catch {
        this.loading = undefined;
        this.page.say(t("foot.app6.failed"), "bad");
      }
    } else layer.app6 = undefined;
    this.scene.labels.taken.wider = layer.app6 ? APP6_WIDER_PX : 0;
    this.draw();
    this.scene.redraw();
  }

  private draw(): void {
    const { thinning, labels } = this.scene;
    if (labels.detail !== this.level) {
      labels.detail = this.level;
      this.scene.rearrange();
    }
    setText(this.points, thinning.points > 0 ? t("foot.points", thinning.points, thinning.inView) : "");
    setText(this.detail, t("foot.detail", this.level));
    setText(this.symbols, t(this.chosen === "app6" ? "foot.app6" : "foot.civil"));
  }
}
