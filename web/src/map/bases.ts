// The base that the scene holds: one of those there are, and those who listen to it need not know which.

import { Listeners, type Base, type BaseEvents, type Detail, type Home } from "../base";
import type { Pace } from "../carry";
import { BaseMap } from "../map";
import type { Palette } from "../palettes";
import { PlainBase } from "../plainbase";
import { MERCATOR, type Plane, type View } from "../plane";
import { RangePlane } from "../rangeplane";

const EVENTS: (keyof BaseEvents)[] = ["move", "rest", "click", "hover", "leave", "grab", "failed"];

export class Bases implements Base {
  /** MapLibre's; undefined where there is no WebGL. */
  readonly gl: BaseMap | undefined;
  private plain: PlainBase | undefined;
  private now: Base;
  private readonly listeners = new Listeners();
  private readonly details = new Map<Detail, boolean>();
  private country = "";
  private panning = true;

  constructor(
    private readonly container: HTMLElement,
    at: Home,
    webgl: boolean,
    pace: Pace,
  ) {
    this.gl = webgl ? this.pass(new BaseMap(container, at, pace)) : undefined;
    this.now = this.gl ?? this.plainIn(MERCATOR, at);
  }

  /** The plane that is shown. */
  get plane(): Plane {
    return this.now.view().plane;
  }

  /** Show the same place in another plane: Mercator, or the true ranges from a place. */
  lay(plane: Plane): void {
    const at = this.now.home();
    this.now.stop();
    if (plane === MERCATOR && this.gl) {
      this.now = this.gl;
      this.gl.go(at, 0);
    } else this.now = this.plainIn(plane, at);
    this.container.classList.toggle("ranges", plane instanceof RangePlane);
    if (this.plain) this.plain.canvas.hidden = this.now !== this.plain;
    this.gl?.hide(this.now !== this.gl);
    this.now.pans(this.panning);
    this.listeners.tell("move");
    this.listeners.tell("rest");
  }

  private plainIn(plane: Plane, at: Home): PlainBase {
    if (!this.plain) {
      this.plain = this.pass(new PlainBase(this.container, plane, at));
      this.plain.setHome(this.country);
      for (const [detail, on] of this.details) this.plain.show(detail, on);
    } else {
      this.plain.canvas.hidden = false;
      this.plain.lay(plane, at);
    }
    return this.plain;
  }

  /** What a base tells while it is the one that is shown, everybody hears. */
  private pass<B extends Base>(base: B): B {
    for (const event of EVENTS) base.on(event, ((...said: Parameters<BaseEvents[typeof event]>) => base === this.now && this.listeners.tell(event, ...said)) as never);
    return base;
  }

  view(): View {
    return this.now.view();
  }

  home(): Home {
    return this.now.home();
  }

  go(to: Partial<Home>, duration_ms?: number): void {
    this.now.go(to, duration_ms);
  }

  fit(west: number, south: number, east: number, north: number): void {
    this.now.fit(west, south, east, north);
  }

  setHome(code: string): void {
    this.country = code;
    this.gl?.setHome(code);
    this.plain?.setHome(code);
  }

  show(detail: Detail, on: boolean): void {
    this.details.set(detail, on);
    this.gl?.show(detail, on);
    this.plain?.show(detail, on);
  }

  on<E extends keyof BaseEvents>(event: E, listener: BaseEvents[E]): void {
    this.listeners.add(event, listener);
  }

  pans(on: boolean): void {
    this.panning = on;
    this.now.pans(on);
  }

  stop(): void {
    this.now.stop();
  }

  pointing(on: boolean): void {
    this.now.pointing(on);
  }

  setTheme(palette: Palette): void {
    this.gl?.setTheme(palette);
    this.plain?.setTheme();
  }

  remove(): void {
    this.gl?.remove();
    this.plain?.remove();
  }
}
