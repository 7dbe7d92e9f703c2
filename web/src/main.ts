// The page: wires connection, store, scene and panels together.

import "maplibre-gl/dist/maplibre-gl.css";
import "./style.css";
import { Connection } from "./connection";
import { Coverage, shareSeen } from "./coverage";
import { byId } from "./dom";
import type { Frame } from "./frames";
import { readHash, writeHash } from "./hash";
import { chooseLang, lang, setLang, t, type Lang } from "./i18n";
import { bindKeys } from "./keys";
import type { Airport } from "./ground";
import type { Home } from "./map";
import { AlertActions } from "./panels/alertactions";
import { AlertPanel } from "./panels/alerts";
import { Banner } from "./panels/banner";
import { CoveragePanel } from "./panels/coverage";
import { Header } from "./panels/header";
import { Help } from "./panels/help";
import { Insets } from "./panels/inset";
import { Mark } from "./panels/mark";
import { SensorPanel } from "./panels/sensors";
import { SignIn } from "./panels/signin";
import { TrackPanel } from "./panels/track";
import { TrackList } from "./panels/tracks";
import { WhoIsIt } from "./panels/who";
import { diagnose } from "./diagnose";
import { Scene } from "./scene";
import { Session } from "./session";
import { Store } from "./store";

const store = new Store();
const coverage = new Coverage();
const session = new Session();
const timing = { parsed: 0, frames: 0, bytes: 0 };
let scene: Scene | undefined;
let placed = false;

const connection = new Connection(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/stream`, {
  hello: (hello) => {
    store.hello = hello;
    document.title = `Tenere · ${hello.site.name}`;
    scene?.base.setHome(hello.site.country);
    openView();
    if (!session.info) void session.look();
    store.tell("hello");
  },
  status: (status) => store.takeStatus(status),
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
    if (connection.missed) banner.showMissed();
  },
  state: () => {
    banner.draw();
    store.tell("link");
  },
  closed: () => void session.look(),
});

const banner = new Banner(byId("banner"), connection);
const help = new Help(byId("help"));

function siteHome(): Home | undefined {
  const site = store.hello?.site;
  return site && site.lat !== null && site.lon !== null ? { lat: site.lat, lon: site.lon, zoom: site.zoom } : undefined;
}

/** Go, once, where the address, the site or the tracks say. */
function openView(): void {
  if (placed || !scene) return;
  const home = siteHome();
  if (home) scene.base.map.jumpTo({ center: [home.lon, home.lat], zoom: fitted(home.zoom) });
  placed = home !== undefined || (store.frame !== undefined && scene.fitTracks());
}

/** A site's zoom is for a view 1000 px high: smaller views zoom out. */
const fitted = (zoom: number): number => zoom + Math.log2(Math.max(200, byId("map").clientHeight) / 900);

function saveView(): void {
  if (!scene || !placed) return;
  const { lat, lng } = scene.base.map.getCenter();
  history.replaceState(null, "", writeHash({ zoom: scene.base.map.getZoom(), lat, lon: lng, ...(store.selected ? { track: store.selected } : {}) }));
}

function follow(): void {
  store.following = store.selected !== undefined && !store.following;
  store.tell("settings");
  if (store.following && store.selected !== undefined) scene?.centreOn(store.selected);
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
  if (help.open) help.draw();
  store.tell("language");
}

function choose(track: number): void {
  store.select(track);
  scene?.centreOn(track);
}

/** How much a sensor sees of what its terrain lets it see, in words. */
function reachOf(id: string): string {
  const one = coverage.state?.sensors.find((s) => s.id === id);
  const share = shareSeen(one);
  return share === undefined ? "" : t("coverage.reach", Math.round(100 * share), one?.looks ?? 0);
}

function showCoverage(on: Scene): void {
  const { map } = on.base;
  const panel = new CoveragePanel(byId("coverage"), coverage, {
    centre: (hole) => map.easeTo({ center: [hole.lon, hole.lat], duration: 300 }),
    tryNew: () => coverage.begin("", map.getCenter().lat, map.getCenter().lng),
  });
  new Mark(byId("marks"), on.base, coverage);
  store.on("language", () => panel.redraw());
  setInterval(() => void coverage.tick(), 1000);
}

/** Find out who is there; where nobody is signed in and somebody must be, ask; then show the picture. */
async function begin(): Promise<void> {
  setLang(chooseLang(location.search, navigator.languages));
  document.documentElement.lang = lang();
  await session.load();
  if (session.needed) await new SignIn(byId("signin") as HTMLDialogElement, session, speak, session.takeEnded()).open();
  session.watch((text) => connection.say(text));
  start();
}

function start(): void {
  const asked = readHash(location.hash);
  try {
    scene = new Scene(byId("view"), store, coverage, asked ?? { lat: 12, lon: 5, zoom: 2.5 }, saveView);
    placed = asked !== undefined;
    showCoverage(scene);
    scene.base.map.on("error", () => banner.note(t("banner.mapfailed")));
    void fetch("/api/places")
      .then((answer) => answer.json() as Promise<{ airports: Airport[] }>)
      .then((places) => scene?.setAirports(places.airports))
      .catch(() => undefined);
  } catch (error) {
    console.warn("no map:", error);
    document.body.classList.add("plain");
    byId("main").before(byId("banner"));
    banner.note(t("banner.nowebgl"));
  }
  new Header(byId("header"), store, connection, new WhoIsIt(session), { help: () => help.toggle(), language: (to) => speak(to) });
  const actions = new AlertActions(byId("alert-actions") as HTMLDialogElement, store, session);
  new AlertPanel(byId("alerts"), byId("alerts-title"), store, session, choose, (alert) => actions.open(alert));
  new TrackList(byId("list"), byId("list-title"), store, choose);
  new SensorPanel(byId("sensors"), byId("sensors-title"), store, (s) => {
    if (s.lat !== null && s.lon !== null) scene?.base.map.easeTo({ center: [s.lon, s.lat], duration: 300 });
  }, scene && ((s) => s.lat !== null && s.lon !== null && coverage.begin(s.id, s.lat, s.lon)), reachOf);
  new TrackPanel(byId("track"), store, { close: () => store.select(undefined), follow, centre: () => store.selected !== undefined && scene?.centreOn(store.selected) });
  new Insets(byId("insets"), store, (track) => store.select(track));
  store.on("selection", saveView);
  bindKeys({
    labels: () => {
      store.labels = !store.labels;
      store.tell("settings");
    },
    follow,
    home: () => {
      const home = siteHome();
      scene?.home(home && { ...home, zoom: fitted(home.zoom) });
    },
    coverage: () => scene && coverage.toggle(),
    escape: () => (help.open ? help.toggle(false) : coverage.trying ? coverage.end() : store.select(undefined)),
    help: () => help.toggle(),
  });
  speak(lang(), false);
  if (asked?.track) store.select(asked.track);
  Object.defineProperty(window, "tenere", { value: diagnose(store, connection, () => scene, timing, coverage), writable: false });
  connection.open();
}

void begin();
