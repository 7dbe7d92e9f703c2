// One part of a track's page.

import type { Key } from "../../i18n";
import type { Store } from "../../store";
import type { Explanation, Past } from "./told";

export interface Seen {
  store: Store;
  number: number;
  /** Its row in the frame; undefined where it is no longer live. */
  row: number | undefined;
  why: Explanation | undefined;
  past: Past | undefined;
  /** The picture's time, s. */
  now: number;
}

export interface Part {
  readonly id: string;
  readonly name: Key;
  readonly element: HTMLElement;
  /** Whether it needs what the track did lately. */
  readonly needsPast: boolean;
  draw(seen: Seen): void;
}
