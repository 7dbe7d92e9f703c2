// The layer of the airspace: every volume in reach as few paths, kept until the view leaves them. Where they are many,
// a thread beside the page paints them into a picture, which moves with the view until the next one is there.

import type { Layer } from "../layers";
import { planeX, planeY, screenX, screenY, type Plane, type View } from "../plane";
import type { Settings } from "../settings";
import { FONT } from "../theme";
import { t } from "../i18n";
import { away, build, holds, lay, named, type Bare, type Built, type Laid } from "./drawn";
import type { Airspace } from "./model";
import { outline, paint } from "./paint";
import type { Picture, Volumes, Wanted } from "./painter";
import { heights, KINDS, type Kind } from "./volume";

/** Volumes of more points than this in all are painted beside the page. */
export const HEAVY_POINTS = 20_000;
const REACH = 0.8;
const PICTURE_REACH = 0.45;
const PICTURE_MAX_PX = 4096;
const ZOOM_APART = 1.35;
const SETTLE_MS = 140;
const LABELS_MAX = 70;
const NEAR_PX = 6;

export class AirspaceLayer implements Layer {
  readonly id = "airspace";
  readonly name = "layer.airspace" as const;
  readonly on = true;
  readonly place = "under" as const;
  /** What the pointer names, and what the list has chosen. */
  hovered = "";
  chosen = "";
  /** One that is being edited, and drawn by the editor instead. */
  hidden = "";
  /** Milliseconds that the last layout and the last gathering of paths took, and how many volumes it holds: for tests and support. */
  readonly figures = { lay_ms: 0, build_ms: 0, builds: 0, volumes: 0, points: 0, labels: 0, draw_ms: 0, heavy: false };
  private laid: readonly Laid[] = [];
  private plane: Plane | undefined;
  private drawn = -1;
  private built: Built | undefined;
  private made = "";
  private looked = 0;
  private colours: Record<Kind, string> | undefined;
  private heavy = false;
  private painter: Worker | undefined;
  /** The picture at hand, what it was asked with, and what is asked for now. */
  private painted: { bitmap: ImageBitmap; view: View; half: number; key: string } | undefined;
  private asked: { view: View; half: number; key: string } | undefined;
  private names: readonly Laid[] = [];
  private namesKey = "";
  private moved = 0;
  private last = "";
  private later: ReturnType<typeof setTimeout> | undefined;
  private labels: { x: number; y: number; width: number; id: string }[] = [];

  constructor(
    private readonly airspace: Airspace,
    private readonly settings: Settings,
    private readonly redraw: () => void,
  ) {}

  /** Whether volumes of a kind are drawn; inactive ones only where those are. */
  readonly shown = (kind: Kind, active: boolean): boolean => this.settings.get(`airspace.kind.${kind}`, true) && (active || this.settings.get("airspace.inactive", true));

  /** Forget what was gathered: looks or choices have changed. */
  forget(): void {
    this.looked += 1;
    this.colours = undefined;
  }

  /** What decides which volumes are drawn, and how, beside the view. */
  private get choices(): string {
    return `${this.airspace.stood} ${this.hidden} ${this.looked}`;
  }

  draw(g: CanvasRenderingContext2D, view: View): void {
    const begun = performance.now();
    this.lay(view.plane);
    if (!this.laid.length) return;
    this.watchMoves(view);
    if (this.heavy) this.paste(g, view);
    else paint(g, view, this.gather(view), this.airspace.active, this.palette);
    for (const id of new Set([this.chosen, this.hovered])) if (id) this.bring(g, view, id);
    this.label(g, view);
    this.figures.draw_ms = performance.now() - begun;
  }

  /** The volume whose outline or name is under a place of the screen. */
  near(view: View, sx: number, sy: number): Laid | undefined {
    const label = this.labels.find((l) => Math.abs(sx - l.x) < l.width / 2 && Math.abs(sy - l.y) < 14);
    if (label) return this.find(label.id);
    const [x, y, reach] = [planeX(view, sx, sy), planeY(view, sx, sy), NEAR_PX / view.scale];
    let [best, found]: [number, Laid | undefined] = [reach, undefined];
    for (const l of this.laid) {
      if (x < l.west - reach || x > l.east + reach || y < l.north - reach || y > l.south + reach || !this.visible(l)) continue;
      const d = away(l, x, y);
      if (d < best) [best, found] = [d, l];
    }
    return found;
  }

  /** The volumes at a place of the screen, the smallest first. */
  at(view: View, sx: number, sy: number): Laid[] {
    const [x, y] = [planeX(view, sx, sy), planeY(view, sx, sy)];
    const size = (l: Laid): number => (l.east - l.west) * (l.south - l.north);
    return this.laid.filter((l) => this.visible(l) && holds(l, x, y)).sort((a, b) => size(a) - size(b));
  }

