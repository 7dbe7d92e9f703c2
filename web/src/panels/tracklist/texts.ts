// What free text is looked for in, of every track: made anew only where something of it changed.

import { address, modeA } from "../../format";
import type { Store } from "../../store";
import type { PageTracks } from "../../wire";
import { plain } from "./filter";

interface Held {
  code: number;
  address: number;
  /** The callsign's eight bytes. */
  first: number;
  last: number;
  text: string;
}

export class Texts {
  private readonly held = new Map<number, Held>();
  private words: DataView | undefined;

  constructor(private readonly store: Store) {}

  /** Of a row of the frame, in capitals and without accents. */
  of(tracks: PageTracks, row: number): string {
    const { callsign } = tracks;
    const { words } = this;
    // the column grows in place where a track is added: the same bytes, and more of them
    if (words?.buffer !== callsign.buffer || words.byteOffset !== callsign.byteOffset || words.byteLength !== callsign.byteLength) this.words = new DataView(callsign.buffer, callsign.byteOffset, callsign.byteLength);
    const [first, last] = [this.words!.getUint32(8 * row), this.words!.getUint32(8 * row + 4)];
    const number = tracks.number[row]!;
    const was = this.held.get(number);
    if (was && was.first === first && was.last === last && was.code === tracks.mode_a[row] && was.address === tracks.address[row]) return was.text;
    const text = plain(`${this.store.callsign(row)} ${modeA(tracks.mode_a[row]!)} ${address(tracks.address[row]!)} ${this.store.remoteId(row)} #${number}`).toUpperCase();
    this.held.set(number, { code: tracks.mode_a[row]!, address: tracks.address[row]!, first, last, text });
    return text;
  }

  /** Forget tracks that are gone, once they outweigh those that are there. */
  tidy(rows: number): void {
    if (this.held.size > 2 * rows + 1000) this.held.clear();
  }

  clear(): void {
    this.held.clear();
  }
}
