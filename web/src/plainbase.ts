// A base that draws land and borders on a plain canvas, in any plane: the true-range view, and every view where there is no WebGL.

import { Listeners, marginOf, type Base, type BaseEvents, type Detail, type Home } from "./base";
import { sized } from "./canvas";
import { t } from "./i18n";
import { Chart } from "./map/chart";
import { Gestures } from "./map/gestures";
import { INK } from "./map/ink";
import { shapes } from "./map/land";
import { Relief } from "./map/relief";
import { planeX, planeY, type Plane, type View } from "./plane";

export const ZOOM_MIN = 1.5;
export const ZOOM_MAX = 15;
const RAD = Math.PI / 180;
const REST_MS = 140;

export class PlainBase implements Base {
  readonly canvas = document.createElement("canvas");
  private readonly listeners = new Listeners();
  private readonly gestures: Gestures;
  private readonly relief = new Relief(() => this.stale());
  private readonly shown: Record<Detail, boolean> = { water: true, terrain: false };
  private readonly watch: ResizeObserver;
  private chart: Chart | undefined;
  private x = 0.5;
  private y = 0.5;
  private zoom = 4;
  private bearing = 0;
  private country = "";
  private drawing = 0;
  private moving = 0;
  private resting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly container: HTMLElement,
    private plane: Plane,
    at: Home,
  ) {
    const { canvas } = this;
    canvas.className = "plain";
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "region");
    canvas.setAttribute("aria-label", t("map.label"));
    container.append(canvas);
    this.set(at);
    this.gestures = new Gestures(canvas, this, this.listeners);
    this.watch = new ResizeObserver(() => this.moved());
    this.watch.observe(container);
    shapes().then(
      (all) => {
        this.chart = new Chart(all);
        this.stale();
        this.listeners.tell("rest");
      },
      () => this.listeners.tell("failed"),
    );
  }

  on<E extends keyof BaseEvents>(event: E, listener: BaseEvents[E]): void {
    this.listeners.add(event, listener);
  }

  /** Draw in another plane from now on, at the same place. */
  lay(plane: Plane, at: Home): void {
    this.stop();
    this.plane = plane;
    this.set(at);
    this.moved();
  }

  view(): View {
    const { clientWidth, clientHeight } = this.container;
    const [cos, sin] = [Math.cos(this.bearing * RAD), Math.sin(this.bearing * RAD)];
    return { plane: this.plane, x: this.x, y: this.y, scale: 512 * 2 ** this.zoom, width: clientWidth, height: clientHeight, cos, sin };
  }

  home(): Home {
    const { plane, x, y, zoom, bearing } = this;
    return { lat: plane.lat(x, y), lon: plane.lon(x, y), zoom, bearing };
  }

  go(to: Partial<Home>, duration_ms = 300): void {
    this.stop();
    const at = this.home();
    const [lat, lon] = [to.lat ?? at.lat, to.lon ?? at.lon];
    const moves = to.lat !== undefined || to.lon !== undefined;
    const end = { x: moves ? this.plane.x(lat, lon) : this.x, y: moves ? this.plane.y(lat, lon) : this.y, zoom: to.zoom ?? at.zoom, bearing: to.bearing ?? this.bearing };
    const from = { x: this.x, y: this.y, zoom: this.zoom, bearing: this.bearing };
    const turn = ((((end.bearing - from.bearing) % 360) + 540) % 360) - 180; // the shorter way
    const step = (share: number): void => {
      const s = share * (2 - share);
      this.place(from.x + s * (end.x - from.x), from.y + s * (end.y - from.y), from.zoom + s * (end.zoom - from.zoom), from.bearing + s * turn);
    };
    if (duration_ms <= 0 || this.view().width < 2) return step(1);
    const begun = performance.now();
    const run = (): void => {
      const share = Math.min(1, (performance.now() - begun) / duration_ms);
      this.moving = share < 1 ? requestAnimationFrame(run) : 0;
      step(share);
    };
    run();
  }

  fit(west: number, south: number, east: number, north: number): void {
    const { plane } = this;
    const corners = [west, east, 0.5 * (west + east)].flatMap((lon) => [south, north].map((lat) => [plane.x(lat, lon), plane.y(lat, lon)] as const));
    const [xs, ys] = [corners.map((c) => c[0]), corners.map((c) => c[1])];
    const [wide, tall] = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
    const { width, height } = this.view();
    const { top, right, bottom, left } = marginOf(width, height);
    const room = Math.min((width - left - right) / Math.max(wide, 1e-9), (height - top - bottom) / Math.max(tall, 1e-9));
    const zoom = Math.min(10, Math.log2(Math.max(room, 1e-9) / 512));
    const scale = 512 * 2 ** zoom;
    this.stop();
    // the middle of the room between the margins, which is not that of the view
    this.place(0.5 * (Math.max(...xs) + Math.min(...xs) + (right - left) / scale), 0.5 * (Math.max(...ys) + Math.min(...ys) + (bottom - top) / scale), zoom, 0);
  }

  setHome(code: string): void {
    this.country = code;
    this.stale();
  }

  show(detail: Detail, on: boolean): void {
    this.shown[detail] = on;
    this.stale();
  }

  pans(on: boolean): void {
    this.gestures.pans = on;
  }

  stop(): void {
    cancelAnimationFrame(this.moving);
    this.moving = 0;
  }

  pointing(on: boolean): void {
    this.container.classList.toggle("pointing", on);
  }

  /** Draw in the colours that hold now. */
  setTheme(): void {
    this.stale();
  }

  remove(): void {
    this.stop();
    this.watch.disconnect();
    this.canvas.remove();
  }

  /** Hold a point of the screen where it is, and zoom by a factor of two to the power of `by`, and turn. */
  about(sx: number, sy: number, by: number, turn_deg = 0): void {
    const before = this.view();
    const [px, py] = [planeX(before, sx, sy), planeY(before, sx, sy)];
    this.zoom = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, this.zoom + by));
    this.bearing += turn_deg;
    const now = this.view();
    this.place(this.x + px - planeX(now, sx, sy), this.y + py - planeY(now, sx, sy), this.zoom, this.bearing);
  }

  /** Move what is shown by pixels of the screen. */
  drag(dx: number, dy: number): void {
    const { cos, sin, scale } = this.view();
    this.place(this.x - (dx * cos - dy * sin) / scale, this.y - (dx * sin + dy * cos) / scale, this.zoom, this.bearing);
  }

  private set(at: Home): void {
    this.x = this.plane.x(at.lat, at.lon);
    this.y = this.plane.y(at.lat, at.lon);
    this.zoom = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, at.zoom));
    this.bearing = at.bearing ?? 0;
  }

  private place(x: number, y: number, zoom: number, bearing: number): void {
    this.x = Math.min(1, Math.max(0, x));
    this.y = Math.min(1, Math.max(0, y));
    this.zoom = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, zoom));
    this.bearing = ((((bearing + 180) % 360) + 360) % 360) - 180;
    this.moved();
  }

  private moved(): void {
    this.stale();
    this.listeners.tell("move");
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.listeners.tell("rest"), REST_MS);
  }

  private stale(): void {
    this.drawing ||= requestAnimationFrame(() => {
      this.drawing = 0;
      this.draw();
    });
  }

  private draw(): void {
    const view = this.view();
    if (view.width < 2 || this.canvas.hidden) return;
    const g = sized(this.canvas, view.width, view.height);
    g.fillStyle = INK.sea;
    g.fillRect(0, 0, view.width, view.height);
    this.chart?.draw(g, view, this.country, this.shown.water);
    if (this.shown.terrain) this.relief.draw(g, view);
  }
}
