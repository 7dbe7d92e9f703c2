import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PictureClock } from "../src/clock";
import { Commands } from "../src/commands";
import { BOOKS, chooseLang, lang, LANGS, setLang, t, tongue } from "../src/i18n";
import { Keys, type Binding } from "../src/keys";
import { PALETTES } from "../src/palettes";
import type { Session } from "../src/session";
import { Settings } from "../src/settings";
import { Waking } from "../src/survive";
import { followTheme, IDENTITY_COLOURS, palette, SEVERITY_COLOURS, usePalette } from "../src/theme";

class Thing {
  constructor(readonly inside: string[] = []) {}
  closest = (selector: string): unknown => (this.inside.includes(selector) ? this : null);
  blur = vi.fn();
}

beforeEach(() => {
  for (const name of ["HTMLInputElement", "HTMLSelectElement", "HTMLTextAreaElement", "Element", "HTMLElement"]) vi.stubGlobal(name, class extends Thing {});
});

afterEach(() => {
  vi.unstubAllGlobals();
  setLang("en");
  usePalette("night", undefined);
});

const storage = (kept: Record<string, unknown> = {}) => {
  let text = JSON.stringify(kept);
  return { getItem: () => text, setItem: (_: string, value: string) => (text = value) };
};

function pressed(bindings: Binding[], settings?: Settings) {
  let listener: (event: KeyboardEvent) => void = () => undefined;
  const keys = new Keys({ addEventListener: ((_: string, given: typeof listener) => (listener = given)) as Window["addEventListener"] }, settings);
  keys.add(...bindings);
  const press = (given: Partial<KeyboardEvent>): boolean => {
    let taken = false;
    listener({ shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, repeat: false, key: "", target: null, preventDefault: () => (taken = true), ...given } as KeyboardEvent);
    return taken;
  };
  return { keys, press };
}

test("keys are places on the keyboard; held keys go on only where that is meant", () => {
  const [zoom, theme, help] = [vi.fn(), vi.fn(), vi.fn()];
  const { press } = pressed([
    { code: "KeyQ", cap: "Q", does: "keys.out", run: zoom, repeats: true },
    { code: "KeyB", cap: "B", does: "keys.theme", run: theme },
    { code: "Slash", cap: "/", does: "keys.region", run: () => expect.fail("the question mark is not the slash") },
    { code: "?", cap: "?", does: "help.help", run: help },
  ]);
  expect(press({ code: "KeyQ", key: "a" }), "AZERTY's A is QWERTY's Q").toBe(true);
  press({ code: "KeyQ", key: "a", repeat: true });
  press({ code: "KeyB", key: "b" });
  press({ code: "KeyB", key: "b", repeat: true });
  press({ code: "Comma", key: "?", shiftKey: true });
  press({ code: "Slash", key: "?" });
  expect(press({ code: "KeyB", ctrlKey: true })).toBe(false);
  expect([zoom, theme, help].map((f) => f.mock.calls.length)).toEqual([2, 1, 2]);
});

test("keys do nothing while somebody types, nor in a dialog, nor where single keys are switched off", () => {
  const run = vi.fn();
  const settings = new Settings(storage());
  const { press } = pressed([{ code: "KeyB", cap: "B", does: "keys.theme", run }, { code: "F6", cap: "F6", does: "keys.region", run }], settings);
  press({ code: "KeyB", target: new (globalThis as unknown as { HTMLTextAreaElement: new () => EventTarget }).HTMLTextAreaElement() });
  press({ code: "KeyB", target: new (globalThis as unknown as { Element: new (inside: string[]) => EventTarget }).Element(["dialog"]) });
  settings.set("keys", false);
  press({ code: "KeyB" });
  expect(run).not.toHaveBeenCalled();
  press({ code: "F6" });
  settings.set("keys", true);
  press({ code: "KeyB" });
  expect(run).toHaveBeenCalledTimes(2);
});

test("the help says what this keyboard's keys are called", async () => {
  vi.stubGlobal("navigator", { keyboard: { getLayoutMap: () => Promise.resolve(new Map([["KeyQ", "a"], ["KeyL", "l"]])) } });
  const { keys } = pressed([]);
  await Promise.resolve().then(() => undefined).then(() => undefined);
  const binding = (code: string, shift = false): Binding => ({ code, cap: code.slice(3), shift, does: "keys.out", run: () => undefined });
  expect([binding("KeyQ"), binding("KeyL", true), { ...binding("KeyQ"), code: "F6", cap: "F6" }].map((b) => keys.capOf(b))).toEqual(["A", "⇧ L", "F6"]);
});

const commandsOf = (send: (command: Record<string, unknown>) => Promise<void>) => new Commands({ send, may: () => true } as unknown as Session);

