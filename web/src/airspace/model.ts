// The airspace that the page holds: asked for whole once, then only by what changed, whenever the status says that something did.

import { Latest } from "../latest";
import type { Store } from "../store";
import type { Volume } from "./volume";

export interface Step {
  time: number;
  by: string;
  signed: boolean;
}

export interface Station {
  station: string;
  acknowledged: number | null;
  by: string | null;
  waited_s: number | null;
  overdue: boolean;
}

export interface Closure {
  id: string;
  state: "noted" | "closed" | "reopened";
  text: string;
  volumes: string[];
  noted: Step | null;
  closed: Step | null;
  reopened: Step | null;
  stations: Station[];
}

export interface Movement {
  time_s: number;
  number: number;
  aerodrome: string;
  kind: "take_off" | "landing" | "";
  planned: boolean;
  callsign: string;
}

export interface Change {
  version: number;
  time_s: number;
  operation: string;
  id: string;
  name: string;
  by: string;
  signed: boolean;
  reason: string;
}

interface Told {
  time: number | null;
  version: number;
  drawn: string;
  /** "1" or "0" of each volume, in their order. */
  active: string;
  by_hand: Record<string, string>;
  stations: string[];
  acknowledge_s: number | null;
  closures: Closure[];
  changes: Change[];
  movements: Movement[];
  /** null: as it was when it was last asked for. */
  volumes: Volume[] | null;
}

export class Airspace {
  volumes: readonly Volume[] = [];
  active: readonly boolean[] = [];
  byHand: Readonly<Record<string, string>> = {};
  closures: readonly Closure[] = [];
  changes: readonly Change[] = [];
  movements: readonly Movement[] = [];
  stations: readonly string[] = [];
  acknowledge_s = 60;
  /** Whether the server has answered at all. */
  known = false;
  /** Rises when volumes were put or removed; and when one became active or inactive. */
  drawn = 0;
  stood = 0;
  /** The volumes that were put since those before; undefined: any may be another. */
  touched: ReadonlySet<string> | undefined;
  private rows = new Map<string, number>();
  private have = "";
  private mark: number | undefined;
  private boot: string | undefined;
  private readonly listeners: (() => void)[] = [];
  private readonly asking = new Latest<number>(() => this.ask());

  constructor(
    private readonly store: Store,
    private readonly get: (path: string) => Promise<Response> = (path) => fetch(path),
  ) {
    store.on("status", () => this.look());
    store.on("hello", () => this.look());
  }

  on(listener: () => void): void {
    this.listeners.push(listener);
  }

  at(id: string): Volume | undefined {
    return this.volumes[this.rows.get(id) ?? -1];
  }

  isActive(id: string): boolean {
    return this.active[this.rows.get(id) ?? -1] ?? false;
  }

  /** Closures that are closed, and have stations that did not say they know. */
  get waiting(): Closure[] {
    return this.closures.filter((c) => c.state === "closed" && c.stations.some((s) => s.acknowledged === null));
  }

  /** Ask where the server says that something changed, or has been started anew. */
  private look(): void {
    const { status, hello } = this.store;
    if (!status) return;
    const mark = status.airspace_version ?? 0;
    if (this.known && mark === this.mark && hello?.boot === this.boot) return;
    this.mark = mark;
    this.boot = hello?.boot;
    this.asking.ask(mark);
  }

  private async ask(): Promise<void> {
    try {
      const answer = await this.get(`/api/airspace?have=${encodeURIComponent(this.have)}`);
      if (!answer.ok) throw new Error(String(answer.status));
      this.take((await answer.json()) as Told);
    } catch (error) {
      this.mark = undefined; // ask again at the next status
      throw error;
    }
  }

  /** The ids of what was put since the volumes at hand, where the server still tells of each change; else undefined. */
  private since(told: Told): ReadonlySet<string> | undefined {
    const last = this.changes[this.changes.length - 1]?.version ?? 0;
    const boot = (drawn: string): string | undefined => drawn.split(".")[0];
    const first = told.changes[0]?.version ?? Infinity;
    if (!this.have || boot(told.drawn) !== boot(this.have) || first > last + 1) return undefined;
    return new Set(told.changes.filter((c) => c.version > last).map((c) => c.id));
  }

  take(told: Told): void {
    const active = [...told.active].map((c) => c === "1");
    if (told.volumes) {
      this.touched = this.since(told);
      this.volumes = told.volumes;
      this.have = told.drawn;
      this.rows = new Map(told.volumes.map((v, row) => [v.id, row]));
      this.drawn += 1;
    }
    if (told.volumes || active.some((a, row) => a !== this.active[row])) this.stood += 1;
    this.active = active;
    this.byHand = told.by_hand;
    this.closures = told.closures;
    this.changes = told.changes;
    this.movements = told.movements;
    this.stations = told.stations;
    this.acknowledge_s = told.acknowledge_s ?? 60;
    this.known = true;
    for (const listener of this.listeners) listener();
  }
}
