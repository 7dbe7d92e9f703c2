// What this person has the server do, and how each is taken back.

import { t } from "./i18n";
import type { Session } from "./session";

export type Command = Record<string, unknown> & { kind: string };

export interface Done {
  command: Command;
  /** What takes it back; undefined where nothing does. */
  undo: Command | undefined;
  /** What was done, in words. */
  what: string;
}

const KEPT = 50;

export class Commands {
  /** What was done, the latest last. */
  readonly done: Done[] = [];
  private readonly listeners: ((latest: Done | undefined) => void)[] = [];
  private undoing = false;

  constructor(private readonly session: Session) {}

  may(command: string): boolean {
    return this.session.may(command);
  }

  /** Be told when something was done, and (with nothing) when the latest was taken back. */
  on(listener: (latest: Done | undefined) => void): void {
    this.listeners.push(listener);
  }

  /** Send a command; undo: what it was, in words, and what would take it back, where anything would. Throws what the server says against it. */
  async send(command: Command, undo?: { command?: Command; what: string }): Promise<void> {
    await this.session.send(command, t("alerts.operator"));
    if (undo) this.remember({ command, undo: undo.command, what: undo.what });
  }

  /** Keep what takes a command back: at once, or when the server's answer has told it. */
  remember(done: Done): void {
    this.done.push(done);
    if (this.done.length > KEPT) this.done.shift();
    this.tell(done);
  }

  /**
   * Take the latest back; what it was, or undefined where there is nothing, or while another is still being taken back.
   * Nothing beneath what cannot be taken back is touched: that is told first, and then forgotten. Throws as send does, and then keeps it.
   */
  async undo(): Promise<Done | undefined> {
    const last = this.done[this.done.length - 1];
    if (!last || this.undoing) return undefined;
    this.undoing = true;
    try {
      if (last.undo) await this.session.send(last.undo, t("alerts.operator"));
      this.done.splice(this.done.indexOf(last), 1);
    } finally {
      this.undoing = false;
    }
    this.tell(undefined);
    return last;
  }

  private tell(latest: Done | undefined): void {
    for (const listener of this.listeners) listener(latest);
  }
}
