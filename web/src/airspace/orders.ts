// The commands about volumes and closures, each with what takes it back.

import { t } from "../i18n";
import type { Page } from "../page";
import type { Airspace } from "./model";
import { table, type Volume } from "./volume";

export class Orders {
  constructor(
    private readonly page: Page,
    private readonly airspace: Airspace,
  ) {}

  get mayChange(): boolean {
    return this.page.commands.may("volume");
  }

  mayClose(op: "note" | "close" | "acknowledge" | "reopen"): boolean {
    return this.page.commands.may(`closure.${op}`);
  }

  /** What a person said of a volume: active, inactive, or undefined for nothing. */
  held(id: string): boolean | undefined {
    return this.airspace.byHand[id] === undefined ? undefined : this.airspace.isActive(id);
  }

  /** Put a volume, and say in the same breath whether it is active. Throws what the server says against it. */
  async put(id: string, tree: Record<string, unknown>, active?: boolean): Promise<void> {
    const old = this.airspace.at(id);
    const undo = old ? this.back(old) : { kind: "volume", op: "remove", id };
    const what = t(old ? "airspace.undo.changed" : "airspace.undo.put", String(tree["name"]));
    await this.page.commands.send({ kind: "volume", op: "put", id, volume: tree, ...(active === undefined ? {} : { active }) }, { command: undo, what });
  }

  /** Activate or deactivate by hand. Taken back, it is as before: as its times say where nobody had said anything. */
  async toggle(v: Volume, on: boolean): Promise<void> {
    const held = this.held(v.id);
    const undo = held === undefined ? this.back(v) : { kind: "volume", op: held ? "activate" : "deactivate", id: v.id };
    await this.page.commands.send({ kind: "volume", op: on ? "activate" : "deactivate", id: v.id }, { command: undo, what: t(on ? "airspace.undo.activated" : "airspace.undo.deactivated", v.name) });
  }

  async remove(v: Volume): Promise<void> {
    await this.page.commands.send({ kind: "volume", op: "remove", id: v.id }, { command: this.back(v), what: t("airspace.undo.removed", v.name) });
  }

  /** Note a risk, or close at once with the same words. */
  async note(text: string, volumes: string[], close: boolean): Promise<void> {
    const id = this.closureId();
    const command = { kind: "closure", op: close ? "close" : "note", id, text, volumes };
    await this.page.commands.send(command, close ? { command: { kind: "closure", op: "reopen", id }, what: t("airspace.undo.closed", text) } : undefined);
  }

  async closure(op: "close" | "reopen", id: string, text: string): Promise<void> {
    await this.page.commands.send({ kind: "closure", op, id }, op === "close" ? { command: { kind: "closure", op: "reopen", id }, what: t("airspace.undo.closed", text) } : undefined);
  }

  async acknowledge(id: string, station: string): Promise<void> {
    await this.page.commands.send({ kind: "closure", op: "acknowledge", id, station });
  }

  /** The order that puts a volume as it stands, and what a person said of it. */
  private back(v: Volume): { kind: string } & Record<string, unknown> {
    const held = this.held(v.id);
    return { kind: "volume", op: "put", id: v.id, volume: table(v), ...(held === undefined ? {} : { active: held }) };
  }

  /** An id for a volume of a name that no other has. */
  readonly idFor = (name: string): string => {
    const base = name.slice(0, 58).trim() || "volume";
    let chosen = base;
    for (let n = 2; this.airspace.at(chosen); n++) chosen = `${base} ${n}`;
    return chosen;
  };

  private closureId(): string {
    const now = this.page.store.clock.now(performance.now()) ?? this.page.store.status?.time ?? 0;
    const base = `C${new Date(now * 1000).toISOString().slice(5, 19).replaceAll(/[-:]/g, "").replace("T", "-")}`;
    let chosen = base;
    for (let n = 2; this.airspace.closures.some((c) => c.id === chosen); n++) chosen = `${base}-${n}`;
    return chosen;
  }
}

/** What an error says, for people. */
export const wordsOf = (error: unknown): string => t("command.refused", error instanceof Error ? error.message : String(error));
