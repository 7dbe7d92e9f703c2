// The airspace on the page: the layer, the tab, the editor, closures, files and rules, put together.

import { byId, h, put } from "../dom";
import { t } from "../i18n";
import type { Page } from "../page";
import { AirspacePanel } from "../panels/airspace";
import { Closures, ClosureStrip } from "../panels/airspaceclosures";
import { AirspaceFiles } from "../panels/airspacefiles";
import { AirspaceLog } from "../panels/airspacelog";
import { AirspaceRules } from "../panels/airspacerules";
import { Editor } from "./editor";
import { AirspaceLayer } from "./layer";
import { Airspace } from "./model";
import { Orders } from "./orders";
import { heights, kindWords, type Volume } from "./volume";

/** What tests and support may look at. */
export interface AirspaceFigures {
  readonly volumes: number;
  readonly active: number;
  readonly drawing: boolean;
  readonly corners: number;
  readonly figures: AirspaceLayer["figures"] | undefined;
}

/** Bring the airspace to the page. */
export function startAirspace(page: Page): () => AirspaceFigures {
  const airspace = new Airspace(page.store);
  const orders = new Orders(page, airspace);
  const { scene } = page;
  const layer = scene && new AirspaceLayer(airspace, page.settings, () => page.layers.changed());
  const editor = scene && new Editor(page, scene, byId("marks"));
  const ticked = (): ReadonlySet<string> => panel?.ticked ?? new Set();
  let panel: AirspacePanel | undefined;
  const closures = new Closures(page, airspace, orders, ticked);
  const files = new AirspaceFiles(page, airspace, orders, ticked);
  const rules = new AirspaceRules(page);
  panel = new AirspacePanel(page, { airspace, orders, layer, editor, closures, log: new AirspaceLog(airspace, page.choose), openFiles: () => files.open(), openRules: () => rules.open() });
  panel.onTick(() => closures.draw());
  page.side.add(panel);
  document.body.append(files.dialog, rules.dialog);
  byId("main").before(new ClosureStrip(page, airspace, orders).element);
  if (scene && layer) {
    page.layers.add(layer);
    airspace.on(() => page.layers.changed());
    page.store.on("settings", () => layer.forget());
    new Tip(page, layer, airspace, panel);
  }
  const editing = panel;
  page.keys.add({ code: "KeyZ", shift: true, cap: "⇧Z", does: "help.zone", run: () => orders.mayChange && !editing.editing && editing.begin("polygon") });
  return () => ({ volumes: airspace.volumes.length, active: airspace.active.filter(Boolean).length, drawing: editor?.drawing ?? false, corners: editor?.draft?.points.length ?? 0, figures: layer?.figures });
}

/** Names the volume whose outline or name is under the pointer; a click inside one chooses it where its tab is in front. */
class Tip {
  private readonly element = h("div.air-tip", { hidden: true, role: "tooltip" });

  constructor(
    private readonly page: Page,
    private readonly layer: AirspaceLayer,
    private readonly airspace: Airspace,
    private readonly panel: AirspacePanel,
  ) {
    byId("marks").append(this.element);
    const { base } = page.scene!;
    base.on("hover", ({ x, y }) => this.hover(x, y));
    base.on("leave", () => this.hide());
    base.on("click", ({ x, y }) => this.click(x, y));
  }

  private hover(x: number, y: number): void {
    const scene = this.page.scene!;
    if (scene.tool || this.page.store.hovered !== undefined || !this.page.layers.isOn("airspace")) return this.hide();
    const found = this.layer.near(scene.base.view(), x, y);
    if (!found) return this.hide();
    put(this.element, ...this.words(found.volume));
    this.element.hidden = false;
    this.element.style.transform = `translate(${x + 14}px, ${y + 14}px)`;
    this.name(found.volume.id);
  }

  private click(x: number, y: number): void {
    const { scene, store } = this.page;
    if (scene!.tool || store.hovered !== undefined || !this.page.layers.isOn("airspace")) return;
    const view = scene!.base.view();
    const near = this.layer.near(view, x, y);
    const open = this.page.side.showing === "airspace";
    const inside = open ? this.layer.at(view, x, y) : [];
    const next = inside[(inside.findIndex((l) => l.volume.id === this.layer.chosen) + 1) % Math.max(1, inside.length)]; // a click more: the next larger
    const found = near ?? next;
    if (found) this.panel.choose(found.volume.id, false);
  }

  private words(v: Volume): HTMLElement[] {
    const active = this.airspace.isActive(v.id);
    const by = this.airspace.byHand[v.id];
    return [h("b", {}, v.name), h("div", {}, `${kindWords(v.kind)} · ${heights(v)}`), h("div.state", {}, by ? t(active ? "airspace.active.by" : "airspace.inactive.by", by) : t(active ? "airspace.active" : "airspace.inactive")), ...(v.remark ? [h("div.remark", {}, v.remark.slice(0, 160))] : [])];
  }

  private hide(): void {
    this.element.hidden = true;
    this.name("");
  }

  private name(id: string): void {
    if (this.layer.hovered === id) return;
    this.layer.hovered = id;
    this.page.layers.changed();
  }
}