test("the latest is taken back first; what cannot be is told and hides nothing for good", async () => {
  const sent: unknown[] = [];
  const commands = commandsOf((command) => Promise.resolve(void sent.push(command)));
  await commands.send({ kind: "suppress", alert: 1 }, { command: { kind: "unsuppress", alert: 1 }, what: "suppressed: x" });
  await commands.send({ kind: "acknowledge", alert: 2 }, { what: "acknowledged: y" });
  expect(await commands.undo()).toMatchObject({ what: "acknowledged: y", undo: undefined });
  expect(sent).toHaveLength(2);
  expect((await commands.undo())?.what).toBe("suppressed: x");
  expect(sent[2]).toEqual({ kind: "unsuppress", alert: 1 });
  expect(await commands.undo()).toBeUndefined();
  await commands.send({ kind: "track_merge" });
  expect(commands.done, "what takes it back comes with the server's answer").toEqual([]);
  commands.remember({ command: { kind: "track_merge" }, undo: { kind: "track_undo", order: 7 }, what: "merged" });
  expect((await commands.undo())?.undo).toEqual({ kind: "track_undo", order: 7 });
});

test("what the server refuses to take back stays, and says why; twice at once takes back once", async () => {
  let refuse = true;
  const commands = commandsOf((command) => (command["kind"] === "unsuppress" && refuse ? Promise.reject(new Error("too late")) : Promise.resolve()));
  await commands.send({ kind: "suppress", alert: 1 }, { command: { kind: "unsuppress", alert: 1 }, what: "x" });
  await expect(commands.undo()).rejects.toThrow("too late");
  refuse = false;
  const [first, second] = await Promise.all([commands.undo(), commands.undo()]);
  expect([first?.what, second]).toEqual(["x", undefined]);
});

const system = (matches: boolean) => {
  const listeners: (() => void)[] = [];
  return { matches, addEventListener: (_: string, listener: () => void) => void listeners.push(listener), turn(to: boolean) { this.matches = to; for (const l of listeners) l(); } };
};

test("a theme is night, day, or as the system; whoever draws finds the colours that hold", () => {
  const settings = new Settings(storage());
  const screen = system(true);
  followTheme(settings, screen as unknown as MediaQueryList);
  expect(palette().name).toBe("night");
  settings.set("theme", "system");
  expect(palette().name).toBe("day");
  expect([IDENTITY_COLOURS, SEVERITY_COLOURS]).toEqual([PALETTES.day.identity, PALETTES.day.severity]);
  screen.turn(false);
  expect(palette().name).toBe("night");
  settings.set("theme", "day");
  screen.turn(false);
  expect(palette().name).toBe("day");
  settings.set("theme", "what another version wrote");
  expect(palette().name).toBe("night");
});

test("both palettes colour the same things", () => {
  const names = (p: object): string[] => Object.entries(p).flatMap(([k, v]) => (v && typeof v === "object" ? names(v).map((n) => `${k}.${n}`) : [k])).sort();
  expect(names(PALETTES.day)).toEqual(names(PALETTES.night));
});

test("Hausa is had by asking, says what it knows and else English, and is not yet offered", () => {
  expect(chooseLang("?lang=ha", ["fr"])).toBe("ha");
  expect(chooseLang("", ["ha", "fr-NE"])).toBe("fr");
  expect(LANGS).not.toContain("ha");
  setLang("ha");
  expect([tongue(), lang()]).toEqual(["ha", "en"]);
  expect([t("severity.warning"), t("banner.missed", 1, 2, 3)]).toEqual(["gargaɗi", "Connected again. Missed: 1 to 2 UTC (3)."]);
  for (const key of Object.keys(BOOKS.ha)) expect(Object.keys(BOOKS.en)).toContain(key);
});

test("a page that slept knows what it slept through; frames that only crowd or go back tell nothing", () => {
  const waking = new Waking();
  expect(waking.frame(1000, 0)).toBeUndefined();
  expect(waking.frame(1001, 1000)).toBeUndefined();
  expect(waking.frame(4601, 3_601_000)).toEqual({ from: 1001, to: 4601 });
  expect(waking.frame(4602, 3_602_000)).toBeUndefined();
  expect(waking.frame(100, 3_700_000)).toBeUndefined();
});

test("a clock set an hour on is not flown through, and one set back neither", () => {
  const clock = new PictureClock();
  for (let k = 0; k < 10; k++) clock.mark(100 + k, 1000 * k);
  clock.mark(3710, 10_000);
  expect(clock.speed).toBeCloseTo(1);
  expect(clock.now(10_500)).toBeCloseTo(3710.5);
  clock.mark(3711, 11_000);
  expect(clock.speed).toBeCloseTo(1);
  clock.mark(50, 12_000);
  expect(clock.now(12_000)).toBe(50);
});

test("the wall clock decides nothing in the page", () => {
  const files = import.meta.glob("../src/**/*.ts", { query: "?raw", eager: true, import: "default" }) as Record<string, string>;
  expect(Object.keys(files).length).toBeGreaterThan(40);
  for (const [name, text] of Object.entries(files)) expect(text, name).not.toMatch(/Date\.now|new Date\(\)/);
});
