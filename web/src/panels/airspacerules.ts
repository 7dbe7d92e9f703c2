// The rules that watch: how each is set, what it may say, and, for a supervisor, switching it off, making it graver or slower. Who changed what stands below.

import { wordsOf } from "../airspace/orders";
import { h, put, setText } from "../dom";
import { clockTime, dateText } from "../format";
import { lang, t } from "../i18n";
import type { Page } from "../page";
import type { SeverityName } from "../store";

const TIMES = ["rise_s", "hold_s", "escalate_s"] as const;
type Time = (typeof TIMES)[number];

export interface Setting {
  enabled: boolean;
  severity: SeverityName | "";
  rise_s: number | null;
  hold_s: number | null;
  escalate_s: number | null;
}

interface Rule extends Setting {
  rule: string;
  words: Record<string, string>;
  severities: SeverityName[];
  changed: boolean;
}

interface Told {
  rules: Rule[];
  severities: SeverityName[];
  escalate_s: number;
  longest_s: number;
  tables: Record<string, { key: string; value: number; from: number; to: number }[]>;
  edits: { time: number; by: string; signed: boolean; before: Record<string, Setting>; after: Record<string, Setting> }[];
}

/** What the command says of a rule: only what is not left to the rule itself. */
export function said(s: Setting): Record<string, unknown> {
  const times = Object.fromEntries(TIMES.flatMap((name) => (s[name] === null ? [] : [[name, s[name]]])));
  return { enabled: s.enabled, ...(s.severity ? { severity: s.severity } : {}), ...times };
}

/** The same as a site file has it, for a try on recordings. */
export function toml(rule: string, s: Setting): string {
  const lines = Object.entries(said(s)).map(([key, value]) => `${key} = ${typeof value === "string" ? `"${value}"` : Number.isInteger(value) ? `${String(value)}.0` : String(value)}`);
  return [`[watch.rules.${rule}]`, ...lines].join("\n");
}

const differing = (a: Setting, b: Setting): (keyof Setting)[] => (["enabled", "severity", ...TIMES] as const).filter((k) => a[k] !== b[k]);

export class AirspaceRules {
  readonly dialog = h("dialog.airspace-rules") as HTMLDialogElement;
  private readonly filter = h("input", { type: "search", autocomplete: "off" }) as HTMLInputElement;
  private readonly list = h("ul.rules");
  private readonly problem = h("p.refused", { role: "alert" });
  private readonly edit = h("div.edit");
  private readonly rest = h("div.rest");
  private told: Told | undefined;
  private chosen = "";

