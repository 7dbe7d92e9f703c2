// The page: wires picture, map and panels together.

import "maplibre-gl/dist/maplibre-gl.css";
import "./style.css";
import { startAirspace, type AirspaceFigures } from "./airspace";
import type { Home } from "./base";
import { Answers } from "./answers";
import { Commands } from "./commands";
import { Connection, type Listener } from "./connection";
import { Coverage, shareSeen } from "./coverage";
import { diagnose } from "./diagnose";
import { byId } from "./dom";
import type { Frame } from "./frames";
import type { Airport } from "./ground";
import { readHash, writeHash, type Place } from "./hash";
import { chooseLang, setLang, t, tongue, type Lang } from "./i18n";
import { habits, nextTheme, offerUndo } from "./habits";
import { holdView } from "./held";
import { Keys } from "./keys";
import { Layers } from "./layers";
import { MapTools } from "./map/tools";
import { Pacer } from "./pacer";
import type { Page } from "./page";
import { AlertActions } from "./panels/alertactions";
import { AlertPanel } from "./panels/alerts";
import { Banner } from "./panels/banner";
import { CoveragePanel } from "./panels/coverage";
import { Header } from "./panels/header";
import { Help } from "./panels/help";
import { Insets } from "./panels/inset";
import { LayersPanel } from "./panels/layers";
import { Mark } from "./panels/mark";
import { PastBar } from "./panels/past";
import { PlansPanel } from "./panels/plans";
import { SensorPanel } from "./panels/sensors";
import { SignIn } from "./panels/signin";
import { Sound } from "./panels/sound";
import { TrackPanel } from "./panels/track/panel";
import { TrackList } from "./panels/tracklist/panel";
import { WhoIsIt } from "./panels/who";
import { Past } from "./past";
import { Scene } from "./scene";
import { Session } from "./session";
import { Settings } from "./settings";
import { Side } from "./side";
import { Store } from "./store";
import { Waking } from "./survive";
import { followTheme } from "./theme";
import { wanted as wallWanted, Wall } from "./wall";
import { Signs } from "./tracks/signs";

const store = new Store();
const pacer = new Pacer();
store.pace = (work) => pacer.later(work);
pacer.busy = () => scene?.worked ?? false;
const settings = new Settings();
const session = new Session();
const commands = new Commands(session);
const coverage = new Coverage();
const keys = new Keys(window, settings);
const layers = new Layers(settings);
const side = new Side(byId("panels"), settings);
const written = new Map<string, () => string>();
const past = new Past(store);
const timing = { parsed: 0, frames: 0, bytes: 0 };
let asked: Place | undefined;
let scene: Scene | undefined;
let sound: Sound | undefined;
let placed = false;
const waking = new Waking();

const listener: Listener = {
  hello: (hello) => {
    store.hello = hello;
    document.title = `Tenere · ${hello.site.name}`;
    scene?.base.setHome(hello.site.country);
    openView();
    if (!session.info) void session.look();
    store.tell("hello");
  },
  status: (status) => {
    store.takeStatus(status);
    sound?.take(status.alerts);
  },
  history: (frame) => {
    if (frame.history) store.takeHistory(frame.history, frame.time);
  },
  frame: (frame: Frame) => {
    const begun = performance.now();
    store.takeFrame(frame, begun);
    timing.parsed = performance.now() - begun;
    timing.frames += 1;
    timing.bytes = frame.bytes;
    openView();
    const slept = waking.frame(frame.time, begun);
    if (slept && connection.missed?.to !== slept.to) connection.missed = { ...slept, restarted: false };
    banner.showMissed();
  },
  state: () => {
    banner.draw();
    store.tell("link");
  },
  closed: () => void session.look(),
};

