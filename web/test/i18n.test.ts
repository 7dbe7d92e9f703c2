import { afterEach, expect, test } from "vitest";
import { BOOKS, chooseLang, LANGS, setLang, t, word } from "../src/i18n";
import { en } from "../src/i18n/en";
import { AircraftClass, Emergency, HeightSource, Identity, Severity } from "../src/wire";

afterEach(() => setLang("en"));

test("every language has every phrase, and says the same places", () => {
  for (const lang of LANGS) {
    expect(Object.keys(BOOKS[lang]).sort()).toEqual(Object.keys(en).sort());
    for (const [key, phrase] of Object.entries(BOOKS[lang])) {
      expect(phrase.trim(), `${lang} ${key}`).not.toBe("");
      const places = (text: string) => [...text.matchAll(/\{\d\}/g)].map((m) => m[0]).sort();
      expect(places(phrase), `${lang} ${key}`).toEqual(places(en[key as keyof typeof en]));
    }
  }
});

test("no phrase is in two files", async () => {
  const files = import.meta.glob("../src/i18n/en/*.ts", { eager: true }) as Record<string, Record<string, Record<string, string>>>;
  const areas = Object.entries(files).filter(([path]) => !path.endsWith("/index.ts"));
  const keys = areas.flatMap(([, area]) => Object.values(area).flatMap((book) => Object.keys(book)));
  expect(keys.length).toBe(Object.keys(en).length);
});

test("every word of the shared vocabularies is there", () => {
  const families: [string, object, string[]][] = [
    ["identity", Identity, []],
    ["class", AircraftClass, []],
    ["severity", Severity, []],
    ["emergency", Emergency, ["NONE"]],
    ["height", HeightSource, ["NONE"]],
  ];
  for (const [family, members, but] of families) {
    for (const name of Object.keys(members)) if (!but.includes(name)) expect(Object.keys(en)).toContain(`${family}.${name.toLowerCase()}`);
  }
});

test("the address chooses the language, then the browser, then English", () => {
  expect(chooseLang("?lang=fr", ["en-GB"])).toBe("fr");
  expect(chooseLang("", ["ha", "fr-NE", "en"])).toBe("fr");
  expect(chooseLang("?lang=xx", ["de"])).toBe("en");
});

test("details are filled in as they are", () => {
  setLang("fr");
  expect(t("tracks.shown", 3, "{0}")).toBe("3 sur {0} affichées");
  expect(word("source", "radar")).toBe("radar");
  expect(word("source", "something new")).toBe("something new");
});
