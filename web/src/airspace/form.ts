// The form of a volume: what it is called, what for, between what heights, when, and its corners as text. It says what is wrong before it is sent.

import { h, put, setText } from "../dom";
import { t } from "../i18n";
import { limitsProblem, nameProblem, shapeProblem, LARGEST_M } from "./check";
import { placesOf, placesText } from "./coords";
import type { Draft } from "./draft";
import { KINDS, kindWords, limitOf, limitText, UNITS, written, type Kind, type Limit, type Period, type Unit, type Volume } from "./volume";

const NM_M = 1852;
const WEEK = [0, 1, 2, 3, 4, 5, 6];

export interface FormEvents {
  /** The table to be put, and what the person says of it: active, inactive, or nothing. */
  save(id: string, table: Record<string, unknown>, active: boolean | undefined): Promise<void>;
  cancel(): void;
  /** Take the map's tool in hand again. */
  draw(): void;
}

interface Row {
  element: HTMLElement;
  read(): Period | undefined;
}

const field = (label: string, ...inputs: (Node | string)[]): HTMLElement => h("label.field", {}, h("span", {}, label), ...inputs);
const two = (n: number): string => String(n).padStart(2, "0");
const clock = (minutes: number): string => `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
const minutes = (text: string): number => {
  const [hh = NaN, mm = NaN] = text.split(":").map(Number);
  return 60 * hh + mm;
};
/** Seconds since 1970 of "2026-05-04T12:00", taken as UTC. */
const seconds = (text: string): number => Date.parse(`${text}Z`) / 1000;
const stamp = (time: number | null): string => (time === null ? "" : new Date(time * 1000).toISOString().slice(0, 16));

export class VolumeForm {
  readonly element: HTMLElement;
  private readonly name = h("input", { name: "name", maxlength: 64, required: true, autocomplete: "off" }) as HTMLInputElement;
  private readonly kind = h("select", { name: "kind" }, ...KINDS.map((k) => h("option", { value: k }, kindWords(k)))) as HTMLSelectElement;
  private readonly floor = limitInputs("floor");
  private readonly ceiling = limitInputs("ceiling");
  private readonly buffer = h("input", { name: "buffer", type: "number", min: 0, step: "any" }) as HTMLInputElement;
  private readonly country = h("input", { name: "country", maxlength: 3, size: 4, autocomplete: "off" }) as HTMLInputElement;
  private readonly remark = h("textarea", { name: "remark", rows: 2, maxlength: 1000 }) as HTMLTextAreaElement;
  private readonly starts = h("input", { name: "starts", type: "datetime-local" }) as HTMLInputElement;
  private readonly ends = h("input", { name: "ends", type: "datetime-local" }) as HTMLInputElement;
  private readonly byTimes = h("input", { name: "bytimes", type: "checkbox" }) as HTMLInputElement;
  private readonly coords = h("textarea", { name: "coords", rows: 5, spellcheck: "false" }) as HTMLTextAreaElement;
  private readonly radius = h("input", { name: "radius", type: "number", min: 0, step: "any" }) as HTMLInputElement;
  private readonly width = h("input", { name: "width", type: "number", min: 0, step: "any" }) as HTMLInputElement;
  private readonly periods = h("div.periods");
  private readonly problem = h("p.problem", { role: "alert" });
  private readonly note = h("p.empty");
  private readonly save: HTMLButtonElement;
  private readonly saveActive: HTMLButtonElement;
  private rows: Row[] = [];
  private textProblem = "";
  private sending = false;

  constructor(
    private readonly draft: Draft,
    /** The volume that is changed; undefined: a new one. */
    private readonly old: Volume | undefined,
    /** What a person said of it before: it is kept. */
    held: boolean | undefined,
    private readonly ids: (name: string) => string,
    private readonly events: FormEvents,
    said: HTMLElement,
  ) {
    const button = (spec: string, words: string, click: () => void): HTMLButtonElement => h(spec, { type: "button", click }, words) as HTMLButtonElement;
    this.save = button("button.save", t(old ? "airspace.form.save" : "airspace.form.put"), () => void this.send(old ? held : undefined));
    this.saveActive = button("button.go.activate", t(old ? "airspace.form.saveactive" : "airspace.form.putactive"), () => void this.send(true));
    const { type } = draft;
    this.element = h(
      "form.volume",
      { "aria-label": t(old ? "airspace.form.edit" : "airspace.form.new"), submit: (event) => event.preventDefault(), input: () => this.check() },
      h("h3", {}, t(old ? "airspace.form.edit" : "airspace.form.new")),
      h("p.empty.how", {}, t(`airspace.draw.${type}`)),
      said,
      h("div.buttons", {}, button("button.plain.draw", t("airspace.draw.again"), () => events.draw()), button("button.plain.finish", t("airspace.draw.finish"), () => (draft.finish(), this.check()))),
      field(t("airspace.form.name"), this.name),
      field(t("airspace.form.kind"), this.kind),
      field(t("airspace.form.floor"), this.floor.element),
      field(t("airspace.form.ceiling"), this.ceiling.element),
      type === "circle" ? field(t("airspace.form.radius"), this.radius) : null,
      type === "corridor" ? field(t("airspace.form.width"), this.width) : null,
      h("details.more", { open: Boolean(old) || undefined }, h("summary", {}, t("airspace.form.coords")), h("p.empty", {}, t("airspace.coords.how")), this.coords, this.note),
      h(
        "details.more",
        { open: Boolean(old && (old.schedule.length || old.starts_s !== null || old.ends_s !== null || !old.active)) || undefined },
        h("summary", {}, t("airspace.form.when")),
        h("label.tick", {}, this.byTimes, t("airspace.form.bytimes")),
        field(t("airspace.form.starts"), this.starts),
        field(t("airspace.form.ends"), this.ends),
        this.periods,
        button("button.plain.period", t("airspace.form.period"), () => this.period({ days: [0, 1, 2, 3, 4], from_min: 360, to_min: 1080 })),
      ),
      h("details.more", { open: Boolean(old && (old.buffer_m || old.country || old.remark)) || undefined }, h("summary", {}, t("airspace.form.more")), field(t("airspace.form.buffer"), this.buffer), field(t("airspace.form.country"), this.country), h("label.field.wide", {}, h("span", {}, t("airspace.form.remark")), this.remark)),
      this.problem,
      h("div.buttons.end", {}, this.saveActive, this.save, button("button.plain.cancel", t("airspace.form.cancel"), () => events.cancel())),
    );
    this.fill(old);
    this.coords.setAttribute("aria-label", t("airspace.form.coords"));
    this.coords.addEventListener("input", () => this.readCoords());
    for (const [input, set] of [[this.radius, "radius_m"], [this.width, "width_m"]] as const) {
      input.addEventListener("input", () => {
        this.draft[set] = Number(input.value) * NM_M;
        this.draft.set(this.draft.points);
      });
    }
    draft.on(() => this.follow());
    this.follow();
  }

  focus(): void {
    this.name.focus();
  }

  private fill(old: Volume | undefined): void {
    this.name.value = old?.name ?? "";
    this.kind.value = old?.kind ?? (this.draft.type === "corridor" ? "corridor" : "temporary");
    this.floor.set(old?.floor ?? { value_m: 0, datum: "agl" });
    this.ceiling.set(old?.ceiling ?? limitOf(100, "FL"));
    this.buffer.value = old?.buffer_m ? String(round(old.buffer_m / NM_M)) : "";
    this.country.value = old?.country ?? "";
    this.remark.value = old?.remark ?? "";
    this.starts.value = stamp(old?.starts_s ?? null);
    this.ends.value = stamp(old?.ends_s ?? null);
    this.byTimes.checked = old?.active ?? true;
    for (const p of old?.schedule ?? []) this.period(p);
  }

  /** Write the draft's corners and sizes into the form, unless the person is writing there. */
  private follow(): void {
    const { draft } = this;
    const writing = document.activeElement;
    if (writing !== this.coords) {
      this.coords.value = placesText(draft.points);
      this.textProblem = "";
    }
    if (writing !== this.radius) this.radius.value = draft.radius_m ? String(round(draft.radius_m / NM_M)) : "";
    if (writing !== this.width) this.width.value = String(round(draft.width_m / NM_M));
    this.check();
  }

  private readCoords(): void {
    const { places, problem } = placesOf(this.coords.value);
    this.textProblem = problem || (this.draft.type === "circle" && places.length > 1 ? t("airspace.coords.one") : "");
    if (!this.textProblem) this.draft.set(places);
    this.check();
  }

  private period(of: Period): void {
    const from = h("input", { type: "time", value: clock(of.from_min), "aria-label": t("airspace.form.from"), required: true }) as HTMLInputElement;
    const to = h("input", { type: "time", value: clock(of.to_min), "aria-label": t("airspace.form.to"), required: true }) as HTMLInputElement;
    const days = WEEK.map((d) => h("input", { type: "checkbox", checked: of.days.includes(d) }) as HTMLInputElement);
    const row: Row = {
      element: h(
        "fieldset.period",
        {},
        h("legend", {}, t("airspace.form.hours")),
        ...days.map((box, d) => h("label", {}, box, t(`airspace.day.${d as 0}`))),
        h("span.times", {}, from, "–", to, h("button.plain", { type: "button", "aria-label": t("airspace.form.dropperiod"), title: t("airspace.form.dropperiod"), click: () => this.dropPeriod(row) }, "×")),
      ),
      read: () => {
        const chosen = WEEK.filter((d) => days[d]!.checked);
        const [a, b] = [minutes(from.value), minutes(to.value)];
        return chosen.length && Number.isFinite(a) && Number.isFinite(b) ? { days: chosen, from_min: a, to_min: b || 1440 } : undefined;
      },
    };
    this.rows.push(row);
    this.periods.append(row.element);
    this.check();
  }

  private dropPeriod(row: Row): void {
    this.rows = this.rows.filter((r) => r !== row);
    row.element.remove();
    this.check();
  }

  /** What is wrong with it now, in words; "" for nothing. */
  private wrong(): string {
    const shape = this.draft.shape();
    if (this.textProblem) return this.textProblem;
    if (!shape) return t(`airspace.draw.missing.${this.draft.type}`);
    const buffer = this.buffer.value === "" ? 0 : Number(this.buffer.value) * NM_M;
    const [starts, ends] = [this.starts.value ? seconds(this.starts.value) : -Infinity, this.ends.value ? seconds(this.ends.value) : Infinity];
    return (
      shapeProblem(shape) ||
      nameProblem(this.name.value) ||
      this.floor.problem() ||
      this.ceiling.problem() ||
      limitsProblem(this.floor.read(), this.ceiling.read()) ||
      (!(buffer >= 0 && buffer <= LARGEST_M) ? t("airspace.check.buffer") : "") ||
      (this.country.value && !/^[A-Za-z]{2,3}$/.test(this.country.value) ? t("airspace.check.country") : "") ||
      (starts >= ends ? t("airspace.check.times") : "") ||
      (this.rows.some((r) => !r.read()) ? t("airspace.check.period") : "")
    );
  }

  private check(): void {
    const wrong = this.wrong();
    setText(this.problem, this.name.value || this.draft.complete ? wrong : "");
    this.save.disabled = this.saveActive.disabled = Boolean(wrong) || this.sending;
    setText(this.note, this.draft.holes.length ? t("airspace.form.holes", this.draft.holes.length) : "");
  }

  private table(): Record<string, unknown> {
    const { old } = this;
    return {
      name: this.name.value.trim(),
      kind: this.kind.value as Kind,
      airspace_class: old?.airspace_class ?? "",
      floor: this.floor.text(),
      ceiling: this.ceiling.text(),
      shape: this.draft.shape(),
      buffer_m: this.buffer.value === "" ? 0 : Math.round(Number(this.buffer.value) * NM_M * 1000) / 1000,
      buffer_up_m: old?.buffer_up_m ?? 0,
      schedule: this.rows.map((r) => r.read()),
      ...(this.starts.value ? { starts_s: seconds(this.starts.value) } : {}),
      ...(this.ends.value ? { ends_s: seconds(this.ends.value) } : {}),
      active: this.byTimes.checked,
      country: this.country.value.toUpperCase(),
      remark: this.remark.value,
    };
  }

  private async send(active: boolean | undefined): Promise<void> {
    if (this.wrong() || this.sending) return;
    this.sending = true;
    this.check();
    const id = this.old?.id ?? this.ids(this.name.value.trim());
    try {
      await this.events.save(id, { ...this.table(), id }, active);
    } catch (error) {
      setText(this.problem, t("command.refused", error instanceof Error ? error.message : String(error)));
      this.sending = false;
      this.save.disabled = this.saveActive.disabled = false;
      return;
    }
    this.sending = false;
  }
}

const round = (n: number): number => Math.round(n * 1e4) / 1e4;

/** A number and its unit, for a floor or a ceiling. */
function limitInputs(which: "floor" | "ceiling"): { element: HTMLElement; set(l: Limit): void; read(): Limit; text(): string; problem(): string } {
  const value = h("input", { name: which, type: "number", step: "any", "aria-label": t(`airspace.form.${which}`) }) as HTMLInputElement;
  const options = UNITS.filter((u) => u !== (which === "floor" ? "UNL" : "GND"));
  const unit = h("select", { name: `${which}-unit`, "aria-label": t(`airspace.form.${which}.unit`) }, ...options.map((u) => h("option", { value: u }, t(`airspace.unit.${u.replace(" ", "_") as "FL"}`)))) as HTMLSelectElement;
  const told = (): Unit => unit.value as Unit;
  const bare = (): boolean => told() === "GND" || told() === "UNL";
  unit.addEventListener("change", () => (value.hidden = bare()));
  return {
    element: h("span.limit", {}, value, unit),
    set: (l) => {
      const w = written(l);
      if (![...unit.options].some((o) => o.value === w.unit)) put(unit, ...[...unit.options], h("option", { value: w.unit }, w.unit));
      value.value = String(w.value);
      unit.value = w.unit;
      value.hidden = bare();
    },
    read: () => limitOf(Number(value.value), told()),
    text: () => limitText(Number(value.value), told()),
    problem: () => (bare() || (value.value !== "" && Number.isFinite(Number(value.value))) ? "" : t("airspace.check.number", t(`airspace.form.${which}`))),
  };
}
