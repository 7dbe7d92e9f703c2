// The foot of the map: what is up, which plane, tools, and the place under the pointer.

import { h, put, setText } from "../dom";
import { between } from "../geodesic";
import { t } from "../i18n";
import type { Page } from "../page";
import { centreOf } from "../plane";
import type { Scene } from "../scene";
import { bearingText, FORMS, nm, written, type Form } from "./coords";

const NS = "http://www.w3.org/2000/svg";

/** What the buttons of the foot do. */
export interface FootActs {
  north(): void;
  range(): void;
  measure(): void;
  rings(): void;
  /** From where distances are told, and what it is called. */
  reference(): { lat: number; lon: number; name: string } | undefined;
}

export class Foot {
  readonly element = h("div.foot");
  /** Beside the button of true ranges: about which place. */
  readonly beside = h("span.beside");
  /** What a tool asks for, or has found. */
  private readonly told = h("output.told", { "aria-live": "polite" });
  private readonly needle = needle();
  private readonly compass: HTMLElement;
  private readonly up = h("span.up");
  private readonly range: HTMLElement;
  private readonly measure: HTMLElement;
  private readonly rings: HTMLElement;
  private readonly form: HTMLElement;
  private readonly at = h("span.at");
  private readonly from = h("span.from");

  constructor(
    private readonly page: Page,
    private readonly scene: Scene,
    private readonly acts: FootActs,
  ) {
    this.compass = h("button.compass", { click: () => acts.north() }, this.needle, this.up);
    this.range = h("button", { click: () => acts.range() });
    this.measure = h("button", { click: () => acts.measure() });
    this.rings = h("button", { click: () => acts.rings() });
    this.form = h("button.form", { click: () => this.nextForm() }, this.at);
    put(this.element, this.told, h("div.tools", {}, this.compass, this.range, this.beside, this.measure, this.rings), h("div.place", {}, this.form, this.from));
    page.store.on("pointer", () => this.drawPlace());
    page.store.on("language", () => this.draw());
    page.store.on("hello", () => this.drawPlace());
    scene.base.on("move", () => this.drawView());
    scene.onPlane(() => this.draw());
    page.settings.on("form", () => this.draw());
    this.draw();
  }

  get formNow(): Form {
    const kept = this.page.settings.get("form", "minutes");
    return FORMS.find((f) => f === kept) ?? "minutes";
  }

  nextForm(): void {
    this.page.settings.set("form", FORMS[(FORMS.indexOf(this.formNow) + 1) % FORMS.length]!);
  }

  tell(text: string): void {
    setText(this.told, text);
  }

  /** Which tool is in hand, and whether rings are shown. */
  pressed(measure: boolean, rings: boolean): void {
    this.measure.setAttribute("aria-pressed", String(measure));
    this.rings.setAttribute("aria-pressed", String(rings));
  }

  draw(): void {
    const ranges = this.scene.base.plane.id === "range";
    setText(this.range, t("map.range"));
    this.range.title = t(ranges ? "map.range.off" : "map.range.on");
    this.range.setAttribute("aria-pressed", String(ranges));
    setText(this.measure, t("map.measure"));
    setText(this.rings, t("map.rings"));
    const label = t("map.form", t(`map.form.${this.formNow}`));
    this.form.title = label;
    this.drawView();
  }

  private drawView(): void {
    const bearing = this.scene.base.home().bearing ?? 0;
    const turned = Math.abs(bearing) > 0.05;
    this.needle.style.transform = `rotate(${-bearing}deg)`;
    const up = bearingText((bearing + 360) % 360);
    setText(this.up, turned ? up : "");
    const label = turned ? t("map.turned", up) : t("map.north");
    this.compass.setAttribute("aria-label", label);
    this.compass.title = label;
    this.drawPlace();
  }

  /** The place under the pointer; without one, amid the view. */
  private drawPlace(): void {
    const { pointed } = this.scene;
    const [lat, lon] = pointed ?? centreOf(this.scene.base.view());
    const words = written(this.formNow, lat, lon);
    setText(this.at, pointed ? words : `${words} (${t("map.middle")})`);
    this.form.setAttribute("aria-label", `${words}. ${this.form.title}`);
    const from = this.acts.reference();
    const line = from && between(from.lat, from.lon, lat, lon);
    setText(this.from, line && from ? t("map.from", bearingText(line.bearing), nm(line.metres), from.name) : "");
  }
}

/** A needle whose red half points north. */
function needle(): SVGSVGElement {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "-10 -10 20 20");
  svg.setAttribute("width", "18");
  svg.setAttribute("height", "18");
  svg.setAttribute("aria-hidden", "true");
  for (const [d, kind] of [["M0-9 3.6 0H-3.6Z", "north"], ["M0 9 3.6 0H-3.6Z", "south"]] as const) {
    const path = document.createElementNS(NS, "path");
    path.setAttribute("d", d);
    path.setAttribute("class", kind);
    svg.append(path);
  }
  return svg;
}
