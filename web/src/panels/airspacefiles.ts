// Airspace files: one is opened and read by the server without changing anything; the chosen volumes of it are put, and can be taken out again. And the airspace as a file.

import type { Airspace } from "../airspace/model";
import { wordsOf, type Orders } from "../airspace/orders";
import { kindWords, type Kind } from "../airspace/volume";
import { h, put, setText } from "../dom";
import { t } from "../i18n";
import type { Page } from "../page";

export const FORMATS = ["openair", "aixm", "ed269", "ed318", "geojson", "kml", "yaixm"] as const;
const NAMES: Record<(typeof FORMATS)[number], string> = { openair: "OpenAir", aixm: "AIXM 5.1", ed269: "ED-269", ed318: "ED-318", geojson: "GeoJSON", kml: "KML", yaixm: "YAIXM" };
const MOST_BYTES = 16 * 1024 * 1024;
const SHOWN_MAX = 500;
const TOGETHER = 4;

interface Tree extends Record<string, unknown> {
  id: string;
  name: string;
  kind?: Kind;
  floor: string;
  ceiling: string;
}

interface Read {
  format: string;
  volumes: Tree[];
  refused: { where: string; name: string; reason: string }[];
  refused_total: number;
  notes: { reason: string; times: number; where: string; names: string[] }[];
}

export class AirspaceFiles {
  readonly dialog = h("dialog.airspace-files") as HTMLDialogElement;
  private readonly file = h("input", { type: "file", name: "file" }) as HTMLInputElement;
  private readonly format = h("select", { name: "format" }, ...FORMATS.map((f) => h("option", { value: f }, NAMES[f]))) as HTMLSelectElement;
  private readonly said = h("p.refused", { role: "alert" });
  private readonly found = h("div.found");
  private readonly progress = h("p.empty", { role: "status" });
  private readonly ticks = new Map<string, HTMLInputElement>();
  private put: { button: HTMLButtonElement; label: () => string } | undefined;
  private read: Read | undefined;
  private brought: string[] = [];
  private busy = false;

