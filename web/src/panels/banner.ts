// A few lines over the map: what is wrong, what was missed, what was just done and how to take it back.

import type { Connection } from "../connection";
import { h, put } from "../dom";
import { clockTime, duration } from "../format";
import { t } from "../i18n";
import type { Store } from "../store";

const MISSED_SHOWN_MS = 20_000;
const SAID_MS = 8_000;
const UNDO_MS = 10_000;

type Kind = "note" | "warn" | "bad";

/** What a line offers to do. */
export interface Offer {
  name: string;
  run: () => void;
}

interface Line {
  kind: Kind;
  text: string;
  role?: "alert" | "status";
  offer?: Offer | undefined;
}

export class Banner {
  private notes: string[] = [];
  private readonly standing = new Map<string, () => Line | undefined>();
  private said: Line[] = [];
  private missed: Connection["missed"];
  private missedUntil = 0;
  private readonly shown = new Map<string, HTMLElement>();

  constructor(
    private readonly element: HTMLElement,
    private readonly link: Connection,
    private readonly store: Store,
  ) {
    store.on("status", () => this.missedUntil > performance.now() && this.draw());
  }

  /** Keep a lasting note (no WebGL, no basemap). */
  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
    this.draw();
  }

  /** Keep a line for as long as it is given, asked for whenever the banner is drawn. */
  stand(name: string, line: () => Line | undefined): void {
    this.standing.set(name, line);
    this.draw();
  }

  /** Say something for a while; offer: what can be done about it. */
  say(text: string, kind: Kind, offer?: Offer): void {
    const said: Line = { text, kind, role: kind === "bad" ? "alert" : "status", offer: offer && { name: offer.name, run: () => (this.forget(said), offer.run()) } };
    this.said = [...this.said.filter((s) => s.text !== text && !(offer && s.offer)), said].slice(-3);
    this.draw();
    setTimeout(() => this.forget(said), offer ? UNDO_MS : SAID_MS);
  }

  /** Offer nothing more of what was offered: it was done some other way. */
  withdraw(): void {
    this.said = this.said.filter((s) => !s.offer);
    this.draw();
  }

  /** Say for a while, once, what an interruption cost. */
  showMissed(): void {
    if (this.link.missed === this.missed) return;
    this.missed = this.link.missed;
    this.missedUntil = performance.now() + MISSED_SHOWN_MS;
    this.draw();
    setTimeout(() => this.draw(), MISSED_SHOWN_MS + 100);
  }

  draw(): void {
    const lines = [...this.notes.map((text): Line => ({ text, kind: "note" })), this.linkLine(), this.missedLine(), ...[...this.standing.values()].map((line) => line()), ...this.said];
    const wanted = new Map<string, Line>();
    for (const line of lines) if (line) wanted.set(`${line.kind} ${line.text}`, line);
    for (const key of this.shown.keys()) if (!wanted.has(key)) this.shown.delete(key);
    const elements = [...wanted].map(([key, line]) => {
      const element = this.shown.get(key) ?? make(line);
      this.shown.set(key, element);
      return element;
    });
    // A line that stays is not touched: what is made anew loses its click, its focus, and is read out again.
    if (elements.length !== this.element.childElementCount || elements.some((e, i) => this.element.children[i] !== e)) put(this.element, ...elements);
  }

  private forget(said: Line): void {
    this.said = this.said.filter((s) => s !== said);
    this.draw();
  }

  private linkLine(): Line | undefined {
    const at = clockTime(this.link.lastTime);
    if (this.link.state === "connecting") return { kind: "note", text: t("banner.connecting") };
    if (this.link.state === "lost") return { kind: "bad", role: "alert", text: t("banner.lost", at) };
    if (this.link.state === "quiet") return { kind: "bad", role: "alert", text: t("banner.quiet", at) };
    if (this.link.state === "old page") return { kind: "bad", role: "alert", text: t("banner.old"), offer: { name: t("button.reload"), run: () => location.reload() } };
    return undefined;
  }

  private missedLine(): Line | undefined {
    const { missed, link } = this;
    if (!missed || performance.now() >= this.missedUntil || link.state !== "open") return undefined;
    const { from, to, restarted } = missed;
    const alerts = (this.store.status?.alerts ?? []).filter((a) => a.since !== null && a.since > from && a.since <= to).length;
    const text = [restarted && t("banner.restarted"), t("banner.missed", clockTime(from), clockTime(to), duration(to - from)), alerts > 0 && t("banner.missed.alerts", alerts)];
    return { kind: "warn", role: "status", text: text.filter(Boolean).join(" ") };
  }
}

function make({ kind, text, role, offer }: Line): HTMLElement {
  return h(`div.line.${kind}`, { role }, text, offer && h("button", { type: "button", click: () => offer.run() }, offer.name));
}
