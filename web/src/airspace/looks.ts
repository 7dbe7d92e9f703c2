// How volumes are drawn: their kind by colour and line, their state by line again, both by the label.

import type { Kind } from "./volume";

export interface Look {
  readonly width: number;
  readonly dash: readonly number[];
  /** Opacity of the inside while it is active; 0: none. */
  readonly fill: number;
}

const look = (width: number, dash: readonly number[] = [], fill = 0): Look => ({ width, dash, fill });

export const LOOKS: Record<Kind, Look> = {
  fir: look(1.2, [14, 4, 2, 4]),
  border: look(1.2, [10, 3, 2, 3, 2, 3]),
  control: look(1.2),
  prohibited: look(2.2, [], 0.1),
  restricted: look(1.6, [12, 3], 0.08),
  danger: look(1.6, [6, 4], 0.06),
  temporary: look(1.6, [4, 3], 0.06),
  no_fly: look(2.2, [16, 3, 3, 3], 0.1),
  drone: look(1.4, [2, 3], 0.05),
  corridor: look(1.4),
  closed: look(3, [], 0.14),
  aerodrome: look(1, [8, 3]),
  other: look(1, [3, 3]),
};

/** Inactive: thin dots, dimmed. */
export const INACTIVE: Look = look(1.2, [1.5, 4.5]);
export const DIM = 0.8;
