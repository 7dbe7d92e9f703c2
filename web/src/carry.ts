// What was drawn for one view laid where it belongs in another: while the map moves on a machine that draws slowly, pictures are carried
// along by the compositor until they are drawn anew.

import { planeX, planeY, screenX, screenY, type View } from "./plane";

/** What the canvases of one kind were last drawn for. */
export class Carried {
  private drawn: View | undefined;
  private laid = "";

  constructor(private readonly elements: readonly HTMLElement[]) {}

  /** They were just drawn for this view. */
  mark(view: View): void {
    this.drawn = view;
    this.lay("");
  }

  /** Lay them where they belong in this view. */
  carry(view: View): void {
    if (this.drawn && this.fits(view)) this.lay(transformOf(this.drawn, view));
  }

  /** Whether what was drawn is of this plane and size; otherwise it cannot be carried. */
  fits(view: View): boolean {
    const { drawn } = this;
    return drawn !== undefined && drawn.plane === view.plane && drawn.width === view.width && drawn.height === view.height;
  }

  private lay(transform: string): void {
    if (transform === this.laid) return;
    this.laid = transform;
    for (const { style } of this.elements) style.transform = transform;
  }
}

/** The CSS transform, about the upper left corner, that lays what is drawn for one view where it belongs in another. */
export function transformOf(from: View, to: View): string {
  const by = to.scale / from.scale;
  const cos = by * (to.cos * from.cos + to.sin * from.sin);
  const sin = by * (to.sin * from.cos - to.cos * from.sin);
  const [x, y] = [planeX(from, 0, 0), planeY(from, 0, 0)];
  const [right, down] = [screenX(to, x, y), screenY(to, x, y)];
  const still = Math.abs(cos - 1) < 1e-6 && Math.abs(sin) < 1e-6 && Math.abs(right) < 0.02 && Math.abs(down) < 0.02;
  return still ? "" : `matrix(${[cos, -sin, sin, cos, right, down].map((v) => v.toFixed(6)).join()})`;
}

const SHARE = 0.3;
const SLOWEST_MS = 400;
/** What takes longer than two frames of a screen would make the map stutter; drawn one thing a frame, each takes half as long. */
const SLOW_MS = 34;
const GAP_MIN_MS = 120;
const GAP_MAX_MS = 600;
/** The gap between drawings of one thing, as a share of how long one takes to come onto the screen: in it frames only carry. */
const REST = 3;
/** Two drawings that begin closer together are in one frame. */
const ONE_FRAME_MS = 8;

/** The frames in which a moving map is drawn: each where the machine draws fast; where it does not, fewer, and one thing in each. */
export class Pace {
  /** Milliseconds between drawings of one thing while the map moves; 0: every frame. */
  gap_ms = 0;
  private shows_ms = 16;
  private at = -Infinity;
  private shown = true;

  /** A frame begins: what was drawn in the one before has come onto the screen. */
  begin(now: number): void {
    if (this.shown) return;
    this.shown = true;
    this.shows_ms += SHARE * (Math.min(now - this.at, SLOWEST_MS) - this.shows_ms);
    this.gap_ms = this.shows_ms > (this.gap_ms > 0 ? SLOW_MS / 2 : SLOW_MS) ? Math.min(GAP_MAX_MS, Math.max(GAP_MIN_MS, REST * this.shows_ms)) : 0;
  }

  /** Whether what was drawn last at that time is to be drawn in this frame. */
  due(now: number, last: number): boolean {
    return this.gap_ms === 0 || (now - last >= this.gap_ms && now - this.at > ONE_FRAME_MS);
  }

  /** Something was drawn. */
  drew(now: number): void {
    this.at = now;
    this.shown = false;
  }
}
