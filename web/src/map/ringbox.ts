// The box in which range rings are chosen.

import { h, put } from "../dom";
import { t } from "../i18n";
import type { Page } from "../page";
import { centreOf } from "../plane";
import type { Scene } from "../scene";
import { COUNTS, SPACINGS_NM, type Rings } from "./rings";
import type { Station } from "./stations";

export class RingBox {
  readonly element = h("form.ringbox", { hidden: true, submit: (event) => event.preventDefault() });
  private readonly about = h("select", { change: () => this.choose() }) as HTMLSelectElement;
  private readonly every = h("select", { change: () => this.take() }) as HTMLSelectElement;
  private readonly count = h("select", { change: () => this.take() }) as HTMLSelectElement;
  private readonly radials = h("input", { type: "checkbox", change: () => this.take() }) as HTMLInputElement;
  private readonly bearing = h("input", { type: "number", min: 0, max: 360, step: 1, input: () => this.take() }) as HTMLInputElement;

  /** pick: the person wants to click the middle; say: a word to the person. */
  constructor(
    private readonly page: Page,
    private readonly scene: Scene,
    private readonly rings: Rings,
    private readonly stations: () => Station[],
    private readonly acts: { pick: () => void; clear: () => void; changed: () => void; say: (text: string) => void },
  ) {
    page.store.on("language", () => this.draw());
    page.store.on("selection", () => this.rings.origin && "track" in this.rings.origin && page.store.selected !== undefined && this.choose());
    this.draw();
  }

  open(on: boolean): void {
    this.element.hidden = !on;
    if (!on) return;
    this.draw();
    if (!this.rings.origin) {
      this.about.value = this.page.store.selected === undefined ? (this.stations().length ? "0" : "here") : "track";
      this.choose();
    }
    this.about.focus();
  }

  /** A place was clicked: that is what the box says now. */
  picked(): void {
    this.about.value = "pick";
  }

  private draw(): void {
    const chosen = this.about.value;
    const option = (value: string | number, text: string): HTMLElement => h("option", { value }, text);
    put(this.about, option("track", t("map.rings.track")), ...this.stations().map((s, i) => option(i, s.name)), option("here", t("map.here")), option("pick", t("map.rings.pick")));
    if (chosen) this.about.value = chosen;
    put(this.every, ...SPACINGS_NM.map((v) => option(v, `${v} NM`)));
    put(this.count, ...COUNTS.map((v) => option(v, String(v))));
    this.every.value = String(this.rings.spacing_nm);
    this.count.value = String(this.rings.count);
    this.radials.checked = this.rings.radials;
    const row = (key: Parameters<typeof t>[0], input: HTMLElement): HTMLElement => h("label", {}, h("span", {}, t(key)), input);
    put(
      this.element,
      row("map.rings.about", this.about),
      row("map.rings.every", this.every),
      row("map.rings.count", this.count),
      row("map.rings.radials", this.radials),
      row("map.rings.bearing", this.bearing),
      h("button.plain", { type: "button", click: () => this.acts.clear() }, t("map.rings.clear")),
    );
  }

  private choose(): void {
    const { value } = this.about;
    const { store } = this.page;
    if (value === "pick") return this.acts.pick();
    if (value === "track") {
      if (store.selected === undefined) return this.acts.say(t("map.rings.notrack"));
      this.rings.origin = { track: store.selected };
    } else if (value === "here") {
      const [lat, lon] = centreOf(this.scene.base.view());
      this.rings.origin = { lat, lon, name: "" };
    } else this.rings.origin = this.stations()[Number(value)];
    this.acts.changed();
  }

  private take(): void {
    this.rings.spacing_nm = Number(this.every.value);
    this.rings.count = Number(this.count.value);
    this.rings.radials = this.radials.checked;
    const bearing = this.bearing.valueAsNumber;
    this.rings.bearing = bearing >= 0 && bearing <= 360 ? bearing : undefined;
    this.acts.changed();
  }
}
