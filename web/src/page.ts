// What every part of the page is given: the picture, the map, the person, and where to put things.

import type { Commands } from "./commands";
import type { Connection } from "./connection";
import type { Coverage } from "./coverage";
import type { Keys } from "./keys";
import type { Layers } from "./layers";
import type { Scene } from "./scene";
import type { Session } from "./session";
import type { Settings } from "./settings";
import type { Side } from "./side";
import type { Store } from "./store";

export interface Page {
  readonly store: Store;
  readonly connection: Connection;
  readonly session: Session;
  readonly commands: Commands;
  readonly settings: Settings;
  readonly keys: Keys;
  readonly layers: Layers;
  readonly side: Side;
  readonly coverage: Coverage;
  /** The map; undefined where none can be drawn. */
  readonly scene: Scene | undefined;
  /** Select a track and go there. */
  choose(track: number): void;
  /** Say something for a while over the map; "bad" where it did not work. */
  say(text: string, kind?: "note" | "warn" | "bad"): void;
  /** A part of the address: what to write into it now ("": nothing), kept by name. */
  address(name: string, write: () => string): void;
  /** Write the address anew. */
  wrote(): void;
  /** What the address said under a name when the page was opened. */
  asked(name: string): string;
}
