// The tab of the airspace: what there is, filtered; activated, changed and removed by who may; drawn anew; closed and opened again.

import type { AirspaceLayer } from "../airspace/layer";
import { Draft, type DraftType } from "../airspace/draft";
import type { Editor } from "../airspace/editor";
import { VolumeForm } from "../airspace/form";
import type { Airspace } from "../airspace/model";
import { wordsOf, type Orders } from "../airspace/orders";
import { heights, KINDS, kindWords, type Kind, type Volume } from "../airspace/volume";
import { h, put, setText } from "../dom";
import { t } from "../i18n";
import type { Page } from "../page";
import type { Panel } from "../side";

const SHOWN_MAX = 150;
const TYPES: readonly DraftType[] = ["polygon", "circle", "corridor"];

interface Row {
  element: HTMLElement;
  draw(v: Volume, active: boolean, by: string | undefined): void;
}

export interface Parts {
  airspace: Airspace;
  orders: Orders;
  layer: AirspaceLayer | undefined;
  editor: Editor | undefined;
  /** The sections under the list. */
  closures: { element: HTMLElement; draw(): void };
  log: { element: HTMLElement; draw(): void };
  openFiles(): void;
  openRules(): void;
}

export class AirspacePanel implements Panel {
  readonly id = "airspace";
  readonly name = "panel.airspace";
  readonly element = h("section#airspace.scroll");
  /** The volumes that are ticked, for a closure or an export. */
  readonly ticked = new Set<string>();
  private readonly tools = h("div.tools");
  private readonly chips = h("div.chips", { role: "group" });
  private readonly filter = h("input", { type: "search", autocomplete: "off", spellcheck: "false" }) as HTMLInputElement;
  private readonly state = h("select") as HTMLSelectElement;
  private readonly found = h("p.empty");
  private readonly list = h("ul.volumes");
  private readonly body = h("div.overview");
  private readonly edit = h("div.edit", { hidden: true });
  private readonly rows = new Map<string, Row>();
  private readonly tickListeners: (() => void)[] = [];
  private order = "";
  private form: VolumeForm | undefined;

  constructor(
    private readonly page: Page,
    private readonly parts: Parts,
  ) {
    put(this.body, this.tools, parts.closures.element, h("div.filters", {}, this.filter, this.state), this.chips, this.found, this.list, parts.log.element);
    put(this.element, this.edit, this.body);
    this.filter.addEventListener("input", () => this.draw());
    this.state.addEventListener("change", () => this.draw());
    parts.airspace.on(() => this.draw());
    page.session.on(() => this.redraw());
    page.store.on("language", () => this.redraw());
    this.redraw();
  }

  onTick(listener: () => void): void {
    this.tickListeners.push(listener);
  }

  count(): string {
    const { active } = this.parts.airspace;
    return active.length ? `${active.filter(Boolean).length}/${active.length}` : "";
  }

  /** Bring a volume into the list's sight. */
  choose(id: string, go: boolean): void {
    const { layer } = this.parts;
    if (layer) layer.chosen = layer.chosen === id && !go ? "" : id;
    if (go) this.goTo(id);
    this.page.layers.changed();
    this.draw();
    this.rows.get(id)?.element.scrollIntoView({ block: "nearest" });
  }

  /** Begin a new volume. */
  begin(type: DraftType): void {
    this.open(new Draft(type), undefined);
  }

  get editing(): boolean {
    return this.form !== undefined;
  }

  private goTo(id: string): void {
    const box = this.parts.layer?.box(id);
    if (box) this.page.scene?.base.fit(...box);
  }

