// The selected track: what it is, why we think so, who sees it.

import { h, put, setText } from "../dom";
import { address, duration, level, modeA, position, trend, whole } from "../format";
import { lang, t, word } from "../i18n";
import type { Store } from "../store";
import { symbol } from "../symbol";
import { Identity, TrackFlag } from "../wire";

interface Explanation {
  number: number;
  identity: string;
  confidence: number;
  class: string;
  moves_like: string | null;
  moves_like_probability: number | null;
  civil: boolean;
  state: string | null;
  sensors: string[];
  sources: string[];
  emergency: string;
  accuracy_m: number | null;
  qnh_hpa: number | null;
  height_m: number | null;
  height_std_m: number | null;
  height_from: string;
  claim: string | null;
  evidence: { text: string; for: boolean; weight: number | null }[];
}

const REFRESH_MS = 2000;

/** Height above the ellipsoid, how sure, and where it comes from; "" where nothing tells it. */
function heightOf(why: Explanation | undefined): string {
  if (!why || why.height_m === null) return "";
  const sure = why.height_std_m === null ? "" : ` ±${why.height_std_m} m`;
  return `${why.height_m} m${sure} · ${word("height", why.height_from)}`;
}

export class TrackPanel {
  private explanation: Explanation | undefined;
  private asking = false;
  // Made once: a button that is made anew between press and release loses its click.
  private readonly close = h("button.close", {}, "×");
  private readonly centre = h("button");
  private readonly follow = h("button");

  constructor(
    private readonly element: HTMLElement,
    private readonly store: Store,
    actions: { close: () => void; follow: () => void; centre: () => void },
  ) {
    this.close.addEventListener("click", actions.close);
    this.centre.addEventListener("click", actions.centre);
    this.follow.addEventListener("click", actions.follow);
    store.on("selection", () => {
      this.explanation = undefined;
      this.draw();
      void this.ask();
    });
    store.on("past", () => {
      if (store.past) this.explanation = undefined;
    });
    store.on("frame", () => this.draw());
    store.on("settings", () => this.draw());
    store.on("language", () => void this.ask());
    setInterval(() => void this.ask(), REFRESH_MS);
  }

  private async ask(): Promise<void> {
    const number = this.store.selected;
    if (number === undefined || this.asking || this.store.past) return; // the server explains what is now
    this.asking = true;
    try {
      const answer = await fetch(`/api/tracks/${number}?lang=${lang()}`);
      if (answer.ok && this.store.selected === number && !this.store.past) this.explanation = (await answer.json()) as Explanation;
    } catch {
      // the banner already says that the server does not answer
    } finally {
      this.asking = false;
    }
    this.draw();
    if (this.store.selected !== undefined && this.store.selected !== number) void this.ask();
  }

  /** Altitude with its QNH, or flight level, and whether that rises. */
  private vertical(row: number): string {
    const tracks = this.store.tracks!;
    const feet = tracks.altitude_ft[row]!;
    const arrow = trend(tracks.trend[row]!);
    if (!Number.isFinite(feet)) return level(tracks.level_ft[row]!) + arrow;
    const qnh = this.explanation?.qnh_hpa ?? undefined;
    return `${whole(feet)} ft${arrow}${qnh === undefined ? "" : ` · QNH ${whole(qnh)}`}`;
  }