  constructor(
    private readonly page: Page,
    private readonly airspace: Airspace,
    private readonly orders: Orders,
    private readonly ticked: () => ReadonlySet<string>,
  ) {
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation()); // the map's keys are not for here
    this.dialog.setAttribute("aria-labelledby", "airspace-files-title");
    this.file.addEventListener("change", () => void this.check());
    page.store.on("language", () => this.dialog.open && this.draw());
  }

  open(): void {
    setText(this.said, "");
    this.draw();
    this.dialog.showModal();
  }

  private draw(): void {
    const may = this.orders.mayChange;
    const chosen = this.ticked().size;
    const save = (ids: readonly string[]): void => void this.save(ids);
    put(
      this.dialog,
      h("header", {}, h("b#airspace-files-title", {}, t("airspace.files.title")), h("button.close", { type: "button", click: () => this.dialog.close(), "aria-label": t("button.close"), title: t("button.close") }, "×")),
      may && h("label", {}, h("span", {}, t("airspace.files.open")), this.file),
      may && h("p.empty", {}, t("airspace.files.how")),
      this.said,
      this.found,
      this.progress,
      h("h3", {}, t("airspace.files.save")),
      h(
        "div.buttons",
        {},
        h("label.format", {}, h("span", {}, t("airspace.files.format")), this.format),
        h("button.save-all", { type: "button", click: () => save([]) }, t("airspace.files.all", this.airspace.volumes.length)),
        chosen > 0 && h("button.save-chosen", { type: "button", click: () => save([...this.ticked()]) }, t("airspace.files.chosen", chosen)),
      ),
    );
    this.drawFound();
  }

  private async check(): Promise<void> {
    const file = this.file.files?.[0];
    if (!file) return;
    this.read = undefined;
    this.brought = [];
    this.drawFound();
    setText(this.said, file.size > MOST_BYTES ? t("airspace.files.large", MOST_BYTES >> 20) : "");
    if (file.size > MOST_BYTES) return;
    setText(this.progress, t("airspace.files.reading", file.name));
    try {
      const answer = await fetch(`/api/airspace/check?name=${encodeURIComponent(file.name)}`, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
      const told = (await answer.json()) as Read & { error?: string };
      if (!answer.ok) throw new Error(told.error ?? String(answer.status));
      this.read = told;
    } catch (error) {
      setText(this.said, wordsOf(error));
    }
    setText(this.progress, "");
    this.file.value = "";
    this.drawFound();
  }

  private drawFound(): void {
    const { read } = this;
    this.ticks.clear();
    if (!read) return put(this.found);
    const all = h("input", { type: "checkbox", checked: true, change: () => this.tickAll(all.checked) }) as HTMLInputElement;
    const go = h("button.go.put", { type: "button", click: () => void this.bring() }) as HTMLButtonElement;
    this.put = { button: go, label: () => t("airspace.files.put", this.wanted().length) };
    const row = (v: Tree): HTMLElement => {
      const tick = h("input", { type: "checkbox", checked: true, change: () => this.recount() }) as HTMLInputElement;
      this.ticks.set(v.id, tick);
      return h("li", {}, h("label", {}, tick, h("b", {}, v.name), h("span", {}, `${kindWords(v.kind ?? "other")} · ${v.floor}–${v.ceiling}`), this.airspace.at(v.id) !== undefined && h("em", {}, t("airspace.files.replaces"))));
    };
    put(
      this.found,
      h("h3", {}, t("airspace.files.found", NAMES[read.format as "kml"] ?? read.format, read.volumes.length, read.refused_total)),
      h("label.all", {}, all, t("airspace.files.everything")),
      h("ul.volumes", {}, ...read.volumes.slice(0, SHOWN_MAX).map(row)),
      read.volumes.length > SHOWN_MAX && h("p.empty", {}, t("airspace.files.more", read.volumes.length - SHOWN_MAX)),
      read.refused.length > 0 && h("details.refusals", { open: true }, h("summary", {}, t("airspace.files.refused", read.refused_total)), h("ul", {}, ...read.refused.slice(0, SHOWN_MAX).map((r) => h("li", {}, h("b", {}, r.where), ` ${r.name || "–"}: ${r.reason}`)))),
      read.notes.length > 0 && h("details", {}, h("summary", {}, t("airspace.files.notes", read.notes.length)), h("ul", {}, ...read.notes.map((n) => h("li", {}, `${n.reason} (${n.times}; ${n.where})`)))),
      h("div.buttons", {}, go, this.brought.length > 0 && h("button.out", { type: "button", click: () => void this.takeOut() }, t("airspace.files.out", this.brought.length))),
    );
    this.recount();
  }

  private tickAll(on: boolean): void {
    for (const tick of this.ticks.values()) tick.checked = on;
    this.recount();
  }

  /** Those that are ticked; beyond what is shown, those of a ticked whole. */
  private wanted(): Tree[] {
    const rest = [...this.ticks.values()].every((tick) => tick.checked);
    return (this.read?.volumes ?? []).filter((v) => this.ticks.get(v.id)?.checked ?? rest);
  }

  private recount(): void {
    if (!this.put) return;
    setText(this.put.button, this.put.label());
    this.put.button.disabled = this.busy || this.wanted().length === 0;
  }

  private async bring(): Promise<void> {
    const wanted = this.wanted();
    const news = wanted.filter((v) => this.airspace.at(v.id) === undefined).map((v) => v.id);
    const done = await this.each(wanted, (v) => this.page.commands.send({ kind: "volume", op: "put", id: v.id, volume: v, reason: t("airspace.files.reason") }), "airspace.files.putting");
    const ids = new Set(done.map((v) => v.id));
    this.brought = news.filter((id) => ids.has(id));
    this.drawFound();
  }

  private async takeOut(): Promise<void> {
    await this.each(this.brought, (id) => this.page.commands.send({ kind: "volume", op: "remove", id }), "airspace.files.taking");
    this.brought = [];
    this.drawFound();
  }

  /** Send one command for each, a few at a time; the first refusal ends it. Return what was taken. */
  private async each<T>(all: readonly T[], send: (one: T) => Promise<void>, words: "airspace.files.putting" | "airspace.files.taking"): Promise<T[]> {
    this.busy = true;
    this.recount();
    setText(this.said, "");
    const done: T[] = [];
    try {
      for (let i = 0; i < all.length; i += TOGETHER) {
        const some = all.slice(i, i + TOGETHER);
        const answers = await Promise.allSettled(some.map(send));
        done.push(...some.filter((_, k) => answers[k]!.status === "fulfilled"));
        setText(this.progress, t(words, done.length, all.length));
        const refused = answers.find((a) => a.status === "rejected");
        if (refused) throw refused.reason;
      }
    } catch (error) {
      setText(this.said, wordsOf(error));
    }
    this.busy = false;
    this.recount();
    return done;
  }

  private async save(ids: readonly string[]): Promise<void> {
    const query = new URLSearchParams([["format", this.format.value], ...ids.map((id) => ["id", id])]);
    setText(this.said, "");
    setText(this.progress, t("airspace.files.writing"));
    try {
      const answer = await fetch(`/api/airspace/export?${query.toString()}`);
      if (!answer.ok) throw new Error(((await answer.json()) as { error?: string }).error ?? String(answer.status));
      const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "airspace";
      const url = URL.createObjectURL(await answer.blob());
      const link = h("a", { href: url, download: name }) as HTMLAnchorElement;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      const lost = answer.headers.get("Tenere-Lost") ?? "";
      setText(this.progress, lost ? t("airspace.files.lost", lost.split(" ").map((one) => one.replace("=", ": ")).join(", ")) : t("airspace.files.saved", Number(answer.headers.get("Tenere-Volumes") ?? 0)));
    } catch (error) {
      setText(this.progress, "");
      setText(this.said, wordsOf(error));
    }
  }
}
