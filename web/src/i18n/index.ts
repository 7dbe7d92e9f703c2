// The interface's language: ?lang= in the address, else what the browser asks for, else English.

import { en, type Key } from "./en";
import { fr } from "./fr";

export type { Key } from "./en";
export type Lang = "en" | "fr";

export const BOOKS: Record<Lang, Record<Key, string>> = { en, fr };
export const LANGS = Object.keys(BOOKS) as Lang[];

let current: Lang = "en";

const known = (tag: string | null | undefined): Lang | undefined => LANGS.find((l) => tag?.toLowerCase().startsWith(l));

export function chooseLang(search: string, preferred: readonly string[]): Lang {
  const asked = known(new URLSearchParams(search).get("lang"));
  return asked ?? preferred.map(known).find((l) => l !== undefined) ?? "en";
}

export function setLang(lang: Lang): void {
  current = lang;
}

export const lang = (): Lang => current;

/** The words of a key, with {0}, {1} … filled in. */
export function t(key: Key, ...details: (string | number)[]): string {
  return BOOKS[current][key].replace(/\{(\d)\}/g, (_, i: string) => String(details[Number(i)] ?? ""));
}

/** The words of a key made of a family and a member that comes from the server; the member itself where unknown. */
export function word(family: string, member: string): string {
  const key = `${family}.${member}`;
  return key in en ? t(key as Key) : member;
}