const connection = new Connection(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/stream`, listener);

const banner = new Banner(byId("banner"), connection, store);
const help = new Help(byId("help"), keys, settings);

const page: Page = {
  store,
  connection,
  session,
  commands,
  settings,
  keys,
  layers,
  side,
  coverage,
  get scene() {
    return scene;
  },
  choose: (track) => {
    store.select(track);
    scene?.centreOn(track);
  },
  say: (text, kind = "note") => banner.say(text, kind),
  address: (name, write) => written.set(name, write),
  wrote: saveView,
  asked: (name) => asked?.more[name] ?? "",
};

function siteHome(): Home | undefined {
  const site = store.hello?.site;
  return site && site.lat !== null && site.lon !== null ? { lat: site.lat, lon: site.lon, zoom: fitted(site.zoom) } : undefined;
}

/** Go, once, where the address, the site or the tracks say. */
function openView(): void {
  if (placed || !scene) return;
  const home = siteHome();
  if (home) scene.base.go(home, 0);
  placed = home !== undefined || (store.frame !== undefined && scene.fitTracks());
}

/** A site's zoom is for a view 1000 px high: smaller views zoom out. */
const fitted = (zoom: number): number => zoom + Math.log2(Math.max(200, byId("map").clientHeight) / 900);

function saveView(): void {
  if (!scene || !placed) return;
  const more = Object.fromEntries([...written].map(([name, write]) => [name, write()]));
  history.replaceState(null, "", writeHash({ ...scene.base.home(), ...(store.selected ? { track: store.selected } : {}), more }));
}

function follow(): void {
  store.following = store.selected !== undefined && !store.following;
  store.tell("settings");
  if (store.following && store.selected !== undefined) scene?.centreOn(store.selected);
}

/** What each part of the page is called, for those who do not see it. */
function nameRegions(): void {
  byId("main").setAttribute("aria-label", t("region.picture"));
  byId("side").setAttribute("aria-label", t("region.side"));
  byId("track").setAttribute("aria-label", t("region.track"));
  document.querySelector("#map canvas")?.setAttribute("aria-label", t("region.map"));
}

function speak(to: Lang, keep = true): void {
  setLang(to);
  document.documentElement.lang = to;
  if (keep) {
    const url = new URL(location.href);
    url.searchParams.set("lang", to);
    history.replaceState(null, "", url);
  }
  banner.draw();
  nameRegions();
  side.draw();
  if (help.open) help.draw();
  store.tell("language");
}

/** How much a sensor sees of what its terrain lets it see, in words. */
function reachOf(id: string): string {
  const one = coverage.state?.sensors.find((s) => s.id === id);
  const share = shareSeen(one);
  return share === undefined ? "" : t("coverage.reach", Math.round(100 * share), one?.looks ?? 0);
}

function showCoverage(on: Scene): void {
  const panel = new CoveragePanel(byId("coverage"), coverage, {
    centre: (hole) => on.base.go({ lat: hole.lat, lon: hole.lon }),
    tryNew: () => {
      const { lat, lon } = on.base.home();
      coverage.begin("", lat, lon);
    },
  });
  new Mark(byId("marks"), on.base, coverage);
  store.on("language", () => panel.redraw());
  setInterval(() => void coverage.tick(), 1000);
}

/** Find out who is there; where nobody is signed in and somebody must be, ask; then show the picture. */
async function begin(): Promise<void> {
  setLang(chooseLang(location.search, navigator.languages));
  document.documentElement.lang = tongue();
  followTheme(settings);
  await session.load();
  if (session.needed) await new SignIn(byId("signin") as HTMLDialogElement, session, speak, session.takeEnded()).open();
  session.watch((text) => connection.say(text));
  start();
}

/** Make the map and what lies over it; undefined where the browser cannot. */
function makeScene(): Scene | undefined {
  try {
    const made = new Scene(byId("view"), store, coverage, layers, asked ?? { lat: 12, lon: 5, zoom: 2.5 }, saveView);
    made.base.on("failed", () => banner.note(t("banner.mapfailed")));
    if (!made.webgl) banner.note(t("banner.nowebgl"));
    return made;
  } catch (error) {
    console.warn("no map:", error);
    document.body.classList.add("plain");
    byId("main").before(byId("banner"));
    banner.note(t("banner.nomap"));
    return undefined;
  }
}

function start(): void {
  asked = readHash(location.hash);
  scene = makeScene();
  placed = scene !== undefined && asked !== undefined;
  if (scene) {
    if (!wallWanted(location.search)) showCoverage(scene);
    void fetch("/api/places")
      .then((answer) => answer.json() as Promise<{ airports: Airport[] }>)
      .then((places) => scene?.setAirports(places.airports))
      .catch(() => undefined);
  }
  const define = (airspace?: () => AirspaceFigures): unknown => Object.defineProperty(window, "tenere", { value: diagnose(store, connection, () => scene, timing, coverage, airspace), writable: false });
  if (wallWanted(location.search)) {
    new Wall(byId("wall"), store, connection, session, listener);
    speak(tongue(), false);
    define();
    return connection.open();
  }
  sound = new Sound(settings, banner, store);
  new Header(byId("header"), store, connection, new WhoIsIt(session), settings, sound.button, { help: () => help.toggle(), theme: () => nextTheme({ page, banner }), language: (to) => speak(to) });
  const actions = new AlertActions(byId("alert-actions") as HTMLDialogElement, store, commands);
  const alerts = new AlertPanel(byId("alerts"), byId("alerts-title"), store, session, commands, page.choose, (alert) => actions.open(alert));
  const recount = (): void => side.recount();
  side.add(
    new TrackList(page),
    new PlansPanel(page),
    new SensorPanel(store, (s) => s.lat !== null && s.lon !== null && scene?.base.go({ lat: s.lat, lon: s.lon }), scene && ((s) => s.lat !== null && s.lon !== null && coverage.begin(s.id, s.lat, s.lon)), reachOf, recount),
  );
  const airspace = startAirspace(page);
  new TrackPanel(byId("track"), page, follow);
  new Answers(store, session, commands, (text, kind) => page.say(text, kind));
  if (scene) {
    new MapTools(byId("view"), page, scene);
    new Signs(byId("view"), page, scene);
    side.add(new LayersPanel(page, scene, byId("view")));
  }
  new Insets(byId("insets"), store, (track) => store.select(track));
  store.on("selection", saveView);
  session.on(() => side.draw());
  keys.add(...habits({ page, banner, alerts, sound, speak }));
  offerUndo({ page, banner });
  holdView(page);
  bindKeys();
  const bar = new PastBar(byId("past"), byId("view"), page, past, { clock: document.querySelector("#header .clock"), alertsTitle: byId("alerts-title") });
  bar.follow(page.asked("past"));
  speak(tongue(), false);
  if (asked?.track) store.select(asked.track);
  define(airspace);
  connection.open();
}

function bindKeys(): void {
  keys.add(
    {
      code: "KeyL",
      cap: "L",
      does: "help.labels",
      group: "map",
      run: () => {
        store.labels = !store.labels;
        store.tell("settings");
      },
    },
    { code: "KeyF", cap: "F", does: "help.follow", group: "tracks", run: follow },
    { code: "KeyH", cap: "H", does: "help.home", group: "map", run: () => scene?.home(siteHome()) },
    { code: "KeyC", shift: true, cap: "C", does: "help.coverage", group: "map", run: () => scene && coverage.toggle() },
    { code: "KeyC", cap: "C", does: "keys.deselect", group: "tracks", run: () => store.select(undefined) },
    { code: "Escape", cap: "Esc", does: "help.escape", run: escape },
    { code: "?", cap: "?", does: "help.help", run: () => help.toggle() },
  );
}

function escape(): void {
  if (help.open) help.toggle(false);
  else if (scene?.tool) scene.take(undefined);
  else if (coverage.trying) coverage.end();
  else if (past.open) past.live();
  else store.select(undefined);
}

void begin();
