// The picture by server-sent events, where the WebSocket does not get through: rows of JSON made into the frames that the stream gives.

import type { Connection, Listener } from "./connection";
import { TRACKS, type Frame } from "./frames";
import type { Hello, Status } from "./store";
import { BATCHES, SCHEMA_HASH, type PageTracks } from "./wire";

export interface Changes {
  type: "tracks";
  time: number;
  /** Whether these are all tracks there are. */
  whole: boolean;
  gone: number[];
  /** Columns; null where a number is not known. */
  tracks: Record<string, (number | string | null)[]> & { number: number[]; sent_s: number[] };
}

type Row = Record<string, number | string | null>;

const PATIENCE_S = 5;
const ARRAYS: Record<string, new (n: number) => Float32Array | Int32Array | Int16Array | Uint32Array | Uint16Array | Uint8Array> = { f4: Float32Array, i4: Int32Array, i2: Int16Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };

/** What the events have told so far. */
export class Told {
  private rows = new Map<number, Row>();
  private sequence = 0;

  /** Take changes in, and return the picture they make. */
  take(changes: Changes, bytes: number): Frame {
    if (changes.whole) this.rows.clear();
    for (const number of changes.gone) this.rows.delete(number);
    const names = Object.keys(changes.tracks);
    changes.tracks.number.forEach((number, i) => this.rows.set(number, Object.fromEntries(names.map((name) => [name, changes.tracks[name]?.[i] ?? null]))));
    this.sequence += 1;
    return { kind: TRACKS, sequence: this.sequence, time: changes.time, bytes, tracks: this.columns(changes.time) } as Frame;
  }

  private columns(time: number): PageTracks {
    const rows = [...this.rows.values()];
    const out: Record<string, unknown> = { rows: rows.length };
    for (const [name, dtype] of BATCHES.find((b) => b.name === "PageTracks")!.columns) {
      if (dtype.startsWith("S")) out[name] = text(rows, name, Number(dtype.slice(1)));
      else {
        const column = new (ARRAYS[dtype] ?? Float32Array)(rows.length);
        const missing = dtype.startsWith("f") ? NaN : dtype.startsWith("i") ? -1 : 0;
        const ages = name === "age_s" || name === "lag_s"; // they were so when the row was sent
        rows.forEach((row, i) => (column[i] = Number(row[name] ?? missing) + (ages ? Math.max(0, time - Number(row["sent_s"])) : 0)));
        out[name] = column;
      }
    }
    return out as unknown as PageTracks;
  }
}

function text(rows: Row[], name: string, width: number): Uint8Array {
  const out = new Uint8Array(rows.length * width);
  rows.forEach((row, i) => {
    const value = String(row[name] ?? "");
    for (let k = 0; k < Math.min(width, value.length); k++) out[i * width + k] = value.charCodeAt(k) & 0x7f;
  });
  return out;
}

/** Watches a connection; while its socket does not get through, the picture comes by events. */
export class Besides {
  private stream: EventSource | undefined;
  private since = performance.now();

  constructor(
    private readonly connection: Connection,
    private readonly listener: Listener,
    private readonly open: () => EventSource = () => new EventSource("/api/events"),
  ) {
    setInterval(() => this.look(performance.now()), 1000);
  }

  look(at: number): void {
    const { connection } = this;
    if (connection.state === "old page" || (connection.state === "open" && !connection.besides)) {
      this.since = at;
      this.stream?.close();
      this.stream = undefined;
    } else if (!this.stream && at - this.since >= 1000 * PATIENCE_S) this.begin();
    else if (this.stream?.readyState === EventSource.CLOSED) {
      this.stream = undefined; // refused: perhaps full, perhaps the session has ended
      connection.besides = false;
      this.since = at;
    }
  }

  private begin(): void {
    const told = new Told();
    const stream = this.open();
    this.stream = stream;
    const take = <T>(name: string, use: (message: T, bytes: number) => void): void =>
      stream.addEventListener(name, (event) => {
        const data = (event as MessageEvent<string>).data;
        if (stream === this.stream) use(JSON.parse(data) as T, data.length);
      });
    let ours = false;
    take<Hello>("hello", (hello) => {
      ours = hello.schema === SCHEMA_HASH;
      if (ours) this.listener.hello(hello);
      else location.reload(); // nobody stands at a board: it takes the new page itself
    });
    take<Status>("status", (status) => ours && this.listener.status(status));
    take<Changes>("tracks", (changes, bytes) => {
      if (!ours) return;
      const frame = told.take(changes, bytes);
      this.connection.brought(frame.time);
      this.listener.frame(frame);
    });
  }
}