  private open(draft: Draft, old: Volume | undefined): void {
    const { editor, layer, orders } = this.parts;
    const held = old && orders.held(old.id);
    const events = {
      save: async (id: string, tree: Record<string, unknown>, active: boolean | undefined): Promise<void> => {
        await orders.put(id, tree, active);
        this.close();
        this.page.say(t(active ? "airspace.said.active" : "airspace.said.put", String(tree["name"])));
      },
      cancel: () => this.close(),
      draw: () => editor?.begin(draft, () => form.focus()),
    };
    const form = new VolumeForm(draft, old, held, orders.idFor, events, editor?.said ?? h("p"));
    this.form = form;
    put(this.edit, form.element);
    this.edit.hidden = false;
    this.body.hidden = true;
    if (layer) layer.hidden = old?.id ?? "";
    if (old) this.goTo(old.id);
    this.page.side.show(this.id);
    editor?.begin(draft, () => form.focus());
    if (!editor || draft.complete) form.focus();
  }

  private close(): void {
    const { editor, layer } = this.parts;
    this.form = undefined;
    if (layer) layer.hidden = "";
    editor?.stop();
    if (editor) editor.draft = undefined;
    put(this.edit);
    this.edit.hidden = true;
    this.body.hidden = false;
    this.page.layers.changed();
    this.tools.querySelector("button")?.focus();
  }

  /** Write everything anew, in the language and with the rights of now. */
  private redraw(): void {
    const { orders, editor } = this.parts;
    const may = orders.mayChange;
    const button = (spec: string, words: string, click: () => void): HTMLElement => h(`button.plain${spec}`, { type: "button", click }, words);
    put(
      this.tools,
      ...(may && editor ? [h("span.label", {}, t("airspace.draw")), ...TYPES.map((type) => button(`.draw-${type}`, t(`airspace.shape.${type}`), () => this.begin(type)))] : []),
      button(".files", t("airspace.files"), () => this.parts.openFiles()),
      button(".rules", t("airspace.rules"), () => this.parts.openRules()),
    );
    this.filter.placeholder = t("airspace.filter");
    this.filter.setAttribute("aria-label", t("airspace.filter"));
    const kept = this.state.value || "all";
    put(this.state, ...(["all", "active", "inactive", "hand"] as const).map((s) => h("option", { value: s }, t(`airspace.state.${s}`))));
    this.state.value = kept;
    this.state.setAttribute("aria-label", t("airspace.state"));
    this.chips.setAttribute("aria-label", t("airspace.kinds"));
    this.rows.clear();
    this.order = "";
    put(this.chips);
    this.draw();
  }

  private draw(): void {
    this.page.side.recount();
    this.parts.closures.draw();
    this.parts.log.draw();
    this.drawChips();
    const { airspace } = this.parts;
    const found = airspace.volumes.filter((v, row) => this.wanted(v, airspace.active[row] ?? false));
    const shown = found.slice(0, SHOWN_MAX);
    setText(this.found, airspace.volumes.length === 0 ? t(airspace.known ? "airspace.none" : "airspace.asking") : t("airspace.shown", shown.length, found.length, airspace.volumes.length));
    for (const v of shown) {
      let row = this.rows.get(v.id);
      if (!row) this.rows.set(v.id, (row = this.row(v.id)));
      row.draw(v, airspace.isActive(v.id), airspace.byHand[v.id]);
    }
    const order = shown.map((v) => v.id).join("\n");
    if (order === this.order) return;
    this.order = order;
    const active = document.activeElement;
    const inside = active instanceof HTMLElement && this.list.contains(active);
    put(this.list, ...shown.map((v) => this.rows.get(v.id)!.element));
    for (const id of [...this.rows.keys()]) if (!shown.some((v) => v.id === id)) this.rows.delete(id);
    if (inside) (active.isConnected ? active : this.filter).focus({ preventScroll: true });
  }

  private wanted(v: Volume, active: boolean): boolean {
    const words = this.filter.value.trim().toLowerCase();
    const state = this.state.value;
    if (!this.page.settings.get(`airspace.kind.${v.kind}`, true)) return false;
    if (state === "active" ? !active : state === "inactive" ? active : state === "hand" && this.parts.airspace.byHand[v.id] === undefined) return false;
    return !words || `${v.name} ${v.id} ${kindWords(v.kind)} ${v.country}`.toLowerCase().includes(words);
  }

