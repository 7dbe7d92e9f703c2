// What the page knows: the latest frame and status, history dots, what is selected. Panels and layers read it.

import { textAt, type Frame } from "./frames";
import { TrackFlag, type PageHistory, type PageLocal, type PageRemote, type PageTracks } from "./wire";
import { PictureClock } from "./clock";
import { Rows } from "./rows";

export type SeverityName = "information" | "caution" | "warning" | "emergency";
export type Mode = "live" | "replay" | "exercise";

export interface Sensor {
  id: string;
  name: string;
  kind: string;
  lat: number | null;
  lon: number | null;
  range_m: number | null;
  placed: boolean;
  frame: number;
  state: "ok" | "silent" | "doubtful" | "untrusted" | "never heard";
  rate_hz: number | null;
  lag_s: number | null;
  rejects: Record<string, number>;
  last_seen: number | null;
  /** What registration says of it, by language. */
  note?: Record<string, string>;
}

/** One feed: its way in (null: a recording or the exercise) and what its bytes were. */
export interface Source {
  id: string;
  format: string;
  transport: string | null;
  state: "waiting" | "receiving" | "silent" | "one network silent" | "connecting" | "reconnecting" | "ended";
  detail: string;
  why: string;
  units_s: number | null;
  bytes_s: number | null;
  dropped: number;
  duplicates: number;
  lag_s: number | null;
  clock_off_s: number | null;
  rejects: Record<string, number>;
  last_seen: number | null;
}

/** A QNH that holds: as a station reported it, or set by hand. */
export interface Pressure {
  station: string;
  lat: number | null;
  lon: number | null;
  qnh_hpa: number | null;
  transition_level: number;
  time: number | null;
  by: string | null;
}

export interface Alert {
  id: number;
  rule: string;
  severity: SeverityName;
  track: number | null;
  other: number | null;
  sensor: string | null;
  text: Record<string, string>;
  since: number | null;
  until: number | null;
  predicted: number | null;
  acknowledged: number | null;
  by: string | null;
  state?: "raised" | "acknowledged" | "suppressed" | "cleared";
  /** The position whose it is to work. */
  owner?: string | null;
  suppressed_until?: number | null;
}

/** Whether an alert calls for a person. */
export const calls = (a: Alert): boolean => a.acknowledged === null && a.state !== "suppressed" && a.state !== "cleared";

export interface Site {
  name: string;
  lat: number | null;
  lon: number | null;
  zoom: number;
  country: string;
}

export interface Hello {
  type: "hello";
  schema: string;
  version: string;
  boot: string;
  mode: Mode;
  site: Site;
  sensors: Sensor[];
  unplaced: Sensor[];
}

/** What became of a command. */
export interface Answer {
  id: number;
  time: number;
  kind: string;
  accepted: boolean;
  track: number | null;
  /** The order that it made, by whose number it is taken back. */
  order: number | null;
  by: string;
  text: Record<string, string>;
}

export interface Status {
  type: "status";
  time: number;
  server_time: number;
  mode: Mode;
  alerts: Alert[];
  alerts_total: number;
  sensors: Sensor[];
  sources?: Source[];
  qnh?: Pressure[];
  counts: Record<string, number>;
  /** Differs once the airspace, its closures or movements differ. */
  airspace_version?: number;
  answers?: Answer[];
}

/** One kept set of history dots: who was where, at one time. */
export interface Dots {
  time: number;
  number: Uint32Array;
  lat: Float32Array;
  lon: Float32Array;
}

/** A picture of an earlier time, shown in place of the live one. */
export interface Earlier {
  /** The time that is shown: the frame's, or a little later. */
  time: number;
  frame: Frame;
  status: Status | undefined;
  dots: Dots[];
  clock: PictureClock;
}

export const SEVERITIES: readonly SeverityName[] = ["information", "caution", "warning", "emergency"];

export type Topic = "hello" | "frame" | "status" | "history" | "selection" | "hover" | "link" | "language" | "settings" | "pointer" | "past" | "arranged";

const DOT_STEP_S = 10;
const DOTS_KEPT = 36;

/** Where the sure tracks of a frame are. */
export function dotsOf(frame: Frame): Dots | undefined {
  const t = frame.tracks;
  if (!t) return undefined;
  const kept = { time: frame.time, number: new Uint32Array(t.rows), lat: new Float32Array(t.rows), lon: new Float32Array(t.rows) };
  let count = 0;
  for (let i = 0; i < t.rows; i++) {
    const lat = t.lat_deg[i]!;
    if (lat !== lat || !(t.flags[i]! & TrackFlag.CONFIRMED)) continue;
    kept.number[count] = t.number[i]!;
    kept.lat[count] = lat;
    kept.lon[count++] = t.lon_deg[i]!;
  }
  return { time: kept.time, number: kept.number.subarray(0, count), lat: kept.lat.subarray(0, count), lon: kept.lon.subarray(0, count) };
}

export class Store {
  hello: Hello | undefined;
  status: Status | undefined;
  /** What is shown: live, or of the past. */
  frame: Frame | undefined;
  /** The past that is shown; undefined: what is shown is live. Status and alerts are live always. */
  past: Earlier | undefined;
  private liveFrame: Frame | undefined;
  readonly liveClock = new PictureClock();
  private liveDots: Dots[] = [];
  /** Row of each track number in the latest frame. */
  readonly rows = new Rows();
  private remoteRows = new Map<number, number>();
  /** Worst severity of the unacknowledged alerts about each track. */
  alerted = new Map<number, number>();
  selected: number | undefined;
  hovered: number | undefined;
  following = false;
  labels = true;
  private listeners = new Map<Topic, (() => void)[]>();
  private readonly prompt = new Set<() => void>();
  /** How work waits that no frame must wait for; without it nothing waits. */
  pace: ((work: () => void) => void) | undefined;

