// Binary frames of /api/stream: typed arrays laid over the bytes, no copy (src/tenere/serve/frames.py says how).

import { BATCHES, type PageHistory, type PageLocal, type PageRemote, type PageTracks } from "./wire";

export const TRACKS = 1;
export const HISTORY = 2;
const MAGIC = 0x31524e54; // "TNR1", little-endian
const HEAD_BYTES = 24;

export interface Frame {
  readonly kind: number;
  readonly sequence: number;
  readonly time: number;
  readonly bytes: number;
  readonly tracks?: PageTracks;
  readonly local?: PageLocal;
  readonly remote?: PageRemote;
  readonly history?: PageHistory;
}

type Column = Float64Array | Float32Array | Int32Array | Int16Array | Uint32Array | Uint16Array | Uint8Array;

const ITEM: Record<string, number> = { f8: 8, f4: 4, i4: 4, u4: 4, i2: 2, u2: 2, u1: 1 };

export class FrameError extends Error {}

function view(dtype: string, buffer: ArrayBuffer, at: number, rows: number): Column {
  switch (dtype) {
    case "f8":
      return new Float64Array(buffer, at, rows);
    case "f4":
      return new Float32Array(buffer, at, rows);
    case "i4":
      return new Int32Array(buffer, at, rows);
    case "u4":
      return new Uint32Array(buffer, at, rows);
    case "i2":
      return new Int16Array(buffer, at, rows);
    case "u2":
      return new Uint16Array(buffer, at, rows);
    default:
      return new Uint8Array(buffer, at, rows * widthOf(dtype));
  }
}

/** Bytes one row of a column takes. */
function widthOf(dtype: string): number {
  return dtype.startsWith("S") ? Number(dtype.slice(1)) : (ITEM[dtype] ?? 0);
}

/** Parse one frame; throws FrameError on bytes that are not one. */
export function parseFrame(buffer: ArrayBuffer): Frame {
  if (buffer.byteLength < HEAD_BYTES) throw new FrameError("frame shorter than its header");
  const head = new DataView(buffer);
  if (head.getUint32(0, true) !== MAGIC) throw new FrameError("frame without its magic");
  const count = head.getUint16(6, true);
  const found: Record<string, unknown> = {};
  let at = HEAD_BYTES;
  for (let i = 0; i < count; i++) {
    if (at + 8 > buffer.byteLength) throw new FrameError("frame cut short");
    const schema = BATCHES[head.getUint32(at, true)];
    const rows = head.getUint32(at + 4, true);
    at += 8;
    if (!schema) throw new FrameError("frame with an unknown batch");
    const batch: Record<string, Column | number> = { rows };
    for (const [name, dtype] of schema.columns) {
      const bytes = rows * widthOf(dtype);
      if (at + bytes > buffer.byteLength) throw new FrameError("frame cut short");
      batch[name] = view(dtype, buffer, at, rows);
      at += bytes + ((8 - (bytes % 8)) % 8);
    }
    found[schema.name] = batch;
  }
  return {
    kind: head.getUint8(4),
    sequence: head.getUint32(8, true),
    time: head.getFloat64(16, true),
    bytes: buffer.byteLength,
    tracks: found["PageTracks"] as PageTracks,
    local: found["PageLocal"] as PageLocal,
    remote: found["PageRemote"] as PageRemote,
    history: found["PageHistory"] as PageHistory,
  };
}

/** Read a frame that needs no other (a keyframe), into arrays of its own; throws FrameError on bytes that are not one. */
export function parseKeyframe(buffer: ArrayBuffer): Frame {
  const frame = parseFrame(buffer);
  if (!frame.tracks) throw new FrameError("not a keyframe of tracks");
  return frame;
}

/** Text of a row of an S column: ASCII up to the first zero byte. */
export function textAt(column: Uint8Array, width: number, row: number): string {
  let out = "";
  for (let i = row * width; i < (row + 1) * width; i++) {
    const code = column[i] ?? 0;
    if (code === 0) break;
    out += String.fromCharCode(code);
  }
  return out;
}