  /** The box of a volume in degrees: west, south, east, north. */
  box(id: string): [number, number, number, number] | undefined {
    const l = this.find(id);
    if (!l || !this.plane) return undefined;
    const { plane } = this;
    const at = [[l.west, l.north], [l.east, l.north], [l.west, l.south], [l.east, l.south]] as const;
    const [lats, lons] = [at.map(([x, y]) => plane.lat(x, y)), at.map(([x, y]) => plane.lon(x, y))];
    return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  }

  private find(id: string): Laid | undefined {
    return this.laid.find((l) => l.volume.id === id);
  }

  private visible(l: Laid): boolean {
    return l.volume.id !== this.hidden && this.shown(l.volume.kind, this.airspace.active[l.row] ?? false);
  }

  private lay(plane: Plane): void {
    const { airspace } = this;
    if (this.drawn === airspace.drawn && this.plane === plane) return;
    const begun = performance.now();
    const before = this.plane === plane && this.drawn === airspace.drawn - 1 && airspace.touched ? new Map(this.laid.map((l) => [l.volume.id, l])) : new Map<string, Laid>();
    this.laid = airspace.volumes.map((volume, row) => {
      const held = airspace.touched?.has(volume.id) ? undefined : before.get(volume.id);
      return held ? { ...held, volume, row } : lay(volume, row, plane);
    });
    this.drawn = airspace.drawn;
    this.plane = plane;
    this.made = this.namesKey = "";
    this.heavy = this.figures.heavy = this.laid.reduce((sum, l) => sum + l.rings.reduce((n, ring) => n + ring.length / 2, 0), 0) > HEAVY_POINTS && typeof Worker === "function" && typeof OffscreenCanvas === "function";
    if (this.heavy) this.handOver();
    this.figures.lay_ms = performance.now() - begun;
  }

  /** Keep the time of the last move, and draw once more when the view has come to rest. */
  private watchMoves(view: View): void {
    const now = `${view.x} ${view.y} ${view.scale} ${view.sin}`;
    if (now === this.last) return;
    this.last = now;
    this.moved = performance.now();
    clearTimeout(this.later);
    this.later = setTimeout(this.redraw, SETTLE_MS + 20);
  }

  /** The paths for a view: those at hand while they reach, else new ones. */
  private gather(view: View): Built {
    const made = this.choices;
    const size = Math.hypot(view.width, view.height) / 2;
    const { built } = this;
    if (built && made === this.made) {
      const apart = view.scale / built.scale;
      const wanted = size / view.scale;
      const reaches = Math.abs(view.x - built.x) + wanted < built.reach && Math.abs(view.y - built.y) + wanted < built.reach;
      if (reaches && apart < ZOOM_APART && apart > 1 / ZOOM_APART) return built;
    }
    const begun = performance.now();
    const rows = this.hidden ? this.laid.filter((l) => l.volume.id !== this.hidden) : this.laid;
    this.built = build(rows, this.airspace.active, this.shown, view, size * (1 + REACH));
    this.made = made;
    this.figures.build_ms = performance.now() - begun;
    this.figures.builds += 1;
    this.figures.volumes = this.built.volumes;
    this.figures.points = this.built.points;
    return this.built;
  }

  private get palette(): Record<Kind, string> {
    return (this.colours ??= colours());
  }

  /** Give the painter the volumes that there are now. */
  private handOver(): void {
    if (!this.painter) {
      this.painter = new Worker(new URL("./painter.ts", import.meta.url), { type: "module" });
      this.painter.addEventListener("message", (event: MessageEvent<Picture>) => this.take(event.data));
      this.painter.addEventListener("error", () => this.alone());
    }
    const laid: Bare[] = this.laid.map(({ volume, ...rest }) => ({ ...rest, volume: { id: volume.id, kind: volume.kind } }));
    this.painter.postMessage({ laid } satisfies Volumes);
  }

  /** The painter cannot work here: paint on the page, slower. */
  private alone(): void {
    this.painter?.terminate();
    this.painter = this.asked = undefined;
    this.heavy = this.figures.heavy = false;
    this.redraw();
  }

  private take(picture: Picture): void {
    if (this.asked) {
      this.painted?.bitmap.close();
      this.painted = { bitmap: picture.bitmap, ...this.asked };
    }
    this.asked = undefined;
    Object.assign(this.figures, { build_ms: picture.ms, builds: this.figures.builds + 1, points: picture.points, volumes: picture.volumes });
    this.redraw();
  }

