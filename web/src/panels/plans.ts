// The flight plans: who is expected, who flies, who is overdue; a press selects the track that flies it.

import { h, put, setText } from "../dom";
import { clockTime } from "../format";
import { lang, t } from "../i18n";
import { Latest } from "../latest";
import type { Page } from "../page";
import type { Panel } from "../side";

export interface FiledPlan {
  row: number;
  callsign: string;
  departure: string | null;
  destination: string | null;
  off_block: number | null;
  landing: number | null;
  route: string | null;
  aircraft_type: string | null;
  operator: string | null;
  remote_id: string | null;
  sts: string[];
  protected: boolean;
  state: "flying" | "overdue" | "expected" | "seen" | "unwatched" | "ended";
  tracks: number[];
  last_seen: number | null;
  flags: ("no_time" | "early" | "late" | "no_elapsed")[];
}

interface Told {
  total: number;
  found: number;
  plans: FiledPlan[];
}

const EVERY_MS = 5000;
const SIGNS: Record<FiledPlan["state"], string> = { flying: "●", overdue: "▲", expected: "○", seen: "◌", unwatched: "◌", ended: "–" };
const short = (time: number | null): string => (time === null ? "–" : clockTime(time).slice(0, 5));

export class PlansPanel implements Panel {
  readonly id = "plans";
  readonly name = "panel.plans";
  readonly element = h("section.plans#plans");
  private readonly filter = h("input.filter", { type: "search", spellcheck: "false", autocomplete: "off", maxlength: 40 }) as HTMLInputElement;
  private readonly list = h("div.scroll", { tabindex: -1 });
  private readonly foot = h("p.empty", { role: "status" });
  private told: Told | undefined;
  private open = false;
  private key = "";
  private readonly ask = new Latest<string>((word) => this.fetch(word));

  constructor(private readonly page: Page) {
    put(this.element, this.filter, this.list, this.foot);
    this.filter.addEventListener("input", () => this.ask.ask(this.filter.value));
    this.list.addEventListener("keydown", (event) => this.step(event));
    page.store.on("selection", () => this.draw());
    page.store.on("language", () => this.relabel());
    setInterval(() => this.open && !document.hidden && this.ask.ask(this.filter.value), EVERY_MS);
    this.relabel();
  }

  shown(on: boolean): void {
    this.open = on;
    if (on) this.ask.ask(this.filter.value);
  }

  count(): string {
    return this.told ? String(this.told.total) : "";
  }

  private relabel(): void {
    this.filter.placeholder = t("plans.filter");
    this.filter.setAttribute("aria-label", t("plans.filter"));
    this.draw();
  }

  private async fetch(word: string): Promise<void> {
    const answer = await fetch(`/api/plans?q=${encodeURIComponent(word)}`);
    if (!answer.ok) return;
    this.told = (await answer.json()) as Told;
    this.draw();
    this.page.side.recount();
  }

  private draw(): void {
    const { told } = this;
    if (!told || !this.open) return;
    const key = `${lang()} ${this.page.store.selected} ${JSON.stringify(told)}`;
    if (key === this.key) return;
    this.key = key;
    const held = document.activeElement instanceof HTMLElement && this.list.contains(document.activeElement) ? document.activeElement.dataset["plan"] : undefined;
    put(this.list, ...told.plans.map((p) => this.line(p)));
    if (held !== undefined) this.list.querySelector<HTMLElement>(`[data-plan="${held}"]`)?.focus({ preventScroll: true });
    setText(this.foot, told.total === 0 ? t("plans.none") : told.found === 0 ? t("plans.nofound") : told.found > told.plans.length ? t("plans.shown", told.plans.length, told.found) : "");
    this.foot.hidden = this.foot.textContent === "";
  }

  private line(p: FiledPlan): HTMLElement {
    const track = p.tracks[0];
    const mine = p.tracks.includes(this.page.store.selected ?? -1);
    const state = p.state === "flying" ? t("plan.flying", p.tracks.map((n) => `#${n}`).join(" ")) : p.state === "seen" ? t("plan.seen", short(p.last_seen)) : t(`plan.${p.state}`);
    const marks = [...p.sts, p.protected && t("plans.protected")].filter((m): m is string => typeof m === "string");
    return h(
      `button.plan.${p.state}${mine ? ".selected" : ""}`,
      { "data-plan": p.row, "aria-disabled": track === undefined ? "true" : undefined, title: [p.aircraft_type, p.operator, p.route].filter(Boolean).join(" · "), click: () => track !== undefined && this.page.choose(track) },
      h("span.dot", { "aria-hidden": "true" }, SIGNS[p.state]),
      h("span.name", {}, p.callsign || p.remote_id?.slice(-8) || "–"),
      h("span.places", {}, t("plans.to", p.departure ?? "?", p.destination ?? "?")),
      h("span.times", {}, [p.off_block !== null && t("plans.off", short(p.off_block)), p.landing !== null && t("plans.lands", short(p.landing))].filter(Boolean).join(" · ")),
      h("span.state", {}, state),
      marks.length > 0 && h("span.marks", {}, marks.join(" · ")),
      ...p.flags.map((f) => h("span.flag", {}, `▲ ${t(`planflag.${f}`)}`)),
      p.route && h("span.route", {}, p.route),
    );
  }

  private step(event: KeyboardEvent): void {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const lines = [...this.list.querySelectorAll<HTMLElement>(".plan")];
    lines[Math.max(0, Math.min(lines.length - 1, lines.indexOf(document.activeElement as HTMLElement) + by))]?.focus();
  }
}
