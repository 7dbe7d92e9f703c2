// What every binary frame of /api/stream begins with (src/tenere/serve/frames.py says how), and what a frame becomes.

import type { PageHistory, PageLocal, PageRemote, PageTracks } from "./wire";

export const TRACKS = 1;
export const HISTORY = 2;
export const KEY = 3;
export const DELTA = 4;
const MAGIC = 0x32524e54; // "TNR2", little-endian
export const HEAD_BYTES = 32;

export interface Frame {
  readonly kind: number;
  readonly sequence: number;
  readonly time: number;
  /** The server's clock (s since 1970) when it made the picture. */
  readonly served: number;
  readonly bytes: number;
  /** The same number as of the frame before: the same rows, with the same Remote IDs. */
  readonly layout?: number;
  readonly tracks?: PageTracks;
  readonly local?: PageLocal;
  readonly remote?: PageRemote;
  readonly history?: PageHistory;
}

/** What every frame begins with; before: the frame that a change follows. */
export interface Head {
  readonly kind: number;
  readonly batches: number;
  readonly sequence: number;
  readonly before: number;
  readonly time: number;
  readonly served: number;
}

const ITEM: Record<string, number> = { f8: 8, f4: 4, i4: 4, u4: 4, i2: 2, u2: 2, u1: 1 };

export class FrameError extends Error {}

/** Bytes one row of a column takes. */
export function widthOf(dtype: string): number {
  return dtype.startsWith("S") ? Number(dtype.slice(1)) : (ITEM[dtype] ?? 0);
}

/** What a frame begins with; throws FrameError on bytes that are no frame. */
export function headOf(buffer: ArrayBuffer): Head {
  if (buffer.byteLength < HEAD_BYTES) throw new FrameError("frame shorter than its header");
  const head = new DataView(buffer);
  if (head.getUint32(0, true) !== MAGIC) throw new FrameError("frame without its magic");
  return {
    kind: head.getUint8(4),
    batches: head.getUint16(6, true),
    sequence: head.getUint32(8, true),
    before: head.getUint32(12, true),
    time: head.getFloat64(16, true),
    served: head.getFloat64(24, true),
  };
}
