// The track list: sortable, filterable, never more rows than a person reads.

import { h, put, setText } from "../dom";
import { address, height, modeA, trend, whole } from "../format";
import { t, word } from "../i18n";
import { sourcesOf } from "../sources";
import type { Panel } from "../side";
import type { Store } from "../store";
import { symbol } from "../symbol";
import { Emergency, TrackFlag, type PageTracks } from "../wire";

const ROWS_MAX = 150;
type Order = "identity" | "name" | "level" | "speed" | "sources";

export class TrackList implements Panel {
  readonly id = "tracks";
  readonly name = "panel.tracks";
  readonly element = h("section.list#list");
  private order: Order = "identity";
  private descending = true;
  private readonly head = h("div.head");
  private readonly body = h("div.rows");
  private readonly filter = h("input.filter", { type: "search", spellcheck: "false", autocomplete: "off" }) as HTMLInputElement;
  private counted = "";
  private open = false;
  private readonly lines: { line: HTMLElement; cells: HTMLElement[]; symbol: string; number: number }[] = [];

  constructor(
    private readonly store: Store,
    private readonly select: (track: number) => void,
    private readonly recount: () => void,
  ) {
    put(this.element, this.filter, this.head, this.body);
    this.filter.addEventListener("input", () => this.draw());
    for (const topic of ["frame", "selection", "status"] as const) store.on(topic, () => this.draw());
    store.on("language", () => {
      this.drawHead();
      this.draw();
    });
    this.drawHead();
  }

  private drawHead(): void {
    const columns: [Order, string][] = [
      ["identity", ""],
      ["name", t("tracks.name")],
      ["level", t("tracks.level")],
      ["speed", t("tracks.speed")],
      ["sources", t("tracks.sources")],
    ];
    this.filter.placeholder = t("tracks.filter");
    this.filter.setAttribute("aria-label", t("tracks.filter"));
    const sort = (order: Order) => (): void => {
      this.descending = this.order === order ? !this.descending : order !== "name";
      this.order = order;
      this.drawHead();
      this.draw();
    };
    const mark = (order: Order): string => (order === this.order ? (this.descending ? " ▾" : " ▴") : "");
    const heading = ([order, text]: [Order, string]): HTMLElement => h("button", { click: sort(order), "aria-label": text || t("track.identity") }, (text || "◇") + mark(order));
    put(this.head, ...columns.map(heading));
  }

  private matches(row: number, tracks: PageTracks, asked: string): boolean {
    const { store } = this;
    const hay = `${store.callsign(row)} ${modeA(tracks.mode_a[row]!)} ${address(tracks.address[row]!)} ${store.remoteId(row)} #${tracks.number[row]}`;
    return hay.toUpperCase().includes(asked);
  }

  private rank(row: number, tracks: PageTracks): number {
    const alert = this.store.alerted.get(tracks.number[row]!) ?? 0;
    const identity = [1, 3, 1.2, 1.1, 0, 4][tracks.identity[row]!] ?? 0;
    return (tracks.emergency[row] === Emergency.NONE ? 0 : 100) + 20 * alert + 5 * tracks.protected[row]! + identity;
  }

  shown(on: boolean): void {
    this.open = on;
    if (on) this.draw();
  }

  count(): string {
    return this.counted;
  }

  draw(): void {
    const tracks = this.store.tracks;
    if (!tracks || !this.open) return;
    const asked = this.filter.value.trim().toUpperCase();
    const rows: number[] = [];
    let all = 0;
    for (let i = 0; i < tracks.rows; i++) {
      if (!(tracks.flags[i]! & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM))) continue;
      all += 1;
      if (!asked || this.matches(i, tracks, asked)) rows.push(i);
    }
    const keys = new Float64Array(tracks.rows);
    const names = this.order === "name" ? new Map(rows.map((i) => [i, this.store.nameOf(i)])) : undefined;
    for (const i of rows) {
      keys[i] = this.order === "identity" ? this.rank(i, tracks) : this.order === "level" ? tracks.level_ft[i]! : this.order === "speed" ? tracks.speed_kt[i]! : tracks.kinds[i]!;
      if (Number.isNaN(keys[i])) keys[i] = this.descending ? -Infinity : Infinity;
    }
    const sign = this.descending ? -1 : 1;
    const tie = (a: number, b: number): number => tracks.number[a]! - tracks.number[b]!;
    rows.sort(names ? (a, b) => sign * names.get(a)!.localeCompare(names.get(b)!) || tie(a, b) : (a, b) => sign * (keys[a]! - keys[b]!) || tie(a, b));
    const seen = rows.slice(0, ROWS_MAX);
    this.counted = rows.length === all && all <= ROWS_MAX ? String(all) : t("tracks.shown", Math.min(rows.length, ROWS_MAX), all);
    this.recount();
    while (this.lines.length < seen.length) this.addLine();
    this.lines.forEach((line, k) => {
      line.line.hidden = k >= seen.length;
      if (k < seen.length) this.fill(line, seen[k]!, tracks);
    });
  }

  private addLine(): void {
    const cells = [h("span.icon"), h("span.name"), h("span.level"), h("span.speed"), h("span.sources")];
    const entry = { line: h("button.row", { click: () => this.select(entry.number) }, ...cells), cells, symbol: "", number: 0 };
    this.lines.push(entry);
    this.body.append(entry.line);
  }

  private fill(entry: { line: HTMLElement; cells: HTMLElement[]; symbol: string; number: number }, row: number, tracks: PageTracks): void {
    entry.number = tracks.number[row]!;
    const key = `${tracks.identity[row]}${tracks.protected[row]}`;
    const [icon, name, flight, speed, sources] = entry.cells as [HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement];
    if (entry.symbol !== key) {
      entry.symbol = key;
      put(icon, symbol(tracks.identity[row]!, tracks.protected[row] === 1));
    }
    const flags = tracks.flags[row]!;
    setText(name, this.store.nameOf(row));
    const feet = height(tracks.level_ft[row]!, tracks.altitude_ft[row]!);
    setText(flight, feet && feet + trend(tracks.trend[row]!));
    setText(speed, whole(tracks.speed_kt[row]!));
    setText(sources, sourcesOf(tracks.kinds[row]!, flags).map((s) => word("source", s)).join(" + "));
    const severity = tracks.emergency[row] !== Emergency.NONE ? 3 : (this.store.alerted.get(entry.number) ?? 0);
    entry.line.className = `row${entry.number === this.store.selected ? " selected" : ""}${flags & TrackFlag.COASTING ? " coasting" : ""}${severity > 1 ? ` severity${severity}` : ""}`;
  }
}
