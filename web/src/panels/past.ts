// The timeline at the foot of the map, and the marks that say that what is shown is past: a ribbon, a striped frame, the clock.

import { h, put, setText } from "../dom";
import { clockTime, duration } from "../format";
import { lang, t } from "../i18n";
import type { Page } from "../page";
import { FIRST_BACK_S, SPEEDS, type Past } from "../past";
import { calls, SEVERITIES, type Alert } from "../store";

export const STEP_S = 10;
export const STRIDE_S = 60;
const MARKS_MAX = 60;
const SIGNS = ["·", "▵", "◆", "▲"] as const; // by severity: shape, not colour alone
const ADDRESS_MS = 400;
const STEPS: readonly [number, string][] = [[-STRIDE_S, "−1 min"], [-STEP_S, "−10 s"], [STEP_S, "+10 s"], [STRIDE_S, "+1 min"]];

/** "−10:03", how long before now. */
export function behind(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `−${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Whether a command is about a track: who looks at the past must not give one to what is no longer so. */
export function aboutTracks(command: Record<string, unknown>): boolean {
  const kind = String(command["kind"]);
  return kind.startsWith("track_") || ["identity", "claim", "radio", "cleared", "unprotect"].includes(kind);
}

export class PastBar {
  // Made once: a button that is made anew between press and release loses its click.
  private readonly enter = h("button.enter", { type: "button", click: () => this.back() }, h("span.sign", { "aria-hidden": "true" }, "◀◀"), h("span.word"), h("kbd", { "aria-hidden": "true" }, "P"));
  private readonly run = h("button.run", { type: "button", click: () => this.past.play() });
  private readonly paces = SPEEDS.map((rate) => h("button.pace", { type: "button", click: () => this.past.pace(rate), "data-rate": rate }, `${rate}×`));
  private readonly steps = STEPS.map(([by, text]) => h("button.step", { type: "button", click: () => this.past.step(by), "data-by": by }, text));
  private readonly live = h("button.live", { type: "button", click: () => this.past.live() }, h("span.sign", { "aria-hidden": "true" }, "●"), h("span.word"), h("span.now"));
  private readonly slider = h("input.slider", { type: "range", step: 1 }) as HTMLInputElement;
  private readonly marks = h("div.marks", { "aria-hidden": "true" });
  private readonly first = h("span.first");
  private readonly shown = h("span.shown");
  private readonly note = h("span.note");
  private readonly raised = h("button.raised", { type: "button", role: "alert", hidden: true, click: () => this.toAlert() });
  private readonly said = h("p.said", { role: "status" });
  private readonly ribbon = h("div#ribbon", { hidden: true, "aria-hidden": "true" });
  private readonly ago = h("span.ago");
  private readonly alertsLive = h("p.alerts-live", { hidden: true });
  private readonly controls: HTMLElement;
  private known = new Set<number>();
  private newest: Alert | undefined;
  private marked = "";
  private wasOpen = false;
  private writing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly view: HTMLElement,
    private readonly page: Page,
    private readonly past: Past,
    around: { clock: Element | null; alertsTitle: HTMLElement },
  ) {
    const { store } = page;
    this.controls = h("div.controls", {}, this.raised, h("div.line", {}, this.run, ...this.paces, h("span.gap"), ...this.steps.slice(0, 2), this.shown, ...this.steps.slice(2), h("span.gap"), this.live), h("div.rail", {}, this.first, h("div.track", {}, this.marks, this.slider)), this.note);
    put(element, this.enter, this.controls, this.said);
    view.append(this.ribbon);
    around.clock?.prepend(this.ago);
    around.alertsTitle.after(this.alertsLive);
    this.slider.addEventListener("input", () => void past.seek(Number(this.slider.value)));
    this.slider.addEventListener("keydown", (event) => this.press(event));
    past.on(() => this.changed());
    store.on("past", () => this.draw());
    store.on("status", () => this.watchAlerts());
    store.on("language", () => this.draw());
    page.session.on(() => this.draw());
    setInterval(() => this.draw(), 500);
    page.session.against = (command) => (store.past && aboutTracks(command) ? t("past.nocommands") : "");
    page.address("past", () => (past.open ? String(Math.round(past.timeAt(performance.now()))) : ""));
    this.bind();
    this.draw();
  }

  /** Go where the address says, once the picture is there. */
  follow(asked: string): void {
    const time = Number(asked);
    if (!asked || !Number.isFinite(time)) return;
    let gone = false;
    this.page.store.on("frame", () => {
      if (gone) return;
      gone = true;
      void this.past.seek(time).then(() => {
        if (this.past.open && this.past.timeAt(performance.now()) > time + STEP_S) this.page.say(t("past.tooold"), "warn");
      });
    });
  }

  back(): void {
    if (this.past.open) this.past.live();
    else this.past.step(-FIRST_BACK_S);
  }

  private bind(): void {
    const { past } = this;
    const on = (): boolean => past.open;
    const held = (): boolean => on() && !(document.activeElement instanceof HTMLElement && document.activeElement.closest("button, [role=tab], [role=tablist], a, summary"));
    this.page.keys.add(
      { code: "KeyP", cap: "P", does: "past.key.enter", run: () => this.back() },
      { code: "ArrowLeft", cap: "←", does: "past.key.back", run: () => past.step(-STEP_S), when: on },
      { code: "ArrowRight", cap: "→", does: "past.key.on", run: () => past.step(STEP_S), when: on },
      { code: "ArrowLeft", shift: true, cap: "⇧←", does: "past.key.back.far", run: () => past.step(-STRIDE_S), when: on },
      { code: "ArrowRight", shift: true, cap: "⇧→", does: "past.key.on.far", run: () => past.step(STRIDE_S), when: on },
      { code: "Space", cap: "␣", does: "past.key.play", run: () => past.play(), when: held },
      { code: "KeyX", cap: "X", does: "past.key.pace", run: () => past.pace(SPEEDS[(SPEEDS.indexOf(past.rate as 1) + 1) % SPEEDS.length]!), when: on },
    );
  }

  private press(event: KeyboardEvent): void {
    const far = event.shiftKey ? STRIDE_S : STEP_S;
    const by: Record<string, number> = { ArrowLeft: -far, ArrowDown: -far, ArrowRight: far, ArrowUp: far, PageDown: -STRIDE_S, PageUp: STRIDE_S };
    const step = by[event.key];
    if (step !== undefined) this.past.step(step);
    else if (event.key === "Home") void this.past.seek(this.past.span[0]);
    else if (event.key === "End" || event.key === "Escape" || event.code === "KeyP") this.past.live();
    else if (event.key === " ") this.past.play();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private changed(): void {
    const { open, trouble } = this.past;
    if (trouble === "none" || (trouble === "lost" && !open)) this.page.say(t(trouble === "none" ? "past.none" : "past.lost"), "bad");
    if (open !== this.wasOpen) {
      this.wasOpen = open;
      this.known = new Set((this.page.store.status?.alerts ?? []).map((a) => a.id));
      this.newest = undefined;
      setText(this.said, t(open ? "past.entered" : "past.left"));
      if (!open && this.controls.contains(document.activeElement)) this.enter.focus();
    }
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.page.wrote(), ADDRESS_MS);
    this.draw();
  }

  /** What was raised since the past was opened is said here too: the map does not show it. */
  private watchAlerts(): void {
    if (!this.past.open) return;
    const fresh = (this.page.store.status?.alerts ?? []).filter((a) => calls(a) && a.severity !== "information" && !this.known.has(a.id));
    this.newest = fresh.sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || b.id - a.id)[0];
    this.draw();
  }

  private toAlert(): void {
    const track = this.newest?.track;
    this.past.live();
    if (track) this.page.choose(track);
  }

  private draw(): void {
    const { past, page } = this;
    const { open } = past;
    const [first, now] = past.span;
    const time = past.timeAt(performance.now());
    this.view.classList.toggle("past", open);
    document.body.classList.toggle("in-past", open);
    this.element.setAttribute("aria-label", t("past.region"));
    this.enter.hidden = open;
    this.controls.hidden = this.ribbon.hidden = this.alertsLive.hidden = !open;
    setText(this.enter.querySelector(".word")!, t("past.enter"));
    this.enter.title = t("past.enter.title");
    setText(this.ago, open ? `◀ ${t("past.word")} ${behind(now - time)}` : "");
    if (!open) return;
    setText(this.alertsLive, t("past.alertslive"));
    setText(this.run, past.playing ? "❚❚" : "▶");
    this.run.setAttribute("aria-label", t(past.playing ? "past.pause" : "past.play"));
    this.run.title = t(past.playing ? "past.pause" : "past.play");
    for (const button of this.paces) {
      const on = Number(button.dataset["rate"]) === past.rate;
      button.classList.toggle("chosen", on);
      button.setAttribute("aria-pressed", String(on));
      button.setAttribute("aria-label", t("past.pace", button.dataset["rate"] ?? ""));
    }
    for (const button of this.steps) button.setAttribute("aria-label", t(Number(button.dataset["by"]) < 0 ? "past.step.back" : "past.step.on", duration(Math.abs(Number(button.dataset["by"])))));
    setText(this.live.querySelector(".word")!, t("past.live"));
    setText(this.live.querySelector(".now")!, clockTime(now));
    this.live.title = t("past.live.title");
    setText(this.first, behind(now - first));
    const ago = behind(now - time);
    setText(this.shown, `${clockTime(time)} (${ago})`);
    setText(this.ribbon, t("past.ribbon", clockTime(time), ago));
    this.slide(first, now, time);
    this.mark(first, now);
    const gap = past.reckoned ?? 0;
    const there = page.store.past?.status?.alerts.filter(calls).length;
    const told = past.trouble === "waiting" && gap === 0 ? t("past.waiting") : past.trouble === "lost" ? t("past.lost") : gap > 1.5 * past.index.step_s ? t("past.gap", clockTime(time - gap)) : there ? t("past.alerts", there) : "";
    setText(this.note, told);
    this.raised.hidden = this.newest === undefined;
    if (this.newest) setText(this.raised, `${SIGNS[SEVERITIES.indexOf(this.newest.severity)]} ${t("past.raised", t(`severity.${this.newest.severity}`), this.newest.text[lang()] ?? this.newest.rule)}`);
  }

  private slide(first: number, now: number, time: number): void {
    const { slider } = this;
    slider.disabled = this.past.index.times.length === 0; // until it is known how far back it goes
    slider.min = String(Math.floor(first));
    slider.max = String(Math.ceil(now));
    if (document.activeElement !== slider || Math.abs(Number(slider.value) - time) >= 1) slider.value = String(Math.round(time));
    slider.setAttribute("aria-label", t("past.slider"));
    slider.setAttribute("aria-valuetext", `${clockTime(time)}, ${behind(now - time)}`);
  }

  /** When the alerts of now were raised, on the rail. */
  private mark(first: number, now: number): void {
    const seen = (this.page.store.status?.alerts ?? []).filter((a) => a.since !== null && a.since > first && a.severity !== "information").slice(0, MARKS_MAX);
    const key = `${lang()}${Math.round(first / 10)}:${Math.round(now / 10)}:${seen.map((a) => a.id).join()}`;
    if (key === this.marked) return;
    this.marked = key;
    const place = (a: Alert): string => `left: ${((100 * (a.since! - first)) / Math.max(1, now - first)).toFixed(2)}%`;
    const rank = (a: Alert): number => SEVERITIES.indexOf(a.severity);
    const made = seen.map((a) => {
      const sign = h(`span.severity${rank(a)}`, { title: `${clockTime(a.since)} ${a.text[lang()] ?? a.rule}` }, SIGNS[rank(a)] ?? "");
      sign.style.left = place(a).slice(6);
      return sign;
    });
    put(this.marks, ...made);
  }
}
