// The picture as the stream tells it: keyframes, and what has changed since (src/tenere/serve/delta.py says how). The columns are
// kept from frame to frame, and a frame that cannot be taken changes nothing.

import { DELTA, FrameError, HEAD_BYTES, headOf, KEY, widthOf, type Frame } from "./framehead";
import { MISSING, PackingError, Unpacker } from "./packing";
import { logarithmOf, moved } from "./reckon";
import { Guess, SENT, type PageLocal, type PageRemote, type PageTracks } from "./wire";

const ROWS_MOST = 1 << 18;
const MS_MOST = 3_600_000;
const SPARE = 1.25;
const LAG_STEP_MS = 10;

type Values = Float32Array | Int32Array | Int16Array | Uint32Array | Uint16Array | Uint8Array;

const ARRAYS: Record<string, new (n: number) => Values> = { f4: Float32Array, i4: Int32Array, i2: Int16Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };

/** Text of some rows: so many characters of each, one after the other. */
interface Told {
  rows: Int32Array | undefined;
  count: number;
  text: Uint8Array;
}

/** A column: its steps and the values they stand for, with spare room; what the frame in hand adds to it. */
class Column {
  steps = new Int32Array(0);
  added = new Int32Array(0);
  values: Values;
  told: [stay: Told | undefined, fresh: Told | undefined] = [undefined, undefined];
  /** Whether the frame in hand has it, for the rows that stay and for the fresh ones. */
  given: [stay: boolean, fresh: boolean] = [false, false];
  readonly text: boolean;
  readonly width: number;

  constructor(
    readonly batch: string,
    readonly name: string,
    readonly dtype: string,
    readonly step: number,
    readonly guess: number,
  ) {
    this.text = dtype.startsWith("S");
    this.width = this.text ? widthOf(dtype) : 1;
    this.values = this.room(0);
  }

  private room(rows: number): Values {
    return new (ARRAYS[this.dtype] ?? Uint8Array)(rows * this.width);
  }

  grow(rows: number): void {
    if (!this.text) {
      const steps = new Int32Array(rows);
      steps.set(this.steps);
      this.steps = steps;
      this.added = new Int32Array(rows);
    }
    const values = this.room(rows);
    values.set(this.values);
    this.values = values;
  }

  /** Close the ranks over the rows that are gone. */
  drop(left: Int32Array, gone: number, before: number): void {
    const { steps, values, width } = this;
    for (let k = 0; k < gone; k++) {
      const [to, from, end] = [left[k]! - k, left[k]! + 1, k + 1 < gone ? left[k + 1]! : before];
      values.copyWithin(to * width, from * width, end * width);
      if (!this.text) steps.copyWithin(to, from, end);
    }
  }

  /** Guess the steps of the rows that stay, add the difference, and write the values. */
  follow(stay: number, ms: number, north: Int32Array, east: Int32Array): void {
    const { steps, added, guess, values, step } = this;
    const given = this.given[0];
    const moves = guess === Guess.NORTH || guess === Guess.EAST;
    if (!given && !moves && guess !== Guess.AGED) return;
    if (!given) added.fill(0, 0, stay);
    const way = moves ? (guess === Guess.NORTH ? north : east) : undefined;
    const older = guess === Guess.AGED ? Math.floor(ms / Math.round(1000 * step)) : 0;
    // A loop over arrays of one type is quick, and over any of six it is not: what is not a float is left to set().
    if (!(values instanceof Float32Array)) {
      for (let i = 0; i < stay; i++) steps[i] = steps[i]! + added[i]!;
      values.set(steps.subarray(0, stay));
    } else if (step === 0) {
      for (let i = 0; i < stay; i++) values[i] = (steps[i] = (steps[i]! + added[i]!) | 0) === MISSING ? NaN : logarithmOf(steps[i]!);
    } else if (way) {
      for (let i = 0; i < stay; i++) {
        const was = steps[i]!;
        const now = ((was === MISSING ? was : was + way[i]!) + added[i]!) | 0;
        steps[i] = now;
        values[i] = now === MISSING ? NaN : now * step;
      }
    } else {
      for (let i = 0; i < stay; i++) {
        const was = steps[i]!;
        const now = ((was === MISSING ? was : was + older) + added[i]!) | 0;
        steps[i] = now;
        values[i] = now === MISSING ? NaN : now * step;
      }
    }
  }

