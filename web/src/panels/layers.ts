// The layers of the map, each with a switch; and the person's own data, read from files of this computer.

import { h, put } from "../dom";
import { t, type Key } from "../i18n";
import { switched, type Layer } from "../layers";
import { OwnLayer } from "../map/ownlayer";
import type { OwnTiles } from "../map/tiles";
import { FILE_BYTES_MAX, OwnError, parseOwn } from "../own";
import type { Page } from "../page";
import type { Scene } from "../scene";
import type { Panel } from "../side";

const MAP_LAYERS = ["terrain", "water", "countries", "towns", "airports"];
/** Tools draw as layers too; they have buttons of their own. */
const TOOLS = ["measure", "rings", "crosshair"];
const OWN_MAX = 12;

interface Own {
  layer: Layer;
  box: [number, number, number, number];
  about: string;
  tiles?: OwnTiles;
}

interface Switch {
  id: string;
  name: string;
  on: boolean;
  flip: () => void;
}

export class LayersPanel implements Panel {
  readonly id = "layers";
  readonly name = "panel.layers" as const;
  readonly element = h("section.layers.scroll");
  private readonly file = h("input", { type: "file", accept: ".geojson,.json,.pmtiles", multiple: true, hidden: true, change: () => this.choose() }) as HTMLInputElement;
  private readonly lists = h("div");
  private readonly said = h("p.said", { role: "status" });
  private own: Own[] = [];
  private number = 0;
  private drawn = "";

  constructor(
    private readonly page: Page,
    private readonly scene: Scene,
    view: HTMLElement,
  ) {
    put(this.element, this.lists, this.file, this.said);
    page.layers.on(() => {
      for (const { layer, tiles } of this.own) tiles?.show(page.layers.shown(layer));
      this.draw();
    });
    for (const topic of ["settings", "language"] as const) page.store.on(topic, () => this.draw());
    page.coverage.onChange(() => this.draw());
    for (const name of ["dragover", "drop"] as const) document.addEventListener(name, (event) => event.preventDefault()); // a file beside the map does not replace the page
    view.addEventListener("drop", (event) => void this.take([...(event.dataTransfer?.files ?? [])]));
    this.draw();
  }

  count(): string {
    return this.own.length ? `+${this.own.length}` : "";
  }

  private draw(): void {
    const { layers, store, coverage } = this.page;
    const named = (l: Layer): Switch => ({ id: l.id, name: l.title ?? t(l.name), on: layers.shown(l), flip: () => layers.show(l, !layers.shown(l)) });
    const mine = new Set(this.own.map((o) => o.layer));
    const rest = layers.all.filter((l) => !MAP_LAYERS.includes(l.id) && !TOOLS.includes(l.id) && !mine.has(l));
    const groups: [Key, Switch[]][] = [
      ["layer.group.map", MAP_LAYERS.flatMap((id) => layers.all.filter((l) => l.id === id)).map(named)],
      [
        "layer.group.picture",
        [
          { id: "labels", name: t("layer.labels"), on: store.labels, flip: () => ((store.labels = !store.labels), store.tell("settings")) },
          { id: "coverage", name: t("coverage.title"), on: coverage.on, flip: () => coverage.toggle() },
          ...rest.map(named),
        ],
      ],
      ["layer.group.own", this.own.map((o) => named(o.layer))],
    ];
    const now = JSON.stringify([groups, t("panel.layers"), this.own.map((o) => o.about)]);
    if (now === this.drawn) return;
    this.drawn = now;
    const held = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["key"] : undefined;
    put(this.lists, ...groups.flatMap(([title, switches]) => [h("h3", {}, t(title)), ...switches.map((s) => this.row(s))]), h("p.how", {}, t("own.how")), h("button.plain", { click: () => this.file.click() }, t("own.open")));
    if (held) this.element.querySelector<HTMLElement>(`[data-key="${CSS.escape(held)}"]`)?.focus();
  }

  private row({ id, name, on, flip }: Switch): HTMLElement {
    const own = this.own.find((o) => o.layer.id === id);
    const button = h("button.switch", { role: "switch", "aria-checked": String(on), "data-key": id, click: flip }, h("span.sign", { "aria-hidden": "true" }), h("span.name", {}, name));
    if (!own) return h("div.layer", {}, button);
    return h(
      "div.layer",
      {},
      button,
      h("button.more", { "aria-label": t("own.show", name), title: own.about, "data-key": `go ${id}`, click: () => this.scene.base.fit(...own.box) }, "◎"),
      h("button.more", { "aria-label": t("own.remove", name), title: t("own.remove", name), "data-key": `no ${id}`, click: () => this.remove(own) }, "×"),
    );
  }

  private choose(): void {
    const files = [...(this.file.files ?? [])];
    this.file.value = "";
    void this.take(files);
  }

  /** Take files in, and say what became of each. */
  private async take(files: File[]): Promise<void> {
    for (const file of files) {
      const name = file.name.slice(0, 60);
      try {
        if (this.own.length >= OWN_MAX) throw new OwnError("full", String(OWN_MAX));
        const own = /\.pmtiles$/i.test(file.name) ? await this.tiles(file, name) : await this.geojson(file, name);
        this.own.push(own);
        this.page.layers.add(own.layer);
        this.scene.base.fit(...own.box);
        this.page.side.show(this.id);
        this.tell(own.about, false);
      } catch (error) {
        const why = error instanceof OwnError ? t(`own.error.${error.why}`, error.detail) : String(error);
        this.page.side.show(this.id);
        this.tell(t("own.error", name, why), true);
      }
    }
    this.page.side.recount();
  }

  private async geojson(file: File, name: string): Promise<Own> {
    if (file.size > FILE_BYTES_MAX) throw new OwnError("size", String(FILE_BYTES_MAX / 1e6));
    const data = parseOwn(await file.text());
    return { layer: new OwnLayer(`own-${++this.number}`, name, data), box: data.box, about: t("own.took", name, data.features) };
  }

  private async tiles(file: File, name: string): Promise<Own> {
    const { gl } = this.scene.base;
    if (!gl) throw new OwnError("webgl");
    const { ownTiles } = await import("../map/tiles");
    const id = `own-${++this.number}`;
    const tiles = await ownTiles(gl, file, id);
    return { layer: { ...switched(id, "layer.own"), title: name, passing: true }, box: tiles.box, about: t("own.tiles", name), tiles };
  }

  private remove(own: Own): void {
    this.own = this.own.filter((o) => o !== own);
    own.tiles?.remove();
    this.page.layers.remove(own.layer.id);
    this.tell("", false);
    this.page.side.recount();
  }

  private tell(text: string, bad: boolean): void {
    put(this.said, text);
    this.said.classList.toggle("bad", bad);
  }
}