  /** One switch a kind, for list and map alike; made once. */
  private drawChips(): void {
    const counts = new Map<Kind, number>();
    for (const v of this.parts.airspace.volumes) counts.set(v.kind, (counts.get(v.kind) ?? 0) + 1);
    const there = KINDS.filter((k) => counts.has(k));
    if (this.chips.dataset["of"] !== there.join()) this.chips.replaceChildren(...there.map((k) => this.chip(k)), ...(there.length ? [this.chip("inactive")] : []));
    this.chips.dataset["of"] = there.join();
    for (const chip of this.chips.querySelectorAll<HTMLElement>("button")) {
      const kind = chip.dataset["kind"]!;
      chip.setAttribute("aria-pressed", String(this.page.settings.get(this.switchOf(kind), true)));
      const n = kind === "inactive" ? this.parts.airspace.active.filter((a) => !a).length : (counts.get(kind as Kind) ?? 0);
      setText(chip.querySelector(".n")!, String(n));
    }
  }

  private switchOf(kind: string): string {
    return kind === "inactive" ? "airspace.inactive" : `airspace.kind.${kind}`;
  }

  private chip(kind: Kind | "inactive"): HTMLElement {
    const key = this.switchOf(kind);
    const toggle = (): void => {
      this.page.settings.set(key, !this.page.settings.get(key, true));
      this.parts.layer?.forget();
      this.page.layers.changed();
      this.draw();
    };
    return h(`button.chip.kind-${kind.replace("_", "-")}`, { type: "button", "data-kind": kind, click: toggle }, h("span.line", { "aria-hidden": "true" }), kind === "inactive" ? t("airspace.inactive") : kindWords(kind), h("span.n"));
  }

  private row(id: string): Row {
    const { orders, airspace } = this.parts;
    const may = orders.mayChange;
    const act = (work: (v: Volume) => Promise<void>) => (): void => {
      const v = airspace.at(id);
      if (v) work(v).catch((error: unknown) => this.page.say(wordsOf(error), "bad"));
    };
    const tick = h("input", { type: "checkbox", change: () => this.tick(id, tick.checked) }) as HTMLInputElement;
    tick.checked = this.ticked.has(id);
    const [name, where, state] = [h("b"), h("span.where"), h("span.state")];
    const go = h("button.go-to", { type: "button", click: () => this.choose(id, true) }, name, where, state);
    const toggle = h("button.toggle", { type: "button", click: act((v) => orders.toggle(v, !airspace.isActive(id))) });
    const edit = h("button.edit", { type: "button", click: () => this.change(id) }, "✎");
    const remove = h("button.remove", { type: "button", click: act((v) => this.remove(v)) }, "×");
    const element = h("li.volume", { "data-volume": id }, tick, go, may ? h("span.acts", {}, toggle, edit, remove) : null);
    return {
      element,
      draw: (v, active, by) => {
        setText(name, v.name);
        setText(where, `${kindWords(v.kind)} · ${heights(v)}`);
        setText(state, by ? t(active ? "airspace.active.by" : "airspace.inactive.by", by) : t(active ? "airspace.active" : "airspace.inactive"));
        setText(toggle, t(active ? "airspace.deactivate" : "airspace.activate"));
        element.className = `volume kind-${v.kind.replace("_", "-")} ${active ? "on" : "off"}${this.parts.layer?.chosen === id ? " chosen" : ""}`;
        for (const [button, key] of [[toggle, active ? "airspace.deactivate.of" : "airspace.activate.of"], [edit, "airspace.edit.of"], [remove, "airspace.remove.of"], [tick, "airspace.tick.of"]] as const) {
          button.setAttribute("aria-label", t(key, v.name));
          button.title = t(key, v.name);
        }
      },
    };
  }

  private tick(id: string, on: boolean): void {
    if (on) this.ticked.add(id);
    else this.ticked.delete(id);
    for (const listener of this.tickListeners) listener();
  }

  private async remove(v: Volume): Promise<void> {
    await this.parts.orders.remove(v);
    this.page.say(t("airspace.said.removed", v.name));
  }

  private change(id: string): void {
    const v = this.parts.airspace.at(id);
    if (v) this.open(Draft.of(v.shape), v);
  }
}
