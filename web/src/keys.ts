// Every key of the page, by its place on the keyboard, so that AZERTY and QWERTY agree; the question mark by what it types.

import type { Key } from "./i18n";

export interface Binding {
  /** KeyboardEvent.code, such as "KeyL"; or a sign, such as "?", for whatever key types it. */
  code: string;
  shift?: boolean;
  /** What the key is called in the help. */
  cap: string;
  /** What it does, in words. */
  does: Key;
  run: () => void;
  /** Whether it does anything now; where not, the key is left to the page. */
  when?: () => boolean;
}

const typing = (target: EventTarget | null): boolean => target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;

export class Keys {
  readonly bindings: Binding[] = [];

  constructor(target: Pick<Window, "addEventListener"> = window) {
    target.addEventListener("keydown", (event) => this.press(event as KeyboardEvent));
  }

  /** Bind keys; a second binding of the same key is an error of ours. */
  add(...bindings: Binding[]): void {
    for (const b of bindings) {
      if (this.bindings.some((held) => held.code === b.code && Boolean(held.shift) === Boolean(b.shift) && !held.when && !b.when)) throw new Error(`the key ${b.cap} is bound twice`);
      this.bindings.push(b);
    }
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target)) {
      if (event.code === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    const wanted = (b: Binding): boolean => (b.code.length === 1 ? event.key === b.code : b.code === event.code && Boolean(b.shift) === event.shiftKey);
    const found = this.bindings.find((b) => wanted(b) && (b.when?.() ?? true));
    if (!found) return;
    event.preventDefault();
    found.run();
  }
}
