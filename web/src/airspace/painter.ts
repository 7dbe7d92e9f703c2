// A thread beside the page that paints thousands of volumes into a picture: the page itself only lays that under the view.

import { build, type Bare, type Frame } from "./drawn";
import { paint } from "./paint";
import type { Kind } from "./volume";

/** The volumes to paint from now on. */
export interface Volumes {
  laid: readonly Bare[];
}

/** A picture that is wanted: around a view, so many CSS pixels to each side. */
export interface Wanted {
  frame: Frame;
  half: number;
  ratio: number;
  active: Uint8Array;
  /** Kinds that are shown; and whether inactive ones are. */
  kinds: readonly Kind[];
  inactive: boolean;
  hidden: string;
  palette: Record<Kind, string>;
}

export interface Picture {
  bitmap: ImageBitmap;
  points: number;
  volumes: number;
  ms: number;
}

let held: readonly Bare[] = [];
const scope = self as unknown as { onmessage: (event: MessageEvent<Volumes | Wanted>) => void; postMessage(message: unknown, transfer: Transferable[]): void };

scope.onmessage = ({ data }) => {
  if ("laid" in data) {
    held = data.laid;
    return;
  }
  const begun = performance.now();
  const side = 2 * data.half;
  const canvas = new OffscreenCanvas(Math.ceil(side * data.ratio), Math.ceil(side * data.ratio));
  const g = canvas.getContext("2d")!;
  g.setTransform(data.ratio, 0, 0, data.ratio, 0, 0);
  const kinds = new Set(data.kinds);
  const rows = data.hidden ? held.filter((l) => l.volume.id !== data.hidden) : held;
  const built = build(rows, data.active, (kind, active) => kinds.has(kind) && (active || data.inactive), data.frame, data.half);
  paint(g, { ...data.frame, width: side, height: side }, built, data.active, data.palette);
  const bitmap = canvas.transferToImageBitmap();
  scope.postMessage({ bitmap, points: built.points, volumes: built.volumes, ms: performance.now() - begun } satisfies Picture, [bitmap]);
};
