// Every key of the page, by its place on the keyboard, so that AZERTY and QWERTY agree; the question mark by what it types.

import type { Key } from "./i18n";
import type { Settings } from "./settings";

/** What a key is about: the help shows them together. */
export const GROUPS = ["map", "tracks", "alerts", "airspace", "past", "panels", "page"] as const;
export type Group = (typeof GROUPS)[number];

export interface Binding {
  /** KeyboardEvent.code, such as "KeyL"; or a sign, such as "?", for whatever key types it. */
  code: string;
  shift?: boolean;
  /** What the key is called in the help. */
  cap: string;
  /** What it does, in words. */
  does: Key;
  /** What it is about; the page, where nothing is said. */
  group?: Group;
  run: () => void;
  /** Whether it does anything now; where not, the key is left to the page. */
  when?: () => boolean;
  /** It goes on while the key is held. */
  repeats?: boolean;
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type));
/** A dialog keeps its keys for itself. */
const inDialog = (target: EventTarget | null): boolean => target instanceof Element && target.closest("dialog") !== null;
/** Keys that type something: a person may have them do nothing else (WCAG 2.2, 2.1.4). */
const types = (b: Binding): boolean => !/^(Escape|F\d+)$/.test(b.code);

interface Layout {
  get(code: string): string | undefined;
}

export class Keys {
  readonly bindings: Binding[] = [];
  private layout: Layout | undefined;

  constructor(
    target: Pick<Window, "addEventListener"> = window,
    private readonly settings?: Settings,
  ) {
    target.addEventListener("keydown", (event) => this.press(event as KeyboardEvent));
    void this.learn();
  }

  /** Whether single keys act; a person may switch them off. */
  get on(): boolean {
    return this.settings?.get("keys", true) ?? true;
  }

  /** Bind keys; a second binding of the same key is an error of ours. */
  add(...bindings: Binding[]): void {
    for (const b of bindings) {
      if (this.bindings.some((held) => held.code === b.code && Boolean(held.shift) === Boolean(b.shift) && !held.when && !b.when)) throw new Error(`the key ${b.cap} is bound twice`);
      this.bindings.push(b);
    }
  }

  /** What a key is called on this keyboard, where the browser tells. */
  capOf(b: Binding): string {
    const letter = /^Key([A-Z])$/.exec(b.code)?.[1];
    const here = letter && this.layout?.get(b.code)?.toUpperCase();
    const cap = here && b.cap.endsWith(letter) ? b.cap.slice(0, -1) + here : b.cap;
    return b.shift && !/⇧|Shift|Maj/.test(cap) ? `⇧ ${cap}` : cap;
  }

  /** Chromium tells what the keys of this keyboard say; others do not. */
  private async learn(): Promise<void> {
    const keyboard = (globalThis.navigator as { keyboard?: { getLayoutMap?: () => Promise<Layout> } } | undefined)?.keyboard;
    this.layout = await keyboard?.getLayoutMap?.().catch(() => undefined);
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || inDialog(event.target)) return;
    if (typing(event.target)) {
      if (event.code === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    const sign = event.key.length === 1 && this.bindings.some((b) => b.code === event.key); // wherever this keyboard has it
    const wanted = (b: Binding): boolean => (sign ? b.code === event.key : b.code === event.code && Boolean(b.shift) === event.shiftKey);
    const found = this.bindings.find((b) => wanted(b) && (this.on || !types(b)) && (b.when?.() ?? true));
    if (!found) return;
    event.preventDefault();
    if (!event.repeat || found.repeats) found.run();
  }
}
