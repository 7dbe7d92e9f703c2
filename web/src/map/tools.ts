// What a person does with the map: turns it, changes its plane, measures, lays rings. Buttons at its foot, and keys.

import { h, put } from "../dom";
import { t } from "../i18n";
import { switched } from "../layers";
import type { Page } from "../page";
import { centreOf, MERCATOR, placeAt } from "../plane";
import { RangePlane } from "../rangeplane";
import type { Scene } from "../scene";
import { Crosshair } from "./crosshair";
import { Foot } from "./foot";
import { Measure } from "./measure";
import { reliefThere } from "./relief";
import { RingBox } from "./ringbox";
import { Rings } from "./rings";
import { stations, type Station } from "./stations";

/** Whether there is shaded ground is asked when the picture is there: the server has to open it. */
const RELIEF_AFTER_MS = 2500;
const TURN_DEG = 15;
const PAN_PX = 24;
const DETAILS = ["water", "terrain"] as const;
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class MapTools {
  readonly measure: Measure;
  readonly rings: Rings;
  private readonly foot: Foot;
  private readonly box: RingBox;
  private readonly about = h("select", { change: () => this.lay(stations(this.page.store)[Number(this.about.value)]) }) as HTMLSelectElement;
  private station: Station | undefined;
  /** The tool in hand is used from the keyboard: the crosshair is shown. */
  private byKeys = false;

  constructor(
    view: HTMLElement,
    private readonly page: Page,
    private readonly scene: Scene,
  ) {
    const { store, layers } = page;
    const changed = (): void => scene.redraw();
    this.measure = new Measure(store, changed, (text) => this.foot.tell(text), () => this.press());
    this.rings = new Rings(store, changed, () => this.picked());
    this.foot = new Foot(page, scene, { north: () => this.north(), range: () => this.range(), measure: () => this.takeMeasure(false), rings: () => this.toggleRings(), reference: () => this.reference() });
    this.box = new RingBox(page, scene, this.rings, () => stations(store), {
      pick: () => {
        scene.take(this.rings);
        this.foot.tell(t("map.rings.how"));
      },
      clear: () => this.clearRings(),
      changed: () => {
        changed();
        this.press();
      },
      say: (text) => this.foot.tell(text),
    });
    layers.add(switched("water", "layer.water"), switched("dots", "layer.dots"), this.rings, this.measure, new Crosshair(() => this.byKeys && this.inHand));
    layers.on(() => DETAILS.forEach((d) => this.scene.base.show(d, layers.isOn(d))));
    layers.changed();
    setTimeout(() => void reliefThere().then((there) => there && layers.add(switched("terrain", "layer.terrain"))), RELIEF_AFTER_MS);
    this.foot.element.prepend(this.box.element);
    view.append(this.foot.element);
    view.addEventListener("pointermove", () => (this.byKeys = false));
    scene.base.on("move", () => this.byKeys && this.inHand && scene.tool?.move?.(...centreOf(scene.base.view()), 0, 0));
    window.addEventListener("keydown", (event) => this.pan(event));
    page.address("range", () => this.written());
    store.on("language", () => this.drawAbout());
    store.on("hello", () => this.drawAbout());
    this.open(page.asked("range"));
    this.bind();
    this.press();
  }

  /** Turn the map by degrees to the right. */
  turn(by: number): void {
    this.scene.base.go({ bearing: (this.scene.base.home().bearing ?? 0) + by }, 200);
  }

  north(): void {
    this.scene.base.go({ bearing: 0 }, 200);
  }

  /** From Mercator to true ranges, and back. */
  range(): void {
    if (this.scene.base.plane !== MERCATOR) this.lay(undefined);
    else this.lay(this.station ?? stations(this.page.store)[0] ?? this.middle());
  }

  private middle(): Station {
    const [lat, lon] = centreOf(this.scene.base.view());
    return { lat, lon, name: t("map.place") };
  }

  /** Show true ranges from a place; without one, Mercator. */
  private lay(station: Station | undefined): void {
    this.station = station ?? this.station;
    this.scene.lay(station ? new RangePlane(station.lat, station.lon) : MERCATOR);
    this.drawAbout();
    this.page.wrote();
  }

  /** What the address said: latitude and longitude of the middle. */
  private open(asked: string): void {
    const [lat, lon] = asked.split(",").map(Number);
    if (!asked || lat === undefined || lon === undefined || !(Math.abs(lat) < 89 && Math.abs(lon) <= 180)) return;
    this.lay({ lat, lon, name: t("map.place") });
  }

  private written(): string {
    const { plane } = this.scene.base;
    return plane instanceof RangePlane ? `${plane.lat0.toFixed(5)},${plane.lon0.toFixed(5)}` : "";
  }

  private reference(): Station | undefined {
    const { plane } = this.scene.base;
    const all = stations(this.page.store);
    if (!(plane instanceof RangePlane)) return all[0];
    return this.near(all, plane) ?? { lat: plane.lat0, lon: plane.lon0, name: t("map.place") };
  }

  /** The station that a plane is laid about. */
  private near(all: Station[], plane: RangePlane): Station | undefined {
    return all.find((s) => Math.abs(s.lat - plane.lat0) < 1e-4 && Math.abs(s.lon - plane.lon0) < 1e-4);
  }

  /** The list of places beside the button, while true ranges are shown. */
  private drawAbout(): void {
    const { plane } = this.scene.base;
    if (!(plane instanceof RangePlane)) return put(this.foot.beside);
    const all = stations(this.page.store);
    const chosen = this.near(all, plane);
    put(this.about, ...(chosen ? [] : [h("option", { value: -1 }, t("map.place"))]), ...all.map((s, i) => h("option", { value: i }, s.name)));
    this.about.value = String(chosen ? all.indexOf(chosen) : -1);
    this.about.setAttribute("aria-label", t("map.range.from"));
    put(this.foot.beside, this.about);
  }

  private get inHand(): boolean {
    return this.scene.tool === this.measure || this.scene.tool === this.rings;
  }

  private takeMeasure(byKeys: boolean): void {
    if (this.scene.tool === this.measure) return this.scene.take(undefined);
    this.byKeys = byKeys;
    this.scene.take(this.measure);
    this.foot.tell(t("map.measure.begin"));
    this.press();
  }

  private toggleRings(): void {
    const open = Boolean(this.box.element.hidden);
    this.box.open(open);
    this.press();
  }

  private clearRings(): void {
    this.rings.origin = undefined;
    this.box.open(false);
    if (this.scene.tool === this.rings) this.scene.take(undefined);
    this.scene.redraw();
    this.press();
  }

  /** The middle of the rings was clicked, or the tool laid down. */
  private picked(): void {
    this.box.picked();
    if (this.scene.tool === this.rings) this.scene.take(undefined);
    this.foot.tell("");
    this.press();
  }

  private press(): void {
    this.foot.pressed(this.scene.tool === this.measure, this.rings.origin !== undefined);
  }

  /** The keyboard is not held by a control that uses Enter or the arrows itself. */
  private get free(): boolean {
    const held = document.activeElement;
    return !held || held === document.body || held.closest("#map") !== null;
  }

  private set(): void {
    this.byKeys = true;
    const view = this.scene.base.view();
    const [x, y] = [view.width / 2, view.height / 2];
    this.scene.tool?.click?.(...placeAt(view, x, y), x, y);
  }

  /** With a tool in hand the arrows move the map under the crosshair, wherever the focus is. */
  private pan(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    if (!arrow || !this.inHand || !this.free) return;
    this.byKeys = true;
    this.scene.redraw();
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const view = this.scene.base.view();
    const step = event.shiftKey ? PAN_PX / 6 : PAN_PX;
    const [lat, lon] = placeAt(view, view.width / 2 + arrow[0] * step, view.height / 2 + arrow[1] * step);
    this.scene.base.go({ lat, lon }, 0);
  }

  private bind(): void {
    this.page.keys.add(
      { code: "KeyQ", shift: true, cap: "⇧Q", does: "help.turn.left", run: () => this.turn(-TURN_DEG) },
      { code: "KeyE", shift: true, cap: "⇧E", does: "help.turn.right", run: () => this.turn(TURN_DEG) },
      { code: "KeyN", cap: "N", does: "help.north", run: () => this.north() },
      { code: "KeyV", cap: "V", does: "help.range", run: () => this.range() },
      { code: "KeyM", cap: "M", does: "help.measure", run: () => this.takeMeasure(true) },
      { code: "KeyR", cap: "R", does: "help.rings", run: () => this.toggleRings() },
      { code: "KeyG", cap: "G", does: "help.form", run: () => this.foot.nextForm() },
      { code: "KeyY", shift: true, cap: "Y", does: "help.layers", run: () => this.page.side.show("layers") },
      { code: "Enter", cap: "↵", does: "help.set", run: () => this.set(), when: () => this.inHand && this.free },
    );
  }
}
