// The top line: where, in which mode, how many, how connected, what time.

import type { Connection } from "../connection";
import { h, put, setText } from "../dom";
import { clockTime, dateText, duration } from "../format";
import { LANGS, t, tongue } from "../i18n";
import type { Settings } from "../settings";
import type { Store } from "../store";
import { chosen } from "../theme";
import { TrackFlag } from "../wire";
import type { WhoIsIt } from "./who";

/** A picture later than this is said to be. */
const LATE_MS = 2000;

/** Each language by its own name. */
const NAMES: Record<string, string> = { en: "English", fr: "Français" };

export class Header {
  private readonly site = h("span.site");
  private readonly mode = h("span.mode");
  private readonly counts = h("span.counts");
  private readonly link = h("span.link");
  private readonly languages = h("span.languages");
  private readonly date = h("span.date");
  private readonly time = h("span.time");
  private readonly theme = h("button.theme", { type: "button" });
  private readonly help = h("button.help", { type: "button" });

  constructor(
    element: HTMLElement,
    private readonly store: Store,
    private readonly connection: Connection,
    private readonly who: WhoIsIt,
    private readonly settings: Settings,
    sound: HTMLElement,
    actions: { help: () => void; theme: () => void; language: (to: (typeof LANGS)[number]) => void },
  ) {
    put(element, h("span.name", {}, "TENERE"), this.site, this.mode, this.counts, h("span.gap"), this.link, who.element, sound, this.theme, this.languages, this.help, h("span.clock", {}, this.date, this.time));
    this.help.addEventListener("click", actions.help);
    this.theme.addEventListener("click", actions.theme);
    settings.on("theme", () => this.draw());
    const choose = (to: (typeof LANGS)[number]) => h("button", { type: "button", click: () => actions.language(to), lang: to, "data-lang": to, title: NAMES[to] }, to.toUpperCase());
    put(this.languages, ...LANGS.map(choose));
    const draw = (): void => this.draw(); // one and the same, so that a picture and its status draw it once
    for (const topic of ["hello", "frame", "status", "link", "language", "past"] as const) store.on(topic, draw);
    setInterval(() => this.tick(), 250);
    this.draw();
  }

  private draw(): void {
    const { store, connection } = this;
    const mode = store.status?.mode ?? store.hello?.mode;
    setText(this.site, store.hello?.site.name ?? "");
    this.mode.className = `mode ${mode ?? ""}`;
    setText(this.mode, mode ? t(`mode.${mode}`) : "");
    this.mode.title = mode && mode !== "live" ? t(`mode.${mode}.note`) : "";
    this.drawCounts();
    const state = connection.state;
    const late = state === "open" ? connection.delay.ms : undefined;
    const loud = late !== undefined && late > LATE_MS;
    this.link.className = `link ${state !== "open" ? "bad" : loud ? "late" : "good"}`;
    this.link.title = late === undefined ? "" : t("link.delay", late < 1 ? "<1" : Math.round(late));
    if (state === "quiet") setText(this.link, t("link.quiet", duration((performance.now() - connection.lastAt) / 1000)));
    else setText(this.link, loud ? t("link.late", Math.round(late / 1000)) : t(`link.${state}`));
    for (const button of this.languages.querySelectorAll("button")) {
      button.classList.toggle("chosen", button.dataset["lang"] === tongue());
      button.setAttribute("aria-pressed", String(button.dataset["lang"] === tongue()));
    }
    setText(this.help, "?");
    this.help.title = t("button.help");
    this.help.setAttribute("aria-label", t("button.help"));
    const theme = t(`theme.${chosen(this.settings)}`);
    setText(this.theme, theme);
    this.theme.title = t("theme.title", theme);
    this.theme.setAttribute("aria-label", t("theme.title", theme));
    this.who.draw();
    this.tick();
  }

  private drawCounts(): void {
    const tracks = this.store.tracks;
    let confirmed = 0;
    let guarded = 0;
    for (let i = 0; tracks && i < tracks.rows; i++) {
      if (!(tracks.flags[i]! & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM))) continue;
      confirmed += 1;
      guarded += tracks.protected[i]!;
    }
    const { count: attention, worst } = this.store.waiting();
    const shown: [number, string][] = [
      [confirmed, t("count.tracks")],
      [guarded, t("count.protected")],
      [attention, t("count.attention")],
    ];
    put(this.counts, ...shown.map(([n, text], i) => h(i === 2 && n > 0 ? `span.severity${worst}` : "span", {}, h("b", {}, n), ` ${text}`)));
  }

  private tick(): void {
    const frozen = this.connection.state !== "open" && !this.store.past;
    const now = frozen ? this.connection.lastTime : this.store.clock.now(performance.now());
    setText(this.date, dateText(now));
    setText(this.time, `${clockTime(now)} ${t("clock.utc")}`);
    this.time.classList.toggle("frozen", frozen);
  }
}
