// Frames made for tests, by the layout that src/tenere/serve/frames.py documents.

import { BATCHES } from "../src/wire";

type Values = Record<string, (number | string)[]>;

export function makeFrame(kind: number, sequence: number, time: number, batches: Record<string, Values>): ArrayBuffer {
  const bytes: number[] = [];
  const put = (write: (view: DataView) => void, size: number): void => {
    const buffer = new ArrayBuffer(size);
    write(new DataView(buffer));
    bytes.push(...new Uint8Array(buffer));
  };
  bytes.push(0x54, 0x4e, 0x52, 0x32, kind, 0);
  put((v) => v.setUint16(0, Object.keys(batches).length, true), 2);
  put((v) => v.setUint32(0, sequence, true), 8);
  put((v) => v.setFloat64(0, time, true), 16);
  for (const [name, given] of Object.entries(batches)) {
    const id = BATCHES.findIndex((b) => b.name === name);
    const rows = Object.values(given)[0]?.length ?? 0;
    put((v) => (v.setUint32(0, id, true), v.setUint32(4, rows, true)), 8);
    for (const [column, dtype] of BATCHES[id]!.columns) {
      const width = Number(dtype.slice(1));
      for (let i = 0; i < rows; i++) {
        const value = given[column]?.[i] ?? 0;
        if (typeof value === "string") for (let k = 0; k < width; k++) bytes.push(k < value.length ? value.charCodeAt(k) : 0);
        else if (dtype.startsWith("S")) for (let k = 0; k < width; k++) bytes.push(0);
        else
          put((v) => {
            if (dtype === "f4") v.setFloat32(0, value, true);
            else if (width === 4) v.setInt32(0, value, true);
            else if (width === 2) v.setInt16(0, value, true);
            else v.setUint8(0, value);
          }, width);
      }
      while (bytes.length % 8) bytes.push(0);
    }
  }
  return new Uint8Array(bytes).buffer;
}
