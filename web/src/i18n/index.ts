// The interface's language: ?lang= in the address, else what the browser asks for, else English.

import { en, type Key } from "./en";
import { fr } from "./fr";
import { ha } from "./ha";

export type { Key } from "./en";
export type Lang = "en" | "fr" | "ha";

/** The words of each language. What a prepared one does not say yet is said in English. */
export const BOOKS: Record<Lang, Partial<Record<Key, string>>> = { en, fr, ha };

/** The languages offered: complete ones. Another is had by asking for it in the address. */
export const LANGS: readonly Lang[] = ["en", "fr"];
const ALL = Object.keys(BOOKS) as Lang[];

let current: Lang = "en";

const known = (tag: string | null | undefined, among: readonly Lang[]): Lang | undefined => among.find((l) => tag?.toLowerCase().split("-")[0] === l);

export function chooseLang(search: string, preferred: readonly string[]): Lang {
  const asked = known(new URLSearchParams(search).get("lang"), ALL);
  return asked ?? preferred.map((tag) => known(tag, LANGS)).find((l) => l !== undefined) ?? "en";
}

export function setLang(lang: Lang): void {
  current = lang;
}

/** The language the page speaks. */
export const tongue = (): Lang => current;

/** The language of what the server says: it speaks those that are complete. */
export const lang = (): "en" | "fr" => (current === "fr" ? "fr" : "en");

/** The words of a key, with {0}, {1} … filled in. */
export function t(key: Key, ...details: (string | number)[]): string {
  return (BOOKS[current][key] ?? en[key]).replace(/\{(\d)\}/g, (_, i: string) => String(details[Number(i)] ?? ""));
}

/** The words of a key made of a family and a member that comes from the server; the member itself where unknown. */
export function word(family: string, member: string): string {
  const key = `${family}.${member}`;
  return key in en ? t(key as Key) : member;
}
