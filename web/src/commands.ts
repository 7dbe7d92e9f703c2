// What this person has the server do, and how each is taken back.

import { t } from "./i18n";
import type { Session } from "./session";

export type Command = Record<string, unknown> & { kind: string };

export interface Done {
  command: Command;
  /** What takes it back. */
  undo: Command;
  /** What was done, in words. */
  what: string;
}

const KEPT = 50;

export class Commands {
  /** What can be taken back, the latest last. */
  readonly done: Done[] = [];
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly session: Session) {}

  may(command: string): boolean {
    return this.session.may(command);
  }

  on(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Send a command; undo: what would take it back, and what it was, in words. Throws what the server says against it. */
  async send(command: Command, undo?: { command: Command; what: string }): Promise<void> {
    await this.session.send(command, t("alerts.operator"));
    if (undo) this.remember({ command, undo: undo.command, what: undo.what });
  }

  /** Keep what takes a command back: at once, or when the server's answer has told it. */
  remember(done: Done): void {
    this.done.push(done);
    if (this.done.length > KEPT) this.done.shift();
    this.tell();
  }

  /** Take the latest back; what it was, or undefined where there is nothing. Throws as send does, and then keeps it. */
  async undo(): Promise<Done | undefined> {
    const last = this.done[this.done.length - 1];
    if (!last) return undefined;
    await this.session.send(last.undo, t("alerts.operator"));
    this.done.splice(this.done.indexOf(last), 1);
    this.tell();
    return last;
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