  /** Fill the fresh rows. */
  begin(stay: number, rows: number): void {
    const { steps, added, guess } = this;
    const given = this.given[1];
    let above = 0;
    if (guess === Guess.COUNTED) for (let i = stay; i < rows; i++) steps[i] = above = (above + 1 + (given ? added[i]! : 0)) | 0;
    else if (given) for (let i = stay; i < rows; i++) steps[i] = added[i]!;
    else steps.fill(0, stay, rows);
  }

  /** Write the values of fresh rows. */
  write(from: number, to: number): void {
    const { steps, values, step } = this;
    if (!(values instanceof Float32Array)) values.set(steps.subarray(from, to), from);
    else if (step === 0) for (let i = from; i < to; i++) values[i] = steps[i] === MISSING ? NaN : logarithmOf(steps[i]!);
    else for (let i = from; i < to; i++) values[i] = steps[i] === MISSING ? NaN : steps[i]! * step;
  }

  /** Write the text of the rows that have new text. */
  writeText(stay: number, rows: number): void {
    const { width } = this;
    const bytes = this.values as Uint8Array;
    bytes.fill(0, stay * width, rows * width);
    for (const [part, told] of this.told.entries()) {
      const first = part ? stay : 0;
      if (!told) continue;
      if (!told.rows) bytes.set(told.text, first * width);
      else for (let i = 0; i < told.count; i++) for (let k = 0; k < width; k++) bytes[(first + told.rows[i]!) * width + k] = told.text[i * width + k]!;
    }
  }
}

/** A short batch: the rows of some columns that have a value, packed together. */
class Short {
  rows = 0;
  private row = new Uint32Array(0);
  private values: Values[];

  constructor(private readonly columns: Column[]) {
    this.values = columns.map((c) => new (ARRAYS[c.dtype] ?? Uint8Array)(0));
  }

  /** Gather these rows: the first count of a list. */
  gather(found: Int32Array, count: number): void {
    while (this.row.length < count) this.grow();
    this.rows = count;
    for (let i = 0; i < count; i++) this.row[i] = found[i]!;
    for (const [k, { values, width }] of this.columns.entries()) {
      const into = this.values[k]!;
      for (let i = 0; i < count; i++) for (let place = 0; place < width; place++) into[i * width + place] = values[this.row[i]! * width + place]!;
    }
  }

  private grow(): void {
    const size = 2 * this.row.length + 16;
    this.row = new Uint32Array(size);
    this.values = this.columns.map((c) => new (ARRAYS[c.dtype] ?? Uint8Array)(size * c.width));
  }

  batch(): Record<string, Values | number> {
    const named = this.columns.map((c, k) => [c.name, this.values[k]!.subarray(0, this.rows * c.width)] as const);
    return { rows: this.rows, row: this.row.subarray(0, this.rows), ...Object.fromEntries(named) };
  }
}

export class Picture {
  /** Of the last frame taken; 0: none yet, or what came after could not be taken. */
  sequence = 0;
  private rows = 0;
  private room = 0;
  private layout = 0;
  private readonly columns = SENT.map(([batch, name, dtype, step, guess]) => new Column(batch, name, dtype, step, guess));
  private readonly byName = new Map(this.columns.map((c) => [c.name, c]));
  private readonly local = new Short([this.column("x_nm"), this.column("y_nm")]);
  private readonly remote = new Short([this.column("remote_id")]);
  private readonly unpacker = new Unpacker();
  private north = new Int32Array(0);
  private east = new Int32Array(0);
  private found = new Int32Array(0);

  private column(name: string): Column {
    return this.byName.get(name)!;
  }

  /** Take a keyframe, or a change of this picture; throws FrameError on bytes that are neither, and then nothing has changed. */
  take(buffer: ArrayBuffer): Frame {
    const head = headOf(buffer);
    if (head.kind !== KEY && head.kind !== DELTA) throw new FrameError("frame of another kind");
    if (head.kind === DELTA && (head.before !== this.sequence || this.sequence === 0)) throw new FrameError("a change of another picture");
    if (buffer.byteLength < HEAD_BYTES + 20 || buffer.byteLength % 4) throw new FrameError("frame cut short");
    const words = new Int32Array(buffer); // signed: sums and shifts of small whole numbers are the quick ones
    const last = words.length - 1;
    let sum = 0;
    for (let i = 0; i < last; i++) sum = (sum + words[i]!) | 0;
    if (sum !== words[last]) throw new FrameError("frame whose check does not hold");
    try {
      this.read(words, head.kind === DELTA ? this.rows : 0);
    } catch (error) {
      throw error instanceof PackingError ? new FrameError(error.message) : error;
    }
    this.sequence = head.sequence;
    const { kind, sequence, time, served } = head;
    return { kind, sequence, time, served, bytes: buffer.byteLength, layout: this.layout, ...this.batches() };
  }

