// The track list: every track there is, filtered and sorted as asked; only the rows that are seen are on the page.

import { h, put, setText } from "../../dom";
import type { Airport } from "../../ground";
import { t, word } from "../../i18n";
import { distanceNm } from "../../near";
import type { Page } from "../../page";
import { Report } from "../report";
import type { Panel } from "../../side";
import { symbol } from "../../symbol";
import { Emergency, Identity, TrackFlag, type PageTracks } from "../../wire";
import { chosen, COLUMNS, type Column, type ColumnId, type Row } from "./columns";
import { compile, plain, type Filter, type Looked, type Place } from "./filter";
import { keyOfBytes, keyOfName, keyOfNumber, ordered } from "./order";
import { Texts } from "./texts";
import { scrolledTo, slice } from "./visible";

const ROW_PX = 25;
const PAGE_ROWS = 15;

/** A row's identity in words, as its symbol says it. */
function identityOf(tracks: PageTracks, row: number): string {
  const name = Object.entries(Identity).find(([, value]) => value === tracks.identity[row])?.[0].toLowerCase() ?? "unknown";
  return tracks.protected[row] === 1 ? `${word("identity", name)}, ${t("track.protected")}` : word("identity", name);
}

interface Line {
  line: HTMLElement;
  cells: HTMLElement[];
  symbol: string;
  at: number;
}

export class TrackList implements Panel {
  readonly id = "tracks";
  readonly name = "panel.tracks";
  readonly element = h("section.list#list");
  private order: ColumnId;
  private descending: boolean;
  private columns: Column[] = [];
  private readonly head = h("div.head", { role: "group" });
  private readonly space = h("div.space", { role: "presentation" });
  private readonly rows = h("div.rows", { role: "listbox", tabindex: 0 });
  private readonly how = h("p.how#list-how");
  private readonly said = h("p.unknown", { role: "status" });
  private readonly filter = h("input.filter", { type: "search", spellcheck: "false", autocomplete: "off", "aria-describedby": "list-how" }) as HTMLInputElement;
  private readonly choose = h("button.choose", { "aria-expanded": "false", "aria-controls": "list-columns" }, "▥");
  private readonly add = h("button.report", {}, "+");
  private readonly menu = h("div.choices#list-columns", { role: "group", hidden: true });
  private counted = "";
  private open = false;
  private active = -1;
  private found: Uint32Array = new Uint32Array(0);
  /** The number of each found row: what the keyboard stays on while rows come and go. */
  private numbers: Uint32Array = new Uint32Array(0);
  private lines: Line[] = [];
  private places: Map<string, Place> | undefined;
  private readonly texts: Texts;
  private compiled: { said: string; filter: Filter } | undefined;