  constructor(private readonly page: Page) {
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation());
    this.dialog.setAttribute("aria-labelledby", "airspace-rules-title");
    this.filter.addEventListener("input", () => this.drawList());
    page.store.on("language", () => this.dialog.open && this.draw());
  }

  open(): void {
    this.chosen = "";
    this.draw();
    this.dialog.showModal();
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const answer = await fetch("/api/rules");
      if (!answer.ok) throw new Error(String(answer.status));
      this.told = (await answer.json()) as Told;
    } catch (error) {
      setText(this.problem, wordsOf(error));
    }
    this.draw();
  }

  private draw(): void {
    this.filter.placeholder = t("rules.filter");
    this.filter.setAttribute("aria-label", t("rules.filter"));
    put(
      this.dialog,
      h("header", {}, h("b#airspace-rules-title", {}, t("rules.title")), h("button.close", { type: "button", click: () => this.dialog.close(), "aria-label": t("button.close"), title: t("button.close") }, "×")),
      h("p.empty", {}, t(this.page.commands.may("rules") ? "rules.how" : "rules.seeonly")),
      this.filter,
      this.problem,
      h("div.columns", {}, this.list, this.edit),
      this.rest,
    );
    this.drawList();
    this.drawEdit();
    this.drawRest();
  }

  private drawList(): void {
    const words = this.filter.value.trim().toLowerCase();
    const rules = (this.told?.rules ?? []).filter((r) => !words || `${r.rule} ${r.words[lang()] ?? ""}`.toLowerCase().includes(words));
    put(this.list, ...rules.map((r) => this.line(r)));
  }

  private line(r: Rule): HTMLElement {
    const state = [r.enabled ? "" : t("rules.off"), r.severity && word(r.severity), r.changed ? t("rules.changed") : ""].filter(Boolean).join(" · ");
    const choose = (): void => {
      this.chosen = r.rule;
      this.drawList();
      this.drawEdit();
      this.edit.querySelector<HTMLElement>("input, select, pre")?.focus();
    };
    return h("li", {}, h(`button.rule${r.rule === this.chosen ? ".chosen" : ""}${r.enabled ? "" : ".off"}`, { type: "button", "data-rule": r.rule, "aria-pressed": String(r.rule === this.chosen), click: choose }, h("b", {}, r.rule), h("span.words", {}, r.words[lang()] ?? ""), h("span.state", {}, state)));
  }

  private drawEdit(): void {
    const r = this.told?.rules.find((one) => one.rule === this.chosen);
    if (!r || !this.told) return put(this.edit, h("p.empty", {}, t("rules.choose")));
    const may = this.page.commands.may("rules");
    const enabled = h("input", { type: "checkbox", name: "enabled", checked: r.enabled, disabled: !may }) as HTMLInputElement;
    const severity = h("select", { name: "severity", disabled: !may }, h("option", { value: "" }, t("rules.asfound", r.severities.map(word).join(", "))), ...this.told.severities.map((s) => h("option", { value: s, selected: s === r.severity }, word(s)))) as HTMLSelectElement;
    const times = Object.fromEntries(TIMES.map((k) => [k, h("input", { type: "number", name: k, min: 0, max: this.told!.longest_s, step: "any", value: r[k] ?? "", placeholder: t("rules.asis"), disabled: !may }) as HTMLInputElement])) as Record<Time, HTMLInputElement>;
    const read = (): Setting => ({ enabled: enabled.checked, severity: severity.value as SeverityName | "", ...(Object.fromEntries(TIMES.map((k) => [k, times[k].value === "" ? null : Number(times[k].value)])) as Record<Time, number | null>) });
    const attempt = h("pre", { tabindex: 0, "aria-label": t("rules.try") });
    const save = h("button.go.save", { type: "submit" }, t("rules.save")) as HTMLButtonElement;
    const look = (): void => {
      setText(attempt, toml(r.rule, read()));
      save.disabled = !differing(r, read()).length || !TIMES.every((k) => times[k].validity.valid);
    };
    const form = h(
      "form",
      { input: look, submit: (event) => (event.preventDefault(), void this.send(r, read())) },
      h("h3", {}, r.rule),
      h("p", {}, r.words[lang()] ?? ""),
      h("label.tick", {}, enabled, t("rules.enabled")),
      h("label", {}, h("span", {}, t("rules.severity")), severity),
      ...TIMES.map((k) => h("label", {}, h("span", {}, t(`rules.${k}`)), times[k])),
      h("p.empty", {}, t("rules.bounds", this.told.longest_s, this.told.escalate_s)),
      may && h("details", {}, h("summary", {}, t("rules.try")), h("p.empty", {}, t("rules.try.how")), attempt, h("pre", {}, "tenere watch try quieter.toml logs/*.ticks --site site.toml")),
      may && h("div.buttons", {}, save),
    );
    put(this.edit, form);
    look();
  }

  private async send(r: Rule, to: Setting): Promise<void> {
    setText(this.problem, "");
    const undo = { command: { kind: "rules", set: { [r.rule]: said(r) } }, what: t("rules.undo", r.rule) };
    try {
      await this.page.commands.send({ kind: "rules", set: { [r.rule]: said(to) } }, undo);
      await new Promise((done) => setTimeout(done, 1500)); // the next tick takes it up
      await this.load();
    } catch (error) {
      setText(this.problem, wordsOf(error));
    }
  }

  private drawRest(): void {
    const { told } = this;
    if (!told) return put(this.rest);
    const one = (e: Told["edits"][number]): HTMLElement[] =>
      Object.keys(e.after).map((rule) => {
        const [a, b] = [e.before[rule]!, e.after[rule]!];
        const what = differing(a, b).map((k) => `${t(`rules.${k}`)}: ${show(a[k])} → ${show(b[k])}`);
        return h("li", {}, `${dateText(e.time)} ${clockTime(e.time)} · ${e.by}${e.signed ? "" : ` (${t("rules.unsigned")})`} · `, h("b", {}, rule), ` · ${what.join("; ") || t("rules.same")}`);
      });
    put(
      this.rest,
      h("details", { open: told.edits.length > 0 }, h("summary", {}, t("rules.edits", told.edits.length)), h("ul.edits", {}, ...told.edits.slice(-50).reverse().flatMap(one))),
      h(
        "details",
        {},
        h("summary", {}, t("rules.tables")),
        h("p.empty", {}, t("rules.tables.how")),
        ...Object.entries(told.tables).map(([name, rows]) => h("table", {}, h("caption", {}, `[watch.${name}]`), h("tbody", {}, ...rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.key), h("td", {}, String(row.value)), h("td.empty", {}, `${row.from} – ${row.to}`)))))),
      ),
    );
  }
}

const word = (s: SeverityName): string => t(`severity.${s}`);
const show = (v: boolean | number | string | null): string => (v === null || v === "" ? t("rules.asis") : typeof v === "boolean" ? t(v ? "rules.yes" : "rules.no") : typeof v === "string" ? word(v as SeverityName) : `${v} s`);
