// A track's own page over the map: what it is and why, its profile, its plots, its names, and what may be done about it.

import { h, put, setText } from "../../dom";
import { t, word } from "../../i18n";
import type { Page } from "../../page";
import { symbol } from "../../symbol";
import { Identity } from "../../wire";
import { Actions } from "./actions";
import { Names } from "./names";
import { Now } from "./now";
import type { Part, Seen } from "./part";
import { Plots } from "./plots";
import { ProfileChart } from "./profile";
import { explain, past, type Explanation, type Past } from "./told";

const REFRESH_MS = 2000;
const PAST_EVERY = 2; // of those

export class TrackPanel {
  private why: Explanation | undefined;
  private past: Past | undefined;
  private asking = false;
  private asked = 0;
  // Made once: a button that is made anew between press and release loses its click.
  private readonly close = h("button.close", {}, "×");
  private readonly centre = h("button.centre");
  private readonly follow = h("button.follow");
  private readonly act = h("button.act");
  private readonly icon = h("span.icon");
  private readonly title = h("b.name");
  private readonly number = h("span.number");
  private readonly identity = h("p.identity");
  private readonly gone = h("p.empty");
  private readonly then = h("p.note");
  private readonly tabs = h("div.tabs", { role: "tablist" });
  private readonly parts: Part[] = [new Now(), new ProfileChart(), new Plots(), new Names()];
  private open: Part = this.parts[0]!;
  private headed = "";
  private readonly actions: Actions;

  constructor(
    private readonly element: HTMLElement,
    private readonly page: Page,
    follow: () => void,
  ) {
    const { store, commands } = page;
    this.actions = new Actions(page, () => this.why);
    this.close.addEventListener("click", () => store.select(undefined));
    this.centre.addEventListener("click", () => store.selected !== undefined && page.scene?.centreOn(store.selected));
    this.follow.addEventListener("click", follow);
    this.act.addEventListener("click", () => this.work());
    this.tabs.addEventListener("keydown", (event) => this.step(event));
    element.setAttribute("role", "region");
    for (const part of this.parts) {
      part.element.id = `track-part-${part.id}`;
      part.element.setAttribute("role", "tabpanel");
      part.element.setAttribute("aria-labelledby", `track-tab-${part.id}`);
    }
    const buttons = this.parts.map((p) => h(`button.tab#track-tab-${p.id}`, { role: "tab", "aria-controls": p.element.id, click: () => this.show(p) }));
    put(this.tabs, ...buttons);
    put(element, h("header", {}, this.icon, this.title, this.number, this.close), this.identity, this.gone, this.then, this.tabs, ...this.parts.map((p) => p.element), h("footer", {}, this.centre, this.follow, this.act));
    store.on("selection", () => {
      this.why = this.past = undefined;
      this.draw();
      void this.ask(true);
    });
    store.on("past", () => {
      if (store.past) this.why = this.past = undefined;
    });
    store.on("frame", () => this.draw());
    store.on("settings", () => this.draw());
    store.on("language", () => {
      this.headed = "";
      this.draw();
      void this.ask();
    });
    page.session.on(() => this.draw());
    commands.on(() => void this.ask());
    page.keys.add({ code: "KeyI", cap: "I", does: "help.act", run: () => this.work(), when: () => store.selected !== undefined && this.actions.any() });
    setInterval(() => void this.ask(), REFRESH_MS);
  }

  private work(): void {
    const { selected } = this.page.store;
    if (selected !== undefined && this.actions.any()) void this.actions.open(selected);
  }

  private async ask(withPast = false): Promise<void> {
    const number = this.page.store.selected;
    if (number === undefined || this.asking || document.hidden || this.page.store.past) return; // the server explains what is now
    this.asking = true;
    const here = this.page.store.rows.has(number); // of one that is gone only its past is known
    const wanted = this.open.needsPast && (withPast || !this.past || ++this.asked % PAST_EVERY === 0);
    const [why, told] = await Promise.all([here ? explain(number) : undefined, wanted ? past(number) : undefined]);
    this.asking = false;
    if (this.page.store.selected === number && !this.page.store.past) {
      this.why = why ?? this.why;
      this.past = told ?? this.past;
    }
    this.draw();
    if (this.page.store.selected !== undefined && this.page.store.selected !== number) void this.ask(true);
  }

  private show(part: Part): void {
    this.open = part;
    this.draw();
    if (part.needsPast && !this.past) void this.ask(true);
  }

  private step(event: KeyboardEvent): void {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const n = this.parts.length;
    this.show(this.parts[(this.parts.indexOf(this.open) + by + n) % n]!);
    document.getElementById(`track-tab-${this.open.id}`)?.focus();
  }

  private draw(): void {
    const { store } = this.page;
    const number = store.selected;
    this.element.hidden = number === undefined;
    if (number === undefined) return;
    const row = store.tracks ? store.rows.get(number) : undefined;
    this.head(number, row);
    const now = store.clock.now(performance.now()) ?? store.status?.time ?? 0;
    const seen: Seen = { store, number, row, why: this.why, past: this.past, now };
    setText(this.gone, t(store.past ? "past.nosuch" : "track.gone"));
    setText(this.then, t("past.noreasons"));
    this.then.hidden = row === undefined || !store.past;
    this.gone.hidden = row !== undefined;
    for (const part of this.parts) {
      const on = part === this.open;
      part.element.hidden = !on || (row === undefined && !part.needsPast);
      const tab = document.getElementById(`track-tab-${part.id}`)!;
      setText(tab, t(part.name));
      tab.setAttribute("aria-selected", String(on));
      tab.classList.toggle("chosen", on);
      tab.tabIndex = on ? 0 : -1;
      if (!part.element.hidden) part.draw(seen);
    }
    setText(this.centre, t("button.centre"));
    setText(this.follow, t("button.follow"));
    setText(this.act, t("button.act"));
    this.act.hidden = !this.actions.any();
    this.follow.classList.toggle("chosen", store.following);
    this.follow.setAttribute("aria-pressed", String(store.following));
    this.centre.hidden = this.follow.hidden = row === undefined || this.page.scene === undefined;
  }

  private head(number: number, row: number | undefined): void {
    const { store } = this.page;
    const { tracks } = store;
    const here = row !== undefined && tracks !== undefined;
    const name = here ? store.nameOf(row) : `#${number}`;
    const value = here ? tracks.identity[row]! : -1;
    const word_ = Object.entries(Identity).find(([, v]) => v === value)?.[0].toLowerCase() ?? "unknown";
    const headed = [name, number, value, here && tracks.protected[row], here && tracks.confidence_pct[row], here && tracks.civil[row]].join();
    if (headed === this.headed) return;
    this.headed = headed;
    this.element.setAttribute("aria-label", t("track.page", name));
    this.tabs.setAttribute("aria-label", t("track.page", name));
    this.close.title = t("button.close");
    this.close.setAttribute("aria-label", t("button.close"));
    put(this.icon, here && symbol(value, tracks.protected[row] === 1, 22));
    setText(this.title, name);
    setText(this.number, name === `#${number}` ? "" : `#${number}`);
    this.identity.hidden = !here;
    if (here) put(this.identity, h(`b.${word_}`, {}, word("identity", word_)), ` · ${t("track.confidence", tracks.confidence_pct[row]!)}`, tracks.civil[row] === 1 && ` · ${t("track.civil")}`);
  }
}