  constructor(private readonly page: Page) {
    const { store, settings, keys } = page;
    this.texts = new Texts(store);
    this.order = (COLUMNS.find((c) => c.id === settings.get("tracks.order", "identity")) ?? COLUMNS[0]!).id;
    this.descending = settings.get("tracks.descending", true);
    put(this.element, h("div.asked", {}, this.filter, this.add, this.choose), this.how, this.menu, this.said, this.head, this.rows);
    this.rows.append(this.space);
    this.filter.addEventListener("input", () => this.refilter());
    this.filter.addEventListener("keydown", (event) => this.leaveFilter(event));
    this.choose.addEventListener("click", () => this.toggleMenu());
    const report = new Report(page);
    this.add.addEventListener("click", () => report.open());
    page.session.on(() => (this.add.hidden = !page.commands.may("track_report")));
    this.add.hidden = !page.commands.may("track_report");
    this.menu.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), this.toggleMenu(false), this.choose.focus()));
    this.rows.addEventListener("keydown", (event) => this.press(event));
    this.rows.addEventListener("scroll", () => this.show(), { passive: true });
    new ResizeObserver(() => this.show()).observe(this.rows);
    store.on("frame", () => this.draw(true));
    for (const topic of ["status", "selection"] as const) store.on(topic, this.show);
    store.on("language", () => this.relabel());
    keys.add({ code: "/", cap: "/", does: "help.filter", run: () => this.find() });
    this.relabel();
  }

  shown(on: boolean): void {
    this.open = on;
    if (on) this.draw();
    else this.texts.clear();
  }

  count(): string {
    return this.counted;
  }

  /** Bring the filter to the front and the keyboard into it. */
  find(): void {
    this.page.side.show(this.id);
    this.filter.focus();
    this.filter.select();
  }

  private relabel(): void {
    this.filter.placeholder = t("tracks.filter");
    this.filter.setAttribute("aria-label", t("tracks.filter"));
    setText(this.how, t("tracks.filter.how"));
    this.rows.ariaLabel = t("panel.tracks"); // with their number once they are counted
    this.head.setAttribute("aria-label", t("tracks.sort"));
    this.add.title = t("report.open");
    this.add.setAttribute("aria-label", t("report.open"));
    this.choose.title = t("tracks.columns");
    this.choose.setAttribute("aria-label", t("tracks.columns"));
    this.menu.setAttribute("aria-label", t("tracks.columns"));
    this.arrange();
    this.draw();
  }

  /** Lay out the columns anew: other ones, another language, another order. */
  private arrange(): void {
    this.columns = chosen(this.page.settings.get("tracks.columns", ""));
    this.element.style.setProperty("--columns", this.columns.map((c) => c.width).join(" "));
    this.lines = [];
    put(this.space);
    const heading = (c: Column): HTMLElement => {
      const mine = c.id === this.order;
      const name = t(c.name);
      const how = mine ? `, ${t(this.descending ? "tracks.falling" : "tracks.rising")}` : "";
      return h(`button${c.right ? ".right" : ""}`, { click: () => this.sortBy(c), "aria-label": (c.head && !name.toLowerCase().includes(t(c.head).toLowerCase()) ? `${name}, ${t(c.head)}` : name) + how, title: name, "aria-pressed": String(mine), "data-column": c.id }, (c.head ? t(c.head) : "◇") + (mine ? (this.descending ? " ▾" : " ▴") : ""));
    };
    const held = document.activeElement instanceof HTMLElement && this.head.contains(document.activeElement) ? document.activeElement.dataset["column"] : undefined;
    put(this.head, ...this.columns.map(heading));
    if (held) this.head.querySelector<HTMLElement>(`[data-column=${held}]`)?.focus();
    if (!this.menu.hidden) this.fillMenu();
  }

  private toggleMenu(open = this.menu.hidden): void {
    this.menu.hidden = !open;
    this.choose.setAttribute("aria-expanded", String(open));
    if (open) this.fillMenu();
  }

  private fillMenu(): void {
    const on = new Set(this.columns.map((c) => c.id));
    const choice = (c: Column): HTMLElement => {
      const box = h("input", { type: "checkbox", checked: on.has(c.id), "data-column": c.id }) as HTMLInputElement;
      box.addEventListener("change", () => {
        const ids = COLUMNS.filter((other) => (other.id === c.id ? box.checked : on.has(other.id))).map((other) => other.id);
        this.page.settings.set("tracks.columns", ids.join());
        this.arrange();
        this.draw();
        this.menu.querySelector<HTMLElement>(`[data-column=${c.id}]`)?.focus();
      });
      return h("label", {}, box, t(c.name));
    };
    put(this.menu, ...COLUMNS.filter((c) => c.shown !== "always").map(choice));
  }

  private sortBy(column: Column): void {
    this.descending = this.order === column.id ? !this.descending : column.falling;
    this.order = column.id;
    this.page.settings.set("tracks.order", column.id);
    this.page.settings.set("tracks.descending", this.descending);
    this.arrange();
    this.draw();
  }

  private refilter(): void {
    this.active = -1;
    this.rows.scrollTop = 0;
    this.draw();
  }

  private leaveFilter(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    event.preventDefault();
    this.rows.focus();
    this.activate(0);
    if (event.key === "Enter" && this.found.length === 1) this.chooseActive();
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return; // with shift they move the label
    const last = this.found.length - 1;
    const by: Record<string, number> = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + PAGE_ROWS, PageUp: this.active - PAGE_ROWS, Home: 0, End: last };
    const to = by[event.key];
    if (to !== undefined) this.activate(Math.max(0, Math.min(last, to)));
    else if (event.key === "Enter" || event.key === " ") this.chooseActive();
    else return;
    event.preventDefault();
    event.stopPropagation(); // arrows here are not the map's
  }

  private activate(at: number): void {
    if (!this.found.length) return;
    this.active = at;
    this.rows.scrollTop = scrolledTo(at, ROW_PX, this.rows.scrollTop, this.rows.clientHeight);
    this.show();
  }

  private chooseActive(): void {
    const row = this.found[this.active];
    const number = row === undefined ? undefined : this.page.store.tracks?.number[row];
    if (number !== undefined) this.page.choose(number);
  }

  private placeOf(name: string): Place | undefined {
    if (!this.places) {
      this.places = new Map();
      void fetch("/api/places")
        .then((answer) => answer.json() as Promise<{ airports: Airport[] }>)
        .then(({ airports }) => {
          for (const [code, called, lat, lon, rank] of [...airports].reverse()) {
            const place: Place = [lat, lon];
            this.places!.set(plain(code), place);
            if (rank < 3 || !this.places!.has(plain(called).replaceAll(" ", ""))) this.places!.set(plain(called).replaceAll(" ", ""), place);
          }
          this.compiled = undefined;
          this.draw();
        })
        .catch(() => undefined);
    }
    const sensor = this.page.store.status?.sensors.find((s) => plain(s.id) === name || plain(s.name) === name);
    if (sensor && sensor.lat !== null && sensor.lon !== null) return [sensor.lat, sensor.lon];
    return this.places.get(name.replaceAll(" ", ""));
  }

  private filterOf(said: string): Filter {
    if (this.compiled?.said !== said) this.compiled = { said, filter: compile(said, this.page.store, (name) => this.placeOf(name)) };
    return this.compiled.filter;
  }

  private select(tracks: PageTracks, distance: (row: number) => number): { all: number; rows: Uint32Array } {
    const { store } = this.page;
    const filter = this.filterOf(this.filter.value);
    setText(this.said, filter.unknown.length ? t("tracks.unknown", filter.unknown.join(" ")) : "");
    this.texts.tidy(tracks.rows);
    const rows = new Uint32Array(tracks.rows);
    let all = 0;
    let n = 0;
    const at: Looked = { tracks, row: 0, text: () => this.texts.of(tracks, at.row), alerted: false, distance: () => distance(at.row) };
    for (let i = 0; i < tracks.rows; i++) {
      if (!filter.tentative && !(tracks.flags[i]! & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM))) continue;
      all += 1;
      if (filter.test) {
        at.row = i;
        at.alerted = store.alerted.has(tracks.number[i]!);
        if (!filter.test(at)) continue;
      }
      rows[n++] = i;
    }
    return { all, rows: rows.subarray(0, n) };
  }

  private at(tracks: PageTracks): Row {
    const site = this.page.store.hello?.site;
    const [lat, lon] = [site?.lat ?? NaN, site?.lon ?? NaN];
    return { store: this.page.store, tracks, row: 0, distance: (row) => distanceNm(tracks.lat_deg[row]!, tracks.lon_deg[row]!, lat, lon) };
  }

  /** paced: the rows may wait for a frame of their own. */
  draw(paced = false): void {
    const { tracks } = this.page.store;
    if (!tracks || !this.open || document.hidden) return;
    const at = this.at(tracks);
    const { all, rows } = this.select(tracks, at.distance);
    const column = COLUMNS.find((c) => c.id === this.order)!;
    const name = (row: number): string => this.page.store.nameOf(row);
    const held = this.active < 0 ? undefined : this.numbers[this.active];
    this.found =
      column.id === "name"
        ? ordered(rows, (row) => (tracks.callsign[8 * row] ? keyOfBytes(tracks.callsign, 8, row, this.descending) : keyOfName(name(row), this.descending)), name, this.descending)
        : ordered(rows, (row) => ((at.row = row), keyOfNumber(column.key(at), this.descending)));
    this.follow(held);
    this.counted = rows.length === all ? String(all) : `${rows.length}/${all}`;
    const label = `${t("panel.tracks")}: ${t("tracks.shown", rows.length, all)}`;
    if (this.rows.ariaLabel !== label) this.rows.ariaLabel = label;
    this.page.side.recount();
    this.space.style.height = `${this.found.length * ROW_PX}px`;
    this.rows.classList.toggle("none", rows.length === 0);
    this.rows.dataset["none"] = t("tracks.none");
    if (paced && this.page.store.pace) this.page.store.pace(this.show);
    else this.show();
  }

  /** Keep the keyboard on the track it was on, wherever the order has put it. */
  private follow(number: number | undefined): void {
    const { tracks } = this.page.store;
    const { found } = this;
    this.numbers = new Uint32Array(found.length);
    for (let i = 0; i < found.length; i++) this.numbers[i] = tracks?.number[found[i]!] ?? 0;
    if (number === undefined) return;
    const at = this.numbers.indexOf(number);
    this.active = at >= 0 ? at : Math.min(this.active, this.found.length - 1);
  }

  /** Put the rows that are seen on the page. */
  private readonly show = (): void => {
    const { tracks } = this.page.store;
    if (!tracks || !this.open) return;
    const { from, to } = slice(this.found.length, ROW_PX, this.rows.scrollTop, this.rows.clientHeight);
    while (this.lines.length < to - from) this.addLine();
    const at = this.at(tracks);
    let active = "";
    this.lines.forEach((line, k) => {
      const place = from + k;
      const gone = place >= to;
      if (line.line.hidden !== gone) line.line.hidden = gone;
      if (gone) return;
      at.row = this.found[place]!;
      if (at.row >= tracks.rows) return;
      this.fill(line, place, at);
      if (place === this.active) active = line.line.id;
    });
    if (active) this.rows.setAttribute("aria-activedescendant", active);
    else this.rows.removeAttribute("aria-activedescendant");
  };

  private addLine(): void {
    const cells = this.columns.map((c) => h(`span.${c.id === "identity" ? "icon" : c.id}${c.right ? ".right" : ""}`));
    const entry: Line = { line: h(`div.row#track-row-${this.lines.length}`, { role: "option" }, ...cells), cells, symbol: "", at: 0 };
    entry.line.addEventListener("click", () => {
      this.active = entry.at;
      this.chooseActive();
    });
    this.lines.push(entry);
    this.space.append(entry.line);
  }

  private fill(entry: Line, place: number, at: Row): void {
    const { store } = this.page;
    const { tracks, row } = at;
    const number = tracks.number[row]!;
    entry.at = place;
    const move = `translateY(${place * ROW_PX}px)`;
    if (entry.line.style.transform !== move) entry.line.style.transform = move;
    this.columns.forEach((column, k) => {
      const cell = entry.cells[k]!;
      if (column.id !== "identity") return setText(cell, column.text(at));
      const key = `${tracks.identity[row]}${tracks.protected[row]}`;
      if (entry.symbol === key) return;
      entry.symbol = key;
      cell.setAttribute("role", "img");
      cell.setAttribute("aria-label", identityOf(tracks, row));
      put(cell, symbol(tracks.identity[row]!, tracks.protected[row] === 1));
    });
    const severity = tracks.emergency[row] !== Emergency.NONE ? 3 : (store.alerted.get(number) ?? 0);
    const mine = number === store.selected;
    const names = `row${mine ? " selected" : ""}${place === this.active ? " active" : ""}${tracks.flags[row]! & TrackFlag.COASTING ? " coasting" : ""}${severity > 1 ? ` severity${severity}` : ""}`;
    if (entry.line.className !== names) entry.line.className = names;
    const selected = String(mine);
    if (entry.line.getAttribute("aria-selected") !== selected) entry.line.setAttribute("aria-selected", selected);
    if (entry.line.getAttribute("aria-posinset") !== String(place + 1)) entry.line.setAttribute("aria-posinset", String(place + 1));
    if (entry.line.getAttribute("aria-setsize") !== String(this.found.length)) entry.line.setAttribute("aria-setsize", String(this.found.length));
  }
}
