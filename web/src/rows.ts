// Which row of the latest frame a track number is in: a hash over two flat arrays, made anew each frame without an object.

const FREE = -1;

export class Rows {
  private keys = new Uint32Array(64);
  private held = new Int32Array(64).fill(FREE);
  private mask = 63;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Take the numbers of a frame; where one stands twice, its last row counts. */
  take(numbers: Uint32Array): void {
    const wanted = 2 ** Math.ceil(Math.log2(Math.max(64, 2 * numbers.length)));
    if (this.held.length < wanted) {
      this.keys = new Uint32Array(wanted);
      this.held = new Int32Array(wanted);
      this.mask = wanted - 1;
    }
    const { keys, held, mask } = this;
    held.fill(FREE);
    this.count = 0;
    for (let row = 0; row < numbers.length; row++) {
      const number = numbers[row]!;
      let at = Math.imul(number, 0x9e3779b1) & mask;
      while (held[at] !== FREE && keys[at] !== number) at = (at + 1) & mask;
      if (held[at] === FREE) this.count += 1;
      keys[at] = number;
      held[at] = row;
    }
  }

  get(number: number): number | undefined {
    let at = Math.imul(number, 0x9e3779b1) & this.mask;
    while (this.held[at] !== FREE) {
      if (this.keys[at] === number) return this.held[at];
      at = (at + 1) & this.mask;
    }
    return undefined;
  }

  has(number: number): boolean {
    return this.get(number) !== undefined;
  }
}