  /** Lay the picture under the view, and ask for a new one where it is another's, does not reach, or the view has come to rest. */
  private paste(g: CanvasRenderingContext2D, view: View): void {
    const { painted } = this;
    const key = `${this.choices} ${this.drawn}`;
    const still = performance.now() - this.moved >= SETTLE_MS;
    const need = Math.hypot(view.width, view.height) / 2;
    if (!painted) this.want(view, need, key);
    else {
      const { view: from, half } = painted;
      const apart = view.scale / from.scale;
      const covers = (Math.hypot(view.x - from.x, view.y - from.y) + need / view.scale) * from.scale <= half && apart < ZOOM_APART && apart > 1 / ZOOM_APART;
      const same = from.scale === view.scale && from.sin === view.sin && from.x === view.x && from.y === view.y;
      if (painted.key !== key || !covers || (still && !same)) this.want(view, need, key);
      const [cos, sin] = [view.cos * from.cos + view.sin * from.sin, view.sin * from.cos - view.cos * from.sin];
      g.save();
      g.transform(apart * cos, -apart * sin, apart * sin, apart * cos, screenX(view, from.x, from.y), screenY(view, from.x, from.y));
      g.drawImage(painted.bitmap, -half, -half, 2 * half, 2 * half);
      g.restore();
    }
  }

  /** Ask for a picture, unless one is being painted: when that is there, the next is asked for. */
  private want(view: View, need: number, key: string): void {
    if (this.asked) return;
    const half = Math.ceil(need * (1 + PICTURE_REACH));
    this.asked = { view, half, key };
    const { x, y, scale, width, height, cos, sin } = view;
    const wanted: Wanted = {
      frame: { x, y, scale, width, height, cos, sin },
      half,
      ratio: Math.min(window.devicePixelRatio || 1, PICTURE_MAX_PX / (2 * half)),
      active: Uint8Array.from(this.airspace.active, Number),
      kinds: KINDS.filter((kind) => this.settings.get(`airspace.kind.${kind}`, true)),
      inactive: this.settings.get("airspace.inactive", true),
      hidden: this.hidden,
      palette: this.palette,
    };
    this.painter?.postMessage(wanted);
  }

  /** Bring one out over the others. */
  private bring(g: CanvasRenderingContext2D, view: View, id: string): void {
    const l = this.find(id);
    if (!l || id === this.hidden) return;
    outline(g, view, l);
    g.setLineDash([]);
    g.lineJoin = "round";
    g.globalAlpha = 0.35;
    g.strokeStyle = this.palette[l.volume.kind];
    g.lineWidth = 7;
    g.stroke();
    g.globalAlpha = 1;
    g.lineWidth = 2;
    g.stroke();
  }

  /** Those to be named around a view; looked for anew when it has moved far. */
  private toName(view: View): readonly Laid[] {
    const size = Math.hypot(view.width, view.height) / 2;
    const grid = (v: number): number => Math.round((v * view.scale) / (size * REACH));
    const key = `${this.choices} ${Math.round(Math.log2(view.scale) * 4)} ${grid(view.x)} ${grid(view.y)}`;
    if (key !== this.namesKey) {
      this.namesKey = key;
      this.names = named(this.laid, this.airspace.active, this.shown, view, size * (1 + REACH));
    }
    return this.names;
  }

  private label(g: CanvasRenderingContext2D, view: View): void {
    this.labels = [];
    g.font = `10.5px ${FONT}`;
    g.textAlign = "center";
    g.setLineDash([]);
    g.lineWidth = 3;
    g.strokeStyle = "#04070bd0";
    const first = [this.chosen, this.hovered].map((id) => (id ? this.find(id) : undefined)).filter((l): l is Laid => l !== undefined);
    for (const l of [...first, ...this.toName(view)]) {
      if (this.labels.length >= LABELS_MAX) break;
      const [x, y] = [screenX(view, l.x, l.y), screenY(view, l.x, l.y)];
      if (!(x > 20 && y > 14 && x < view.width - 20 && y < view.height - 14) || l.volume.id === this.hidden) continue;
      const active = this.airspace.active[l.row] ?? false;
      const [top, below] = [words(l), `${heights(l.volume)}${active ? "" : ` · ${t("airspace.inactive")}`}`];
      const width = Math.max(top.length, below.length) * 5.9;
      if (this.labels.some((o) => Math.abs(o.x - x) < (o.width + width) / 2 + 4 && Math.abs(o.y - y) < 27)) continue;
      this.labels.push({ x, y, width, id: l.volume.id });
      g.fillStyle = this.palette[l.volume.kind];
      g.globalAlpha = active ? 1 : 0.85;
      g.strokeText(top, x, y - 2);
      g.strokeText(below, x, y + 10);
      g.fillText(top, x, y - 2);
      g.fillText(below, x, y + 10);
    }
    g.globalAlpha = 1;
    this.figures.labels = this.labels.length;
  }
}

const words = (l: Laid): string => {
  const short = t(`airspace.short.${l.volume.kind}`);
  return l.volume.name.toUpperCase().startsWith(short) ? l.volume.name : `${short} ${l.volume.name}`;
};

/** The colours of the kinds, as the page's looks say now. */
function colours(): Record<Kind, string> {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(KINDS.map((kind) => [kind, style.getPropertyValue(`--air-${kind.replace("_", "-")}`).trim() || "#93a1af"])) as Record<Kind, string>;
}
