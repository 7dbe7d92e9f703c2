// The layer of the airspace: every volume in reach as few paths, kept until the view leaves them; a picture of them where they are many.

import type { Layer } from "../layers";
import { placeAt, planeX, planeY, screenX, screenY, type Plane, type View } from "../plane";
import type { Settings } from "../settings";
import { FONT } from "../theme";
import { t } from "../i18n";
import { away, build, holds, lay, trace, type Built, type Laid } from "./drawn";
import { colours, DIM, INACTIVE, LOOKS } from "./looks";
import type { Airspace } from "./model";
import { heights, type Kind } from "./volume";

/** Paths of more points than this are painted once into a picture, which then moves with the view. */
export const HEAVY_POINTS = 6000;
const REACH = 0.8;
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
  readonly figures = { lay_ms: 0, build_ms: 0, builds: 0, volumes: 0, points: 0, labels: 0, draw_ms: 0 };
  private laid: readonly Laid[] = [];
  private plane: Plane | undefined;
  private drawn = -1;
  private built: Built | undefined;
  private made = "";
  private colours: Record<Kind, string> | undefined;
  private picture: HTMLCanvasElement | undefined;
  private painted: { built: Built; view: View } | undefined;
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
    this.made = "";
    this.colours = undefined;
  }

  draw(g: CanvasRenderingContext2D, view: View): void {
    const begun = performance.now();
    this.lay(view.plane);
    if (!this.laid.length) return;
    this.watchMoves(view);
    const built = this.gather(view);
    if (built.points > HEAVY_POINTS) this.paste(g, view, built);
    else this.paint(g, view, built);
    for (const id of new Set([this.chosen, this.hovered])) if (id) this.outline(g, view, id);
    this.names(g, view, built);
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
    const before = this.plane === plane ? new Map(this.laid.map((l) => [l.volume.id, l])) : new Map<string, Laid>();
    this.laid = airspace.volumes.map((volume, row) => {
      const held = before.get(volume.id);
      return held && held.row === row && JSON.stringify(held.volume) === JSON.stringify(volume) ? held : lay(volume, row, plane);
    });
    this.drawn = airspace.drawn;
    this.plane = plane;
    this.made = "";
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
    const made = `${this.airspace.stood} ${this.hidden}`;
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

  private paint(g: CanvasRenderingContext2D, view: View, built: Built): void {
    const palette = (this.colours ??= colours());
    const k = view.scale / built.scale;
    const [dx, dy] = [screenX(view, built.x, built.y), screenY(view, built.x, built.y)];
    g.save();
    this.buffers(g, view, built, palette);
    g.transform(k * view.cos, -k * view.sin, k * view.sin, k * view.cos, dx, dy);
    g.lineJoin = "round";
    for (const { kind, active, path } of built.groups) {
      const look = active ? LOOKS[kind] : INACTIVE;
      g.strokeStyle = g.fillStyle = palette[kind];
      if (active && look.fill) {
        g.globalAlpha = look.fill;
        g.fill(path, "evenodd");
      }
      g.globalAlpha = active ? 0.95 : DIM;
      g.lineWidth = look.width / k;
      g.setLineDash(built.points > HEAVY_POINTS * 4 ? [] : look.dash.map((d) => d / k)); // in a crowd no dash can be told
      g.stroke(path);
    }
    g.restore();
  }

  /** Buffers as a pale band along the outline, as wide as they are. */
  private buffers(g: CanvasRenderingContext2D, view: View, built: Built, palette: Record<Kind, string>): void {
    g.lineJoin = "round";
    g.globalAlpha = 0.13;
    for (const l of built.buffered) {
      if (!this.airspace.active[l.row]) continue;
      const lat = view.plane.lat(l.x, l.y);
      const wide = 2 * l.volume.buffer_m * view.plane.unitsPerMetre(lat, view.plane.lon(l.x, l.y)) * view.scale;
      if (wide < 3) continue;
      g.strokeStyle = palette[l.volume.kind];
      g.lineWidth = wide;
      this.path(g, view, l);
      g.stroke();
    }
    g.globalAlpha = 1;
  }

  private path(g: CanvasRenderingContext2D, view: View, l: Laid): void {
    g.beginPath();
    g.save();
    g.transform(view.cos, -view.sin, view.sin, view.cos, view.width / 2, view.height / 2);
    for (const ring of l.rings) trace(g, ring, view.x, view.y, view.scale);
    g.restore();
  }

  /** Lay the picture of the paths under the view; paint it anew where it does not reach, or the view has come to rest. */
  private paste(g: CanvasRenderingContext2D, view: View, built: Built): void {
    const picture = (this.picture ??= document.createElement("canvas"));
    const ratio = window.devicePixelRatio || 1;
    const half = Math.ceil((Math.hypot(view.width, view.height) / 2) * (1 + REACH / 2));
    const held = this.painted;
    const still = performance.now() - this.moved >= SETTLE_MS;
    const same = held && held.view.scale === view.scale && held.view.x === view.x && held.view.y === view.y && held.view.sin === view.sin;
    const apart = held ? view.scale / held.view.scale : 1;
    const reach = held ? half / held.view.scale : 0;
    const need = Math.hypot(view.width, view.height) / 2 / view.scale;
    const covers = held && Math.hypot(view.x - held.view.x, view.y - held.view.y) + need <= reach && apart < ZOOM_APART && apart > 1 / ZOOM_APART;
    if (!held || held.built !== built || !covers || (still && !same)) {
      picture.width = picture.height = 2 * half * ratio;
      const p = picture.getContext("2d")!;
      p.setTransform(ratio, 0, 0, ratio, 0, 0);
      const wide = { ...view, width: 2 * half, height: 2 * half };
      this.paint(p, wide, built);
      this.painted = { built, view };
    }
    const { view: from } = this.painted!;
    const k = view.scale / from.scale;
    const [cos, sin] = [view.cos * from.cos + view.sin * from.sin, view.sin * from.cos - view.cos * from.sin];
    g.save();
    g.transform(k * cos, -k * sin, k * sin, k * cos, screenX(view, from.x, from.y), screenY(view, from.x, from.y));
    g.drawImage(picture, -half, -half, 2 * half, 2 * half);
    g.restore();
  }

  private outline(g: CanvasRenderingContext2D, view: View, id: string): void {
    const l = this.find(id);
    if (!l || id === this.hidden) return;
    const palette = (this.colours ??= colours());
    this.path(g, view, l);
    g.setLineDash([]);
    g.globalAlpha = 0.35;
    g.strokeStyle = palette[l.volume.kind];
    g.lineWidth = 7;
    g.stroke();
    g.globalAlpha = 1;
    g.lineWidth = 2;
    g.stroke();
  }

  private names(g: CanvasRenderingContext2D, view: View, built: Built): void {
    const palette = (this.colours ??= colours());
    this.labels = [];
    g.font = `10.5px ${FONT}`;
    g.textAlign = "center";
    g.setLineDash([]);
    g.lineWidth = 3;
    g.strokeStyle = "#04070bd0";
    const first = [this.chosen, this.hovered].map((id) => (id ? this.find(id) : undefined)).filter((l): l is Laid => l !== undefined);
    for (const l of [...first, ...built.named]) {
      if (this.labels.length >= LABELS_MAX) break;
      const [x, y] = [screenX(view, l.x, l.y), screenY(view, l.x, l.y)];
      if (!(x > 20 && y > 14 && x < view.width - 20 && y < view.height - 14) || l.volume.id === this.hidden) continue;
      if (!first.includes(l) && !this.visible(l)) continue;
      const active = this.airspace.active[l.row] ?? false;
      const [top, below] = [words(l), `${heights(l.volume)}${active ? "" : ` · ${t("airspace.inactive")}`}`];
      const width = Math.max(top.length, below.length) * 5.9;
      if (this.labels.some((o) => Math.abs(o.x - x) < (o.width + width) / 2 + 4 && Math.abs(o.y - y) < 27)) continue;
      this.labels.push({ x, y, width, id: l.volume.id });
      g.fillStyle = palette[l.volume.kind];
      g.globalAlpha = active ? 1 : 0.8;
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

/** Where the middle of a view is, in degrees: for those who draw by keyboard. */
export const middleOf = (view: View): [number, number] => placeAt(view, view.width / 2, view.height / 2);
