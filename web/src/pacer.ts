// Work that no frame must wait for, done a little each frame: lists and panels follow a new picture a moment after the map.

const BUDGET_MS = 0.7;
const LATEST_MS = 500;

export class Pacer {
  private readonly queue = new Map<() => void, number>();
  private asked = false;
  /** Whether the map has had work of its own in this frame: then the rest waits for the next. */
  busy: () => boolean = () => false;

  constructor(
    private readonly frame: (run: () => void) => void = (run) => requestAnimationFrame(run),
    private readonly hidden: () => boolean = () => document.hidden,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Do this soon, once however often it was asked for; at once where the page is not seen, since no frame would come. */
  later(work: () => void): void {
    if (this.hidden()) {
      work();
      return;
    }
    if (!this.queue.has(work)) this.queue.set(work, this.now());
    this.ask();
  }

  private ask(): void {
    if (this.asked) return;
    this.asked = true;
    this.frame(() => this.run());
  }

  private run(): void {
    this.asked = false;
    const begun = this.now();
    let first = true;
    for (const [work, since] of this.queue) {
      if (first ? this.busy() && begun - since < LATEST_MS : this.now() - begun >= BUDGET_MS) break;
      first = false;
      this.queue.delete(work);
      work();
    }
    if (this.queue.size) this.ask();
  }
}
