// What became of this person's commands: said when the server tells it, and what takes an order back is kept.

import type { Commands } from "./commands";
import { lang, t, word } from "./i18n";
import type { Session } from "./session";
import type { Answer, Store } from "./store";

export type Say = (text: string, kind?: "note" | "warn" | "bad") => void;

export class Answers {
  private latest = -1;
  private boot = "";

  constructor(
    private readonly store: Store,
    private readonly session: Session,
    private readonly commands: Commands,
    private readonly say: Say,
  ) {
    store.on("status", () => this.take());
  }

  private take(): void {
    const answers = this.store.status?.answers ?? [];
    const boot = this.store.hello?.boot ?? "";
    if (boot !== this.boot) [this.boot, this.latest] = [boot, -1];
    const first = this.latest < 0; // what was answered before this page was there is not news
    for (const a of answers) {
      if (a.id <= this.latest) continue;
      this.latest = a.id;
      if (!first && this.mine(a)) this.tell(a);
    }
    if (first) this.latest = Math.max(this.latest, 0);
  }

  /** The server keeps the first letters of a name. */
  private mine(a: Answer): boolean {
    const me = this.session.info?.name ?? t("alerts.operator");
    return a.by !== "" && (me.startsWith(a.by) || a.by.startsWith(me));
  }

  private tell(a: Answer): void {
    const what = a.track ? t("answer.track", word("act", a.kind), this.nameOf(a.track)) : word("act", a.kind);
    this.say(`${what}: ${a.text[lang()] ?? a.text["en"] ?? ""}`, a.accepted ? "note" : "bad");
    if (a.accepted && a.order && a.kind !== "track_undo") {
      this.commands.remember({ command: { kind: a.kind }, undo: { kind: "track_undo", order: a.order, reason: t("undo.reason") }, what });
    }
  }

  private nameOf(number: number): string {
    const row = this.store.rows.get(number);
    return row === undefined ? `#${number}` : this.store.nameOf(row);
  }
}
