// Closing airspace: the risk in words, one click to close, every station's acknowledgement on the clock, and the reopening.

import type { Airspace, Closure, Station } from "../airspace/model";
import { wordsOf, type Orders } from "../airspace/orders";
import { h, put, setText } from "../dom";
import { clockTime } from "../format";
import { t } from "../i18n";
import type { Page } from "../page";

const REOPENED_SHOWN = 5;

/** "1:07" of seconds. */
export const waitedText = (s: number): string => `${Math.floor(Math.max(0, s) / 60)}:${String(Math.floor(Math.max(0, s)) % 60).padStart(2, "0")}`;

/** How long a station has waited to acknowledge, now; and whether that is too long. */
export function waited(closure: Closure, station: Station, now_s: number, limit_s: number): { seconds: number; late: boolean } {
  if (station.acknowledged !== null || closure.state !== "closed" || !closure.closed) return { seconds: station.waited_s ?? 0, late: station.overdue };
  const seconds = Math.max(station.waited_s ?? 0, now_s - closure.closed.time);
  return { seconds, late: station.overdue || seconds > limit_s };
}

/** What the strip and the panel share: the stations of a closure, each with its time and a button. */
class Stations {
  private readonly rows = new Map<string, { element: HTMLElement; time: HTMLElement; button: HTMLButtonElement }>();
  readonly element = h("ul.stations");

  constructor(
    private readonly id: string,
    private readonly acknowledge: ((id: string, station: string) => void) | undefined,
  ) {}

  draw(closure: Closure, now_s: number, limit_s: number, onlyWaiting: boolean): void {
    const rows = closure.stations.filter((s) => !onlyWaiting || s.acknowledged === null);
    const wanted = rows.map((s) => this.row(s.station).element);
    if (wanted.length !== this.element.children.length || wanted.some((e, i) => this.element.children[i] !== e)) put(this.element, ...wanted);
    for (const s of rows) {
      const { element, time, button } = this.row(s.station);
      const { seconds, late } = waited(closure, s, now_s, limit_s);
      const done = s.acknowledged !== null;
      element.className = done ? "done" : late ? "late" : "waits";
      setText(time, done ? t("airspace.station.done", clockTime(s.acknowledged), s.by ?? "?", waitedText(seconds)) : t(late ? "airspace.station.late" : "airspace.station.waits", waitedText(seconds)));
      button.hidden = done || closure.state !== "closed" || !this.acknowledge;
    }
  }

  private row(station: string): { element: HTMLElement; time: HTMLElement; button: HTMLButtonElement } {
    let row = this.rows.get(station);
    if (!row) {
      const time = h("span.time");
      const button = h("button.acknowledge", { type: "button", "data-station": station, "aria-label": t("airspace.acknowledge.of", station), click: () => this.acknowledge?.(this.id, station) }, t("button.acknowledge")) as HTMLButtonElement;
      row = { element: h("li", { "data-station": station }, h("b", {}, station), time, button), time, button };
      this.rows.set(station, row);
    }
    return row;
  }
}

interface Card {
  key: string;
  element: HTMLElement;
  stations: Stations;
}

class Board {
  protected readonly cards = new Map<string, Card>();

  constructor(
    protected readonly page: Page,
    protected readonly airspace: Airspace,
    protected readonly orders: Orders,
  ) {}

  protected get now_s(): number {
    return this.page.store.clock.now(performance.now()) ?? this.page.store.status?.time ?? 0;
  }

  protected names(closure: Closure): string {
    return closure.volumes.map((id) => this.airspace.at(id)?.name ?? id).join(", ");
  }

  protected try(work: Promise<void>): void {
    work.catch((error: unknown) => this.page.say(wordsOf(error), "bad"));
  }

  protected stationsOf(id: string): Stations {
    return new Stations(id, this.orders.mayClose("acknowledge") ? (c, s) => this.try(this.orders.acknowledge(c, s)) : undefined);
  }
}

/** The section of the tab. */
export class Closures extends Board {
  readonly element = h("section.closures");
  private readonly text = h("textarea", { name: "risk", rows: 2, maxlength: 400 }) as HTMLTextAreaElement;
  private readonly of = h("p.empty");
  private readonly note = h("button.plain.note", { type: "button", click: () => this.begin(false) }) as HTMLButtonElement;
  private readonly closeNow = h("button.plain.close-now", { type: "button", click: () => this.begin(true) }) as HTMLButtonElement;
  private readonly form = h("details.risk", {}, h("summary"), this.text, this.of, h("div.buttons", {}, this.note, this.closeNow));
  private readonly list = h("div.cards");
  private order = "";

  constructor(
    page: Page,
    airspace: Airspace,
    orders: Orders,
    private readonly ticked: () => ReadonlySet<string>,
  ) {
    super(page, airspace, orders);
    put(this.element, this.form, this.list);
    this.text.addEventListener("input", () => this.draw());
    for (const again of [(f: () => void) => page.session.on(f), (f: () => void) => page.store.on("language", f)]) {
      again(() => {
        this.cards.clear();
        this.order = "";
        this.draw();
      });
    }
    setInterval(() => this.clocks(), 1000);
  }

