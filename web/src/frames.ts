// Binary frames of /api/stream whose columns lie there as they are (src/tenere/serve/frames.py says how), and keyframes.

import { FrameError, HEAD_BYTES, headOf, HISTORY, KEY, TRACKS, widthOf, type Frame } from "./framehead";
import { Picture } from "./picture";
import { BATCHES, type PageHistory, type PageLocal, type PageRemote, type PageTracks } from "./wire";

export { DELTA, FrameError, headOf, HISTORY, KEY, TRACKS, type Frame } from "./framehead";

type Column = Float64Array | Float32Array | Int32Array | Int16Array | Uint32Array | Uint16Array | Uint8Array;

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

/** Parse one frame of plain columns, without a copy; throws FrameError on bytes that are not one. */
export function parseFrame(buffer: ArrayBuffer): Frame {
  const { kind, batches, sequence, time, served } = headOf(buffer);
  if (kind !== TRACKS && kind !== HISTORY) throw new FrameError("frame of another kind");
  const words = new DataView(buffer);
  const found: Record<string, unknown> = {};
  let at = HEAD_BYTES;
  for (let i = 0; i < batches; i++) {
    if (at + 8 > buffer.byteLength) throw new FrameError("frame cut short");
    const schema = BATCHES[words.getUint32(at, true)];
    const rows = words.getUint32(at + 4, true);
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
    kind,
    sequence,
    time,
    served,
    bytes: buffer.byteLength,
    tracks: found["PageTracks"] as PageTracks,
    local: found["PageLocal"] as PageLocal,
    remote: found["PageRemote"] as PageRemote,
    history: found["PageHistory"] as PageHistory,
  };
}

/** Read a frame that needs no other (a keyframe), into arrays of its own; throws FrameError on bytes that are not one. */
export function parseKeyframe(buffer: ArrayBuffer): Frame {
  if (headOf(buffer).kind !== KEY) throw new FrameError("not a keyframe of tracks");
  return new Picture().take(buffer);
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
