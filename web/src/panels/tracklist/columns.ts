// The columns of the track list: what each says of a row, and what it is sorted by.

import { address, duration, height, modeA, trend, whole } from "../../format";
import { word, type Key } from "../../i18n";
import { sourcesOf } from "../../sources";
import type { Store } from "../../store";
import { Emergency, type PageTracks } from "../../wire";

export type ColumnId = "identity" | "name" | "level" | "speed" | "distance" | "age" | "code" | "address" | "sources";

export interface Row {
  store: Store;
  tracks: PageTracks;
  row: number;
  distance: (row: number) => number;
}

export interface Column {
  id: ColumnId;
  name: Key;
  /** What is said over the column where the name is too long. */
  head: Key | undefined;
  /** Its width, as a track of a CSS grid. */
  width: string;
  right?: boolean;
  /** Whether it is there unless somebody takes it away; always: it cannot be. */
  shown: boolean | "always";
  text(at: Row): string;
  /** What it is sorted by; NaN comes last. Names are sorted as text. */
  key(at: Row): number;
  /** Whether the first press sorts from the greatest down. */
  falling: boolean;
}

const IDENTITY_RANK = [1, 3, 1.2, 1.1, 0, 4];

/** What should be looked at first: emergencies, alerts, protected flights, then by identity. */
export function rank({ store, tracks, row }: Row): number {
  const alert = store.alerted.get(tracks.number[row]!) ?? 0;
  return (tracks.emergency[row] === Emergency.NONE ? 0 : 100) + 20 * alert + 5 * tracks.protected[row]! + (IDENTITY_RANK[tracks.identity[row]!] ?? 0);
}

export const COLUMNS: readonly Column[] = [
  { id: "identity", name: "track.identity", head: undefined, width: "26px", shown: "always", text: () => "", key: rank, falling: true },
  { id: "name", name: "tracks.name", head: "tracks.name", width: "minmax(68px, 1fr)", shown: "always", text: ({ store, row }) => store.nameOf(row), key: () => 0, falling: false },
  {
    id: "level",
    name: "tracks.level",
    head: "tracks.level",
    width: "54px",
    shown: true,
    text: ({ tracks, row }) => {
      const text = height(tracks.level_ft[row]!, tracks.altitude_ft[row]!);
      return text && text + trend(tracks.trend[row]!);
    },
    key: ({ tracks, row }) => tracks.level_ft[row]!,
    falling: true,
  },
  { id: "speed", name: "track.speed", head: "tracks.speed", width: "34px", right: true, shown: true, text: ({ tracks, row }) => whole(tracks.speed_kt[row]!), key: ({ tracks, row }) => tracks.speed_kt[row]!, falling: true },
  { id: "distance", name: "tracks.distance", head: "tracks.distance.head", width: "34px", right: true, shown: false, text: ({ distance, row }) => whole(distance(row)), key: ({ distance, row }) => distance(row), falling: false },
  { id: "age", name: "track.age", head: "tracks.age.head", width: "42px", right: true, shown: false, text: ({ tracks, row }) => duration(tracks.age_s[row]!), key: ({ tracks, row }) => Math.round(tracks.age_s[row]!), falling: true },
  { id: "code", name: "track.code", head: "tracks.code.head", width: "36px", shown: false, text: ({ tracks, row }) => modeA(tracks.mode_a[row]!), key: ({ tracks, row }) => (tracks.mode_a[row]! < 0 ? NaN : tracks.mode_a[row]!), falling: false },
  { id: "address", name: "track.address", head: "tracks.address.head", width: "56px", shown: false, text: ({ tracks, row }) => address(tracks.address[row]!), key: ({ tracks, row }) => (tracks.address[row]! < 0 ? NaN : tracks.address[row]!), falling: false },
  {
    id: "sources",
    name: "tracks.sources",
    head: "tracks.sources",
    width: "minmax(56px, 0.9fr)",
    shown: true,
    text: ({ tracks, row }) => sourcesOf(tracks.kinds[row]!, tracks.flags[row]!).map((s) => word("source", s)).join(" + "),
    key: ({ tracks, row }) => tracks.kinds[row]!,
    falling: true,
  },
];

/** The columns that are shown: as chosen ("level,speed"), or as they are at first where nothing was. */
export function chosen(kept: string): Column[] {
  const ids = kept.split(",");
  return COLUMNS.filter((c) => c.shown === "always" || (kept === "" ? c.shown : ids.includes(c.id)));
}