  draw(): void {
    const { orders, airspace } = this;
    const chosen = [...this.ticked()].filter((id) => airspace.at(id));
    this.form.hidden = !orders.mayClose("note");
    setText(this.form.querySelector("summary")!, t("airspace.closure.begin"));
    this.text.placeholder = t("airspace.closure.risk");
    this.text.setAttribute("aria-label", t("airspace.closure.risk"));
    setText(this.of, chosen.length ? t("airspace.closure.of", chosen.map((id) => airspace.at(id)!.name).join(", ")) : t("airspace.closure.tick"));
    setText(this.note, t("airspace.closure.note"));
    setText(this.closeNow, t("airspace.closure.closenow"));
    this.note.disabled = this.closeNow.disabled = !chosen.length || !this.text.value.trim();
    this.closeNow.hidden = !orders.mayClose("close");
    const shown = [...airspace.closures.filter((c) => c.state !== "reopened").reverse(), ...airspace.closures.filter((c) => c.state === "reopened").slice(-REOPENED_SHOWN).reverse()];
    for (const c of shown) {
      const key = `${c.state} ${this.names(c)} ${c.text}`;
      if (this.cards.get(c.id)?.key !== key) this.cards.set(c.id, this.card(c, key));
    }
    const order = shown.map((c) => `${c.id} ${c.state}`).join("\n");
    if (order !== this.order) {
      this.order = order;
      put(this.list, ...shown.map((c) => this.cards.get(c.id)!.element));
    }
    this.clocks();
  }

  private clocks(): void {
    for (const c of this.airspace.closures) this.cards.get(c.id)?.stations.draw(c, this.now_s, this.airspace.acknowledge_s, false);
  }

  private begin(close: boolean): void {
    const volumes = [...this.ticked()].filter((id) => this.airspace.at(id));
    const work = this.orders.note(this.text.value.trim(), volumes, close).then(() => {
      this.text.value = "";
      this.draw();
    });
    this.try(work);
  }

  private card(c: Closure, key: string): Card {
    const { orders } = this;
    const stations = this.stationsOf(c.id);
    const step = (words: "noted" | "closed" | "reopened"): string | false => c[words] !== null && t(`airspace.closure.${words}`, clockTime(c[words].time), c[words].by);
    const button = (op: "close" | "reopen", words: string, spec: string): HTMLElement | false => orders.mayClose(op) && h(`button.${spec}`, { type: "button", click: () => this.try(orders.closure(op, c.id, c.text)) }, words);
    const element = h(
      `article.closure.${c.state}`,
      { "data-closure": c.id },
      h("header", {}, h("b.state", {}, t(`airspace.closure.state.${c.state}`)), h("span.id", {}, c.id)),
      h("p", {}, c.text),
      h("p.empty", {}, this.names(c)),
      h("p.empty", {}, [step("noted"), step("closed"), step("reopened")].filter(Boolean).join(" · ")),
      stations.element,
      h("div.buttons", {}, c.state === "noted" && button("close", t("airspace.closure.close"), "go.close"), c.state === "closed" && button("reopen", t("airspace.closure.reopen"), "plain.reopen")),
    );
    return { key, element, stations };
  }
}

/** A strip under the header while stations have still to acknowledge a closure: it covers nothing, and it stays. */
export class ClosureStrip extends Board {
  readonly element = h("section#closures", { hidden: true });

  constructor(page: Page, airspace: Airspace, orders: Orders) {
    super(page, airspace, orders);
    airspace.on(() => this.draw());
    for (const on of [() => this.forget()]) {
      page.store.on("language", on);
      page.session.on(on);
    }
    setInterval(() => this.draw(), 1000);
  }

  private forget(): void {
    this.cards.clear();
    put(this.element);
    this.draw();
  }

  private draw(): void {
    const waiting = this.airspace.waiting;
    this.element.hidden = waiting.length === 0;
    this.element.setAttribute("aria-label", t("airspace.strip"));
    const wanted = waiting.map((c) => {
      let card = this.cards.get(c.id);
      if (!card) {
        const stations = this.stationsOf(c.id);
        const element = h("div.strip", { role: "alert", "data-closure": c.id }, h("b", {}, t("airspace.strip.closed")), h("button.what", { type: "button", click: () => this.page.side.show("airspace") }, `${this.names(c)}: ${c.text}`), stations.element);
        this.cards.set(c.id, (card = { key: "", element, stations }));
      }
      card.stations.draw(c, this.now_s, this.airspace.acknowledge_s, true);
      card.element.classList.toggle("late", c.stations.some((s) => s.acknowledged === null && waited(c, s, this.now_s, this.airspace.acknowledge_s).late));
      return card.element;
    });
    if (wanted.length !== this.element.children.length || wanted.some((e, i) => this.element.children[i] !== e)) put(this.element, ...wanted);
  }
}