  /** Read all of a frame, then take it. */
  private read(words: Int32Array, before: number): void {
    const { unpacker } = this;
    unpacker.open(words, HEAD_BYTES / 4);
    const [rows, gone, fresh, ms] = [unpacker.word(), unpacker.word(), unpacker.word(), unpacker.word()];
    const stay = rows - fresh;
    if (rows > ROWS_MOST || fresh > rows || gone > before || stay !== before - gone || ms > MS_MOST) throw new FrameError("rows that do not add up");
    this.grow(rows, before);
    const left = gone ? unpacker.rows(gone, before) : undefined;
    for (const column of this.columns) {
      column.given = [false, false];
      column.told = [undefined, undefined];
    }
    if (stay) this.readPart(0, 0, stay);
    if (fresh) this.readPart(1, stay, fresh);
    if (!unpacker.finished) throw new FrameError("bytes left over");
    if (left) for (const column of this.columns) column.drop(left, gone, before);
    this.apply(stay, rows, ms, gone > 0);
    this.rows = rows;
  }

  private grow(rows: number, before: number): void {
    if (rows <= this.room) return;
    this.room = Math.ceil(SPARE * Math.max(rows, before)) + 16;
    for (const column of this.columns) column.grow(this.room);
    this.north = new Int32Array(this.room);
    this.east = new Int32Array(this.room);
    this.found = new Int32Array(this.room);
  }

  private readPart(part: 0 | 1, from: number, n: number): void {
    const { unpacker } = this;
    const masks = [unpacker.word(), unpacker.word()];
    for (let k = 0; k < 64; k++) {
      if (!((masks[k >> 5]! >>> (k & 31)) & 1)) continue;
      const column = this.columns[k];
      if (!column) throw new FrameError("columns that nobody knows");
      column.given[part] = true;
      if (column.text) column.told[part] = this.readText(column.width, n);
      else {
        unpacker.read(n, column.added, from);
      }
    }
  }

  private readText(width: number, n: number): Told {
    const { unpacker } = this;
    const count = unpacker.word();
    if (count > n) throw new FrameError("more text than rows");
    const rows = count < n ? unpacker.rows(count, n) : undefined;
    const text = new Uint8Array(count * width);
    const places = new Int32Array(count);
    for (let place = 0; place < width; place++) {
      unpacker.read(count, places);
      for (let i = 0; i < count; i++) text[i * width + place] = places[i]!;
    }
    return { rows, count, text };
  }

  private apply(stay: number, rows: number, ms: number, dropped: boolean): void {
    const [lat, course, speed, lag] = [this.column("lat_deg"), this.column("course_deg"), this.column("speed_kt"), this.column("lag_s")];
    moved(stay, Math.floor(ms / LAG_STEP_MS), lat.steps, course.steps, speed.steps, lag.steps, lag.given[0] ? lag.added : undefined, this.north, this.east);
    for (const column of this.columns) {
      if (column.text) {
        column.writeText(stay, rows);
        continue;
      }
      column.follow(stay, ms, this.north, this.east);
      if (rows === stay) continue;
      column.begin(stay, rows);
      column.write(stay, rows);
    }
    this.gather(rows, dropped || rows > stay);
  }

  /** Make the short batches; other: whether the rows are not those of before. */
  private gather(rows: number, other: boolean): void {
    const [x, y, found] = [this.column("x_nm").steps, this.column("y_nm").steps, this.found];
    let count = 0;
    for (let i = 0; i < rows; i++) if (x[i] !== MISSING && y[i] !== MISSING) found[count++] = i;
    this.local.gather(found, count);
    const { told, values: names, width } = this.column("remote_id");
    if (!other && !told[0]) return;
    this.layout += 1;
    count = 0;
    for (let i = 0; i < rows; i++) if ((names as Uint8Array)[i * width] !== 0) found[count++] = i;
    this.remote.gather(found, count);
  }

  private batches(): { tracks: PageTracks; local: PageLocal; remote: PageRemote } {
    const { rows } = this;
    const tracks: Record<string, Values | number> = { rows };
    for (const c of this.columns) if (c.batch === "PageTracks") tracks[c.name] = c.values.subarray(0, rows * c.width);
    return { tracks: tracks as unknown as PageTracks, local: this.local.batch() as unknown as PageLocal, remote: this.remote.batch() as unknown as PageRemote };
  }
}