  /** prompt: of a new picture it is told at once, others in the frames that follow. */
  on(topic: Topic, listener: () => void, prompt = false): void {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), listener]);
    if (prompt) this.prompt.add(listener);
  }

  tell(topic: Topic): void {
    const waits = topic === "frame" || topic === "status" ? this.pace : undefined;
    for (const listener of this.listeners.get(topic) ?? []) {
      if (waits && !this.prompt.has(listener)) waits(listener);
      else listener();
    }
  }

  get tracks(): PageTracks | undefined {
    return this.frame?.tracks;
  }

  get local(): PageLocal | undefined {
    return this.frame?.local;
  }

  get remote(): PageRemote | undefined {
    return this.frame?.remote;
  }

  /** The clock of what is shown. */
  get clock(): PictureClock {
    return this.past?.clock ?? this.liveClock;
  }

  get dots(): Dots[] {
    return this.past?.dots ?? this.liveDots;
  }

  /** Sensors and the rest as of the time shown. */
  get standing(): Status | undefined {
    return this.past ? this.past.status : this.status;
  }

  /** Take a frame of the live picture: it is kept, and shown unless a past is. */
  takeFrame(frame: Frame, at: number): void {
    if (!frame.tracks) return;
    if (this.liveFrame && frame.time < this.liveFrame.time) this.liveDots = [];
    this.liveFrame = frame;
    this.liveClock.mark(frame.time, at);
    this.keepDots(frame);
    if (!this.past) this.show(frame);
  }

  /** Show an earlier time in place of the live picture; undefined: the live one again. */
  showPast(past: Earlier | undefined): void {
    const before = this.past;
    this.past = past;
    if (past?.status !== before?.status || !past !== !before) this.markAlerted();
    this.tell("past");
    const frame = past?.frame ?? this.liveFrame;
    if (frame && frame !== this.frame) this.show(frame);
    if (past?.dots !== before?.dots) this.tell("history");
  }

  private show(frame: Frame): void {
    const before = this.frame;
    const same = frame.layout !== undefined && frame.layout === before?.layout && frame.tracks?.number.buffer === before.tracks?.number.buffer;
    this.frame = frame;
    if (!same) this.index(frame.tracks, frame.remote);
    this.tell("frame");
  }

  private index(tracks: PageTracks | undefined, remote: PageRemote | undefined): void {
    this.rows.take(tracks?.number ?? new Uint32Array(0));
    this.remoteRows.clear();
    for (let i = 0; remote && i < remote.rows; i++) this.remoteRows.set(remote.row[i] ?? 0, i);
  }

  takeStatus(status: Status): void {
    this.status = status;
    if (!this.past) this.markAlerted();
    this.tell("status");
  }

  private markAlerted(): void {
    this.alerted.clear();
    for (const alert of this.standing?.alerts ?? []) {
      if (!calls(alert)) continue;
      for (const track of [alert.track, alert.other]) {
        if (track) this.alerted.set(track, Math.max(this.alerted.get(track) ?? 0, SEVERITIES.indexOf(alert.severity)));
      }
    }
  }

  takeHistory(history: PageHistory, time: number): void {
    this.liveDots = [];
    for (let from = 0; from < history.rows; ) {
      const age = history.age_s[from] ?? 0;
      let to = from;
      while (to < history.rows && history.age_s[to] === age) to++;
      this.liveDots.push({
        time: time - age,
        // Copies: a view would keep the whole message for as long as its newest dots are kept.
        number: history.number.slice(from, to),
        lat: history.lat_deg.slice(from, to),
        lon: history.lon_deg.slice(from, to),
      });
      from = to;
    }
    if (!this.past) this.tell("history");
  }

  private keepDots(frame: Frame): void {
    const last = this.liveDots[this.liveDots.length - 1];
    if (last && frame.time < last.time + DOT_STEP_S) return;
    const made = dotsOf(frame);
    if (!made) return;
    this.liveDots.push(made);
    if (this.liveDots.length > DOTS_KEPT) this.liveDots.shift();
    if (!this.past) this.tell("history");
  }

  /** Alerts that call for a person, from caution up; and the worst of them. */
  waiting(): { count: number; worst: number } {
    const ranks = (this.status?.alerts ?? []).filter(calls).map((a) => SEVERITIES.indexOf(a.severity));
    return { count: ranks.filter((r) => r > 0).length, worst: Math.max(0, ...ranks) };
  }

  /** Remote ID of a row, or "". */
  remoteId(row: number): string {
    const at = this.remoteRows.get(row);
    return at === undefined || !this.remote ? "" : textAt(this.remote.remote_id, 20, at);
  }

  callsign(row: number): string {
    return this.tracks ? textAt(this.tracks.callsign, 8, row) : "";
  }

  /** What a track is called: callsign, else Mode A code, else Remote ID, else its number. */
  nameOf(row: number): string {
    const code = this.tracks?.mode_a[row] ?? -1;
    return (
      this.callsign(row) ||
      (code >= 0 ? `A${code.toString(8).padStart(4, "0")}` : "") ||
      this.remoteId(row).slice(-8) ||
      `#${this.tracks?.number[row] ?? 0}`
    );
  }

  select(number: number | undefined): void {
    if (this.selected === number) return;
    this.selected = number;
    if (number === undefined) this.following = false;
    this.tell("selection");
  }
}
