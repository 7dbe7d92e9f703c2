// What a person may do about a track: for each action its fields, and the command that they make.

import type { Command } from "../../commands";
import { duration } from "../../format";
import { t, word, type Key } from "../../i18n";
import type { Explanation } from "./told";

export type Values = Record<string, string>;

export interface Field {
  name: string;
  label: Key;
  /** Choices, value and words; none: text. */
  choices?: [string, string][];
  /** What it holds at first. */
  value?: string;
  number?: { min: number; max: number; step?: number };
  optional?: boolean;
  longest?: number;
}

export interface About {
  track: number;
  name: string;
  manual: boolean;
  /** Civil by presumption or protected, as the frame has it. */
  guarded: boolean;
  why: Explanation | undefined;
  now: number;
  may: (command: string) => boolean;
}

export interface Order {
  id: string;
  /** The line of the server's table of rights. */
  right: string;
  name: Key;
  when?: (about: About) => boolean;
  /** What is to be known before. */
  note?: (about: About) => string;
  fields: (about: About) => Field[];
  make: (values: Values, about: About) => { command: Command; undo?: Command };
}

const reason: Field = { name: "reason", label: "act.reason", longest: 80 };
const other: Field = { name: "other", label: "act.other", number: { min: 1, max: 0xffffffff } };
const IDENTITIES = ["unknown", "assumed_friend", "friend", "neutral", "suspect", "automatic"] as const;
const CLAIMS = ["callsign", "mode_a", "level_ft", "speed_kt", "climbing", "descending", "level"] as const;
const guarded = (about: About): boolean => about.guarded;
const reasoned = (kind: string) => (v: Values, { track }: About): { command: Command } => ({ command: { kind, track, reason: v["reason"] } });
const paired = (kind: string) => (v: Values, { track }: About): { command: Command } => ({ command: { kind, track, other: Number(v["other"]), reason: v["reason"] } });

function claimed(v: Values, { track }: About): { command: Command } {
  const what = v["what"]!;
  const text = (v["value"] ?? "").trim().toUpperCase();
  const value = what === "level_ft" ? 100 * Number(text.replace(/^FL/, "")) : what === "speed_kt" ? Number(text) : ["callsign", "mode_a"].includes(what) ? text : undefined;
  return { command: { kind: "claim", track, what, ...(value === undefined ? {} : { value }) } };
}

function registered(v: Values, { may }: About): { command: Command; undo?: Command } {
  const who = { ...(v["callsign"] ? { callsign: v["callsign"].toUpperCase() } : {}), ...(v["address"] ? { address: v["address"].toUpperCase() } : {}) };
  const command = { kind: "registry", op: "add", ...who, label: v["label"] };
  return may("registry.remove") ? { command, undo: { kind: "registry", op: "remove", ...who } } : { command };
}

/** Who has asked that protection be taken off, and how long that stands. */
function asked({ why, now }: About): string {
  const piece = why?.evidence.find((e) => e.rule === "unprotect_asked" && (e.expires === null || e.expires > now));
  if (!piece) return t("act.unprotect.first");
  return `${piece.text}. ${piece.expires === null ? "" : t("act.unprotect.left", duration(piece.expires - now))}`;
}

export const ORDERS: readonly Order[] = [
  {
    id: "identity",
    right: "identity",
    name: "act.identity",
    note: (about) => (guarded(about) ? t("act.identity.guarded") : t("act.identity.note")),
    fields: ({ why }) => [
      { name: "identity", label: "track.identity", choices: IDENTITIES.map((i) => [i, i === "automatic" ? t("act.automatic") : word("identity", i)]), value: why?.set_by_hand ?? why?.identity ?? "unknown" },
      { ...reason, optional: true },
    ],
    make: (v, { track, why }) => ({
      command: { kind: "identity", track, identity: v["identity"], reason: v["reason"] ?? "" },
      undo: { kind: "identity", track, identity: why?.set_by_hand ?? "automatic", reason: t("undo.reason") },
    }),
  },
  {
    id: "radio",
    right: "radio",
    name: "act.radio",
    fields: () => [{ name: "state", label: "act.radio.state", choices: [["lost", t("act.radio.lost")], ["regained", t("act.radio.regained")]] }],
    make: (v, { track }) => ({ command: { kind: "radio", track, state: v["state"] }, undo: { kind: "radio", track, state: v["state"] === "lost" ? "regained" : "lost" } }),
  },
  {
    id: "cleared",
    right: "cleared",
    name: "act.cleared",
    fields: () => [{ name: "level", label: "act.cleared.level", number: { min: 0, max: 600 }, optional: true }],
    make: (v, { track }) => ({ command: { kind: "cleared", track, level_ft: v["level"] ? 100 * Number(v["level"]) : null }, ...(v["level"] ? { undo: { kind: "cleared", track, level_ft: null } } : {}) }),
  },
  {
    id: "claim",
    right: "claim",
    name: "act.claim",
    note: () => t("act.claim.note"),
    fields: () => [
      { name: "what", label: "act.claim.what", choices: CLAIMS.map((c) => [c, word("claim", c)]) },
      { name: "value", label: "act.claim.value", optional: true, longest: 8 },
    ],
    make: claimed,
  },
  {
    id: "registry",
    right: "registry.add",
    name: "act.registry",
    note: () => t("act.registry.note"),
    fields: ({ why }) => [
      { name: "callsign", label: "names.callsign", value: why?.callsign ?? "", optional: true, longest: 8 },
      { name: "address", label: "track.address", value: why?.address ?? "", optional: true, longest: 6 },
      { name: "label", label: "act.registry.label", longest: 40 },
    ],
    make: registered,
  },
  { id: "unprotect", right: "unprotect", name: "act.unprotect", when: guarded, note: asked, fields: () => [reason], make: reasoned("unprotect") },
  { id: "track_correlate", right: "track_correlate", name: "act.track_correlate", when: (a) => a.manual, note: () => t("act.correlate.note"), fields: () => [other, reason], make: paired("track_correlate") },
  { id: "track_merge", right: "track_merge", name: "act.track_merge", when: (a) => !a.manual, note: () => t("act.merge.note"), fields: () => [other, reason], make: paired("track_merge") },
  { id: "track_split", right: "track_split", name: "act.track_split", when: (a) => !a.manual, note: () => t("act.split.note"), fields: () => [reason], make: reasoned("track_split") },
  { id: "track_end", right: "track_end", name: "act.track_end", note: () => t("act.end.note"), fields: () => [reason], make: reasoned("track_end") },
];

/** The actions that a person may take on a track as it is. */
export const possible = (about: About): Order[] => ORDERS.filter((o) => about.may(o.right) && (o.when?.(about) ?? true));