  private draw(): void {
    const { store, explanation: why } = this;
    const number = store.selected;
    this.element.hidden = number === undefined;
    if (number === undefined) return;
    const row = store.rows.get(number);
    const tracks = store.tracks;
    const { close } = this;
    close.title = t("button.close");
    close.setAttribute("aria-label", t("button.close"));
    setText(this.centre, t("button.centre"));
    setText(this.follow, t("button.follow"));
    this.follow.classList.toggle("chosen", store.following);
    if (row === undefined || !tracks) {
      put(this.element, h("header", {}, h("b.name", {}, `#${number}`), close), h("p.empty", {}, t(store.past ? "past.nosuch" : "track.gone")));
      return;
    }
    const flags = tracks.flags[row]!;
    const identity = Object.entries(Identity).find(([, v]) => v === tracks.identity[row])?.[0].toLowerCase() ?? "unknown";
    const lat = tracks.lat_deg[row]!;
    const facts: [string, string][] = [
      [Number.isFinite(tracks.altitude_ft[row]!) ? t("track.altitude") : t("track.level"), [this.vertical(row), Math.abs(tracks.vertical_fpm[row]!) >= 100 ? `${tracks.vertical_fpm[row]! > 0 ? "+" : "−"}${whole(Math.abs(tracks.vertical_fpm[row]!))} ft/min` : ""].join(" ")],
      [t("track.height"), heightOf(why)],
      [t("track.speed"), Number.isFinite(tracks.speed_kt[row]!) ? `${whole(tracks.speed_kt[row]!)} kt` : ""],
      [t("track.course"), Number.isFinite(tracks.course_deg[row]!) ? `${String(Math.round(tracks.course_deg[row]!) % 360).padStart(3, "0")}°` : ""],
      [t("track.position"), Number.isNaN(lat) ? "" : position(lat, tracks.lon_deg[row]!)],
      [t("track.accuracy"), Number.isFinite(tracks.std_m[row]!) ? `±${whole(tracks.std_m[row]!)} m` : ""],
      [t("track.code"), modeA(tracks.mode_a[row]!)],
      [t("track.address"), address(tracks.address[row]!) + (why?.state ? ` · ${new Intl.DisplayNames([lang()], { type: "region" }).of(why.state) ?? why.state}` : "")],
      [t("track.remote"), store.remoteId(row)],
      [t("track.class"), why && why.class !== "unknown" ? word("class", why.class) : ""],
      [t("track.moves"), why?.moves_like ? t("track.moves.sure", word("moves", why.moves_like), Math.round(100 * (why.moves_like_probability ?? 0))) : ""],
      [t("track.sensors"), why?.sensors.join(", ") ?? ""],
      [t("track.age"), t("track.ago", duration(tracks.age_s[row]!))],
    ];
    const notes = [
      flags & TrackFlag.COASTING && t("track.coasting"),
      flags & TrackFlag.NOT_LIVE && t("track.notlive"),
      flags & TrackFlag.SYSTEM && t("track.system"),
      Number.isNaN(lat) && t("track.unplaced"),
      !(flags & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM)) && t("track.tentative"),
      flags & TrackFlag.ON_GROUND && t("track.ground"),
      flags & TrackFlag.HEIGHTS_DIFFER && t("track.heightsdiffer"),
    ].filter((n): n is string => typeof n === "string");
    const reasons = (wanted: boolean): HTMLElement[] => (why?.evidence ?? []).filter((e) => e.for === wanted).map((e) => h("li", {}, e.text));
    const [supporting, opposing] = [reasons(true), reasons(false)];
    put(
      this.element,
      h("header", {}, symbol(tracks.identity[row]!, tracks.protected[row] === 1, 22), h("b.name", {}, store.nameOf(row)), h("span.number", {}, `#${number}`), close),
      h("p.identity", {}, h(`b.${identity}`, {}, word("identity", identity)), ` · ${t("track.confidence", tracks.confidence_pct[row]!)}`, tracks.civil[row] === 1 && ` · ${t("track.civil")}`),
      tracks.protected[row] === 1 && h("p.protected", {}, t("track.protected")),
      tracks.emergency[row]! > 0 && h("p.urgent", {}, `${t("track.emergency")} · ${word("emergency", why?.emergency ?? "general")}`),
      why?.claim && h("p.note", {}, why.claim),
      store.past && h("p.note", {}, t("past.noreasons")),
      ...notes.map((n) => h("p.note", {}, n)),
      h("dl", {}, ...facts.filter(([, v]) => v.trim()).flatMap(([k, v]) => [h("dt", {}, k), h("dd", {}, v)])),
      h("div.reasons", {}, supporting.length > 0 && h("h3", {}, t("track.for")), h("ul.for", {}, ...supporting), opposing.length > 0 && h("h3", {}, t("track.against")), h("ul.against", {}, ...opposing), why && !why.evidence.length && h("p.empty", {}, t("track.noevidence"))),
      h("footer", {}, this.centre, this.follow),
    );
  }
}
