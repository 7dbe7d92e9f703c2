// A track as it is: its figures, its identity ledger, the alerts about it.

import { h, put } from "../../dom";
import { address, clockTime, duration, level, modeA, position, trend, whole } from "../../format";
import { lang, t, word } from "../../i18n";
import { TrackFlag } from "../../wire";
import type { Part, Seen } from "./part";
import type { Because, Explanation, Piece } from "./told";

const HEAVIEST = 4; // log-odds that fill the bar

/** Height above the ellipsoid, how sure, and where it comes from; "" where nothing tells it. */
function heightOf(why: Explanation | undefined): string {
  if (!why || why.height_m === null) return "";
  const sure = why.height_std_m === null ? "" : ` ±${why.height_std_m} m`;
  return `${why.height_m} m${sure} · ${word("height", why.height_from)}`;
}

/** Altitude with its QNH, or flight level, and whether that rises. */
function vertical({ store, row, why }: Seen): string {
  const tracks = store.tracks!;
  const feet = tracks.altitude_ft[row!]!;
  const arrow = trend(tracks.trend[row!]!);
  if (!Number.isFinite(feet)) return level(tracks.level_ft[row!]!) + arrow;
  const qnh = why?.qnh_hpa ?? undefined;
  return `${whole(feet)} ft${arrow}${qnh === undefined ? "" : ` · QNH ${whole(qnh)}`}`;
}

/** A weight as log-odds with its sign. */
export const weightText = (weight: number | null): string => (weight === null ? "" : `${weight < 0 ? "−" : "+"}${Math.abs(weight).toFixed(1)}`);

export class Now implements Part {
  readonly id = "now";
  readonly name = "track.tab.now";
  readonly element = h("div.now");
  readonly needsPast = false;
  private readonly facts = h("dl");
  private readonly notes = h("div.notes");
  private readonly reasons = h("div.reasons");
  private readonly alerts = h("div.about");
  private said = "";

  constructor() {
    put(this.element, this.notes, this.facts, this.reasons, this.alerts);
  }

  draw(seen: Seen): void {
    const { store, row, why, now } = seen;
    if (row === undefined) return;
    const facts = this.factsOf(seen).filter(([, v]) => v.trim());
    put(this.facts, ...facts.flatMap(([k, v]) => [h("dt", {}, k), h("dd", {}, v)]));
    const notes = this.notesOf(seen);
    const minute = Math.floor(now / 10);
    const said = JSON.stringify([lang(), notes, why?.claim, why?.evidence, why?.alerts, minute, store.tracks?.protected[row], store.tracks?.emergency[row]]);
    if (said === this.said) return;
    this.said = said;
    put(
      this.notes,
      store.tracks!.protected[row] === 1 && h("p.protected", {}, t("track.protected")),
      store.tracks!.emergency[row]! > 0 && h("p.urgent", {}, `${t("track.emergency")} · ${word("emergency", why?.emergency ?? "general")}`),
      why?.claim && h("p.note", {}, why.claim),
      ...notes.map((n) => h("p.note", {}, n)),
    );
    this.ledger(why, now);
    this.about(why);
  }

