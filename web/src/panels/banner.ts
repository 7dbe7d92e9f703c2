// One line over the map that says what is wrong, or what was missed.

import type { Connection } from "../connection";
import { h, put } from "../dom";
import { clockTime, duration } from "../format";
import { t } from "../i18n";

const MISSED_SHOWN_MS = 20_000;
const SAID_MS = 8_000;

export class Banner {
  private notes: string[] = [];
  private said: { text: string; kind: "note" | "warn" | "bad" }[] = [];
  private missedUntil = 0;

  constructor(
    private readonly element: HTMLElement,
    private readonly link: Connection,
  ) {}

  /** Keep a lasting note (no WebGL, no basemap). */
  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
    this.draw();
  }

  /** Say something for a while. */
  say(text: string, kind: "note" | "warn" | "bad"): void {
    const said = { text, kind };
    this.said = [...this.said.filter((s) => s.text !== text), said].slice(-3);
    this.draw();
    setTimeout(() => {
      this.said = this.said.filter((s) => s !== said);
      this.draw();
    }, SAID_MS);
  }

  /** Say for a while what an interruption cost. */
  showMissed(): void {
    this.missedUntil = performance.now() + MISSED_SHOWN_MS;
    this.draw();
    setTimeout(() => this.draw(), MISSED_SHOWN_MS + 100);
  }

  draw(): void {
    const { link } = this;
    const lines: HTMLElement[] = this.notes.map((text) => h("div.line.note", {}, text));
    const at = clockTime(link.lastTime);
    if (link.state === "connecting") lines.push(h("div.line.note", {}, t("banner.connecting")));
    else if (link.state === "lost") lines.push(h("div.line.bad", { role: "alert" }, t("banner.lost", at)));
    else if (link.state === "quiet") lines.push(h("div.line.bad", { role: "alert" }, t("banner.quiet", at)));
    else if (link.state === "old page") {
      lines.push(h("div.line.bad", { role: "alert" }, t("banner.old"), h("button", { click: () => location.reload() }, t("button.reload"))));
    }
    if (link.missed && performance.now() < this.missedUntil && link.state === "open") {
      const { from, to, restarted } = link.missed;
      const text = t("banner.missed", clockTime(from), clockTime(to), duration(to - from));
      lines.push(h("div.line.warn", { role: "status" }, restarted ? `${t("banner.restarted")} ${text}` : text));
    }
    for (const { text, kind } of this.said) lines.push(h(`div.line.${kind}`, { role: kind === "bad" ? "alert" : "status" }, text));
    put(this.element, ...lines);
  }
}
