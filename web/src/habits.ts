// The keys every watch has in its fingers: moving the map, stepping through alerts and tracks, tabs, language, theme,
// sound, taking back. Where tar1090 has a key for the same thing, it is that one.

import { LANGS, t, tongue, type Lang } from "./i18n";
import type { Binding } from "./keys";
import type { Page } from "./page";
import type { AlertPanel } from "./panels/alerts";
import type { Banner } from "./panels/banner";
import type { Sound } from "./panels/sound";
import { placeAt } from "./plane";
import { chosen, THEMES } from "./theme";

const PAN_PX = 120;
const ZOOM_STEP = 0.5;
const TABS = 9;

export interface Parts {
  page: Page;
  banner: Banner;
  alerts: AlertPanel;
  sound: Sound;
  speak: (to: Lang) => void;
}

/** Take the latest of one's own actions back, and say what that was, or why not. */
export async function takeBack({ page, banner }: Pick<Parts, "page" | "banner">): Promise<void> {
  const { commands } = page;
  if (!commands.done.length) return banner.say(t("undo.nothing"), "note");
  try {
    const done = await commands.undo();
    if (done) banner.say(t(done.undo ? "undo.done" : "undo.never", done.what), done.undo ? "note" : "warn");
  } catch (error) {
    banner.say(t("undo.refused", commands.done[commands.done.length - 1]?.what ?? "", error instanceof Error ? error.message : String(error)), "bad");
  }
}

/** After each action, for ten seconds, a button that takes it back. */
export function offerUndo(parts: Pick<Parts, "page" | "banner">): void {
  parts.page.commands.on((latest) => {
    if (!latest) parts.banner.withdraw();
    else if (latest.undo) parts.banner.say(t("undo.said", latest.what), "note", { name: t("button.undo"), run: () => void takeBack(parts) });
  });
}

export function nextTheme({ page, banner }: Pick<Parts, "page" | "banner">): void {
  const to = THEMES[(THEMES.indexOf(chosen(page.settings)) + 1) % THEMES.length]!;
  page.settings.set("theme", to);
  banner.say(t("theme.title", t(`theme.${to}`)), "note");
}

function pan(page: Page, across: number, down: number): void {
  const base = page.scene?.base;
  if (!base) return;
  const view = base.view();
  const [lat, lon] = placeAt(view, view.width / 2 + across * PAN_PX, view.height / 2 + down * PAN_PX);
  unfollow(page);
  base.go({ lat, lon }, 120);
}

function zoom(page: Page, by: number): void {
  const base = page.scene?.base;
  base?.go({ zoom: base.home().zoom + by }, 120);
}

function unfollow({ store }: Page): void {
  if (!store.following) return;
  store.following = false;
  store.tell("settings");
}

/** Select the next row of the track list, or the one before. */
function stepTrack(page: Page, by: 1 | -1): void {
  if (page.side.showing !== "tracks") page.side.show("tracks");
  const place = (row: HTMLElement): number => Number(row.getAttribute("aria-posinset")); // all the same where the rows stand in order
  const rows = [...document.querySelectorAll<HTMLElement>("#list .row:not([hidden])")].sort((a, b) => place(a) - place(b));
  const at = rows.findIndex((row) => row.matches('.selected, [aria-selected="true"]'));
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
  next?.click();
  next?.scrollIntoView({ block: "nearest" });
}

const REGIONS = ["#header", "#map", "#alerts", "#panels", "#track:not([hidden])"];

/** The keyboard goes to the next part of the page, or the one before. */
function stepRegion(by: 1 | -1): void {
  const first = (selector: string): HTMLElement | undefined => {
    const found = document.querySelectorAll<HTMLElement>(`${selector} :is(button, input, select, textarea, canvas, [tabindex="0"]):not([disabled], [tabindex="-1"])`);
    return [...found].find((e) => e.checkVisibility() && e.tabIndex >= 0);
  };
  const there = REGIONS.filter((r) => first(r));
  const at = there.findIndex((r) => document.querySelector(r)?.contains(document.activeElement));
  const next = there[at < 0 ? (by > 0 ? 0 : there.length - 1) : (at + by + there.length) % there.length];
  if (next) first(next)?.focus();
}

export function habits(parts: Parts): Binding[] {
  const { page, alerts, sound } = parts;
  const map = { group: "map", repeats: true } as const;
  const ofAlerts = { group: "alerts" } as const;
  return [
    { code: "KeyW", cap: "W", does: "keys.north", run: () => pan(page, 0, -1), ...map },
    { code: "KeyA", cap: "A", does: "keys.west", run: () => pan(page, -1, 0), ...map },
    { code: "KeyS", cap: "S", does: "keys.south", run: () => pan(page, 0, 1), ...map },
    { code: "KeyD", cap: "D", does: "keys.east", run: () => pan(page, 1, 0), ...map },
    { code: "KeyE", cap: "E", does: "keys.in", run: () => zoom(page, ZOOM_STEP), ...map },
    { code: "KeyQ", cap: "Q", does: "keys.out", run: () => zoom(page, -ZOOM_STEP), ...map },
    { code: "NumpadAdd", cap: "+", does: "keys.in", run: () => zoom(page, ZOOM_STEP), ...map },
    { code: "NumpadSubtract", cap: "−", does: "keys.out", run: () => zoom(page, -ZOOM_STEP), ...map },
    { code: "KeyJ", cap: "J", does: "keys.track.next", group: "tracks", repeats: true, run: () => stepTrack(page, 1) },
    { code: "KeyK", cap: "K", does: "keys.track.before", group: "tracks", repeats: true, run: () => stepTrack(page, -1) },
    { code: "KeyU", cap: "U", does: "keys.alert.next", run: () => alerts.step(1), ...ofAlerts },
    { code: "KeyU", shift: true, cap: "U", does: "keys.alert.before", run: () => alerts.step(-1), ...ofAlerts },
    { code: "KeyT", cap: "T", does: "keys.alert.acknowledge", run: () => acknowledge(parts), ...ofAlerts },
    { code: "KeyT", shift: true, cap: "T", does: "keys.alert.act", run: () => alerts.actOnHeld(), ...ofAlerts },
    ...Array.from({ length: TABS }, (_, i): Binding => ({ code: `Digit${i + 1}`, cap: String(i + 1), does: "keys.tab", group: "panels", run: () => tab(page, i), when: () => page.side.ids.length > i })),
    { code: "F6", cap: "F6", does: "keys.region", group: "panels", run: () => stepRegion(1) },
    { code: "F6", shift: true, cap: "F6", does: "keys.region.before", group: "panels", run: () => stepRegion(-1) },
    { code: "KeyZ", cap: "Z", does: "keys.undo", run: () => void takeBack(parts) },
    { code: "KeyB", cap: "B", does: "keys.theme", run: () => nextTheme(parts) },
    { code: "KeyL", shift: true, cap: "L", does: "keys.language", run: () => parts.speak(LANGS[(LANGS.indexOf(tongue()) + 1) % LANGS.length]!) },
    { code: "KeyM", shift: true, cap: "M", does: "keys.mute", run: () => sound.toggleMute() },
    { code: "KeyS", shift: true, cap: "S", does: "keys.sound", run: () => sound.open() },
  ];
}

function tab(page: Page, at: number): void {
  const id = page.side.ids[at];
  if (id) page.side.show(id);
}

function acknowledge({ page, alerts, banner }: Parts): void {
  if (!alerts.inHand) return banner.say(t("alerts.nothing in hand"), "note");
  if (!page.commands.may("acknowledge")) return banner.say(t("alerts.may not"), "note");
  alerts.acknowledgeHeld();
}