  private factsOf({ store, row, why, ...rest }: Seen): [string, string][] {
    const tracks = store.tracks!;
    const at = row!;
    const rate = tracks.vertical_fpm[at]!;
    const registered = why?.state ? ` · ${new Intl.DisplayNames([lang()], { type: "region" }).of(why.state) ?? why.state}` : "";
    return [
      [Number.isFinite(tracks.altitude_ft[at]!) ? t("track.altitude") : t("track.level"), [vertical({ store, row, why, ...rest }), Math.abs(rate) >= 100 ? `${rate > 0 ? "+" : "−"}${whole(Math.abs(rate))} ft/min` : ""].join(" ")],
      [t("track.height"), heightOf(why)],
      [t("track.speed"), Number.isFinite(tracks.speed_kt[at]!) ? `${whole(tracks.speed_kt[at]!)} kt` : ""],
      [t("track.course"), Number.isFinite(tracks.course_deg[at]!) ? `${String(Math.round(tracks.course_deg[at]!) % 360).padStart(3, "0")}°` : ""],
      [t("track.position"), Number.isNaN(tracks.lat_deg[at]!) ? "" : position(tracks.lat_deg[at]!, tracks.lon_deg[at]!)],
      [t("track.accuracy"), Number.isFinite(tracks.std_m[at]!) ? `±${whole(tracks.std_m[at]!)} m` : ""],
      [t("track.code"), modeA(tracks.mode_a[at]!)],
      [t("track.address"), address(tracks.address[at]!) + registered],
      [t("track.remote"), store.remoteId(at)],
      [t("track.class"), why && why.class !== "unknown" ? word("class", why.class) : ""],
      [t("track.moves"), why?.moves_like ? t("track.moves.sure", word("moves", why.moves_like), Math.round(100 * (why.moves_like_probability ?? 0))) : ""],
      [t("track.sensors"), why?.sensors.join(", ") ?? ""],
      [t("track.age"), t("track.ago", duration(tracks.age_s[at]!))],
    ];
  }

  private notesOf({ store, row }: Seen): string[] {
    const flags = store.tracks!.flags[row!]!;
    return [
      flags & TrackFlag.COASTING && t("track.coasting"),
      flags & TrackFlag.NOT_LIVE && t("track.notlive"),
      flags & TrackFlag.SYSTEM && t("track.system"),
      Number.isNaN(store.tracks!.lat_deg[row!]!) && t("track.unplaced"),
      !(flags & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM)) && t("track.tentative"),
      flags & TrackFlag.ON_GROUND && t("track.ground"),
      flags & TrackFlag.HEIGHTS_DIFFER && t("track.heightsdiffer"),
    ].filter((n): n is string => typeof n === "string");
  }

  private ledger(why: Explanation | undefined, now: number): void {
    const pieces = (wanted: boolean): HTMLElement[] => (why?.evidence ?? []).filter((e) => e.for === wanted).map((e) => piece(e, now));
    const [supporting, opposing] = [pieces(true), pieces(false)];
    put(
      this.reasons,
      supporting.length > 0 && h("h3", {}, t("track.for")),
      h("ul.for", {}, ...supporting),
      opposing.length > 0 && h("h3", {}, t("track.against")),
      h("ul.against", {}, ...opposing),
      why && !why.evidence.length && h("p.empty", {}, t("track.noevidence")),
    );
  }

  private about(why: Explanation | undefined): void {
    const alerts = why?.alerts ?? [];
    const because = (b: Because): HTMLElement => h("li", {}, h("span.weight", {}, weightText(b.weight)), b.text, b.source && h("span.source", {}, ` · ${t("ledger.source", word("ledger.source", b.source))}`));
    put(
      this.alerts,
      alerts.length > 0 && h("h3", {}, t("panel.alerts")),
      ...alerts.map((a) =>
        h(`div.one.${a.severity}`, {}, h("b", {}, t(`severity.${a.severity}`)), h("span.since", {}, ` ${clockTime(a.since)}`), h("p", {}, a.text[lang()] ?? a.rule), a.because.length > 0 && h("ul.because", {}, ...a.because.map(because))),
      ),
    );
  }
}

function piece(e: Piece, now: number): HTMLElement {
  const bar = h("span.fill");
  bar.style.width = `${Math.round(100 * Math.min(1, Math.abs(e.weight ?? 0) / HEAVIEST))}%`;
  const left = e.expires === null ? "" : t("ledger.left", duration(Math.max(0, e.expires - now)));
  return h(
    "li",
    { "data-rule": e.rule },
    h("span.words", {}, e.text),
    h(
      "span.terms",
      {},
      h("span.bar", { role: "img", "aria-label": t("ledger.weight", weightText(e.weight)), title: t("ledger.weight", weightText(e.weight)) }, bar),
      h("span.weight", { "aria-hidden": "true" }, weightText(e.weight)),
      [e.since !== null && t("ledger.since", clockTime(e.since)), left, e.source && t("ledger.source", word("ledger.source", e.source))].filter(Boolean).join(" · "),
    ),
  );
}
