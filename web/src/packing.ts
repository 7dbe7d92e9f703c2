// Whole numbers packed into few bits (src/tenere/serve/packing.py says how).

export const MISSING = -2147483648;
const DENSE = 0;
const EXCEPT = 1;
const SPARSE = 2;
const DEPTH = 4;
const EMPTY = new Int32Array(0);

export class PackingError extends Error {}

/** Reads lists of numbers one after the other, with room of its own that is used again. */
export class Unpacker {
  at = 0;
  private words: Int32Array = EMPTY;
  private end = 0;
  private rooms: Int32Array[] = [];
  private used = 0;

  /** Read these words from a place on, the last of them not. */
  open(words: Int32Array, at: number): void {
    this.words = words;
    this.at = at;
    this.end = words.length - 1; // the word after the last is there to be looked at: it is the check
    this.used = 0;
  }

  get finished(): boolean {
    return this.at === this.end;
  }

  word(): number {
    if (this.at >= this.end) throw new PackingError("cut short");
    return this.words[this.at++]! >>> 0;
  }

  /** Read n numbers into a place. */
  read(n: number, out: Int32Array, from = 0, depth = 1): void {
    const how = this.word();
    const base = this.word() | 0;
    const width = how & 0xff;
    const form = how >>> 8;
    const more = form === DENSE ? 0 : this.word();
    if (depth > DEPTH || width > 32 || form > SPARSE || more > n || (form === SPARSE && width > 0)) throw new PackingError("a head that cannot be");
    if (form === SPARSE) this.sparse(n, more, base, out, from, depth);
    else if (form === EXCEPT) this.except(n, more, width, base, out, from, depth);
    else this.dense(n, width, base, out, from);
  }

  /** Read how far apart count rows of n lie, into a place; return where that is. */
  rows(count: number, n: number, depth = 1): Int32Array {
    const out = this.room(count);
    this.read(count, out, 0, depth);
    let row = -1;
    for (let i = 0; i < count; i++) {
      const gap = out[i]!;
      row += gap + 1;
      if (gap < 0 || row >= n) throw new PackingError("rows that are not there");
      out[i] = row;
    }
    return out;
  }

  private dense(n: number, width: number, base: number, out: Int32Array, from: number): void {
    if (width === 0) {
      out.fill(base, from, from + n);
      return;
    }
    const { words } = this;
    let word = this.at;
    this.at += Math.ceil((n * width) / 32);
    if (this.at > this.end) throw new PackingError("cut short");
    const mask = width === 32 ? -1 : (1 << width) - 1;
    let bit = 0;
    for (let i = from; i < from + n; i++) {
      let field = words[word]! >>> bit;
      bit += width;
      if (bit >= 32) {
        bit -= 32;
        word += 1;
        if (bit > 0) field |= words[word]! << (width - bit);
      }
      out[i] = (field & mask) + base;
    }
  }

  private except(n: number, more: number, width: number, base: number, out: Int32Array, from: number, depth: number): void {
    this.dense(n, width, base, out, from);
    const mark = ((width === 32 ? -1 : (1 << width) - 1) + base) | 0;
    const values = this.room(more);
    this.read(more, values, 0, depth + 1);
    let found = 0;
    for (let i = from; i < from + n; i++) {
      if (out[i] !== mark) continue;
      if (found < more) out[i] = values[found]!;
      found += 1;
    }
    this.used -= 1;
    if (found !== more) throw new PackingError("other exceptions than promised");
  }

  private sparse(n: number, more: number, base: number, out: Int32Array, from: number, depth: number): void {
    const rows = this.rows(more, n, depth + 1);
    const values = this.room(more);
    this.read(more, values, 0, depth + 1);
    out.fill(base, from, from + n);
    for (let i = 0; i < more; i++) out[from + rows[i]!] = values[i]!;
    this.used -= 2;
  }

  /** Lend room for n numbers until the frame is read, or given back. */
  private room(n: number): Int32Array {
    const k = this.used++;
    let room = this.rooms[k] ?? EMPTY;
    if (room.length < n) this.rooms[k] = room = new Int32Array(Math.ceil(1.25 * n) + 16);
    return room;
  }
}
