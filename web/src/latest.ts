// One request at a time, and only the newest of those that wait.

export class Latest<T> {
  private waiting: T | undefined;
  private busy = false;

  constructor(private readonly work: (job: T) => Promise<void>) {}

  /** Do a job as soon as the one before it is done, unless a newer one comes. */
  ask(job: T): void {
    this.waiting = job;
    if (!this.busy) void this.run();
  }

  /** Forget what waits. */
  drop(): void {
    this.waiting = undefined;
  }

  private async run(): Promise<void> {
    this.busy = true;
    while (this.waiting !== undefined) {
      const job = this.waiting;
      this.waiting = undefined;
      try {
        await this.work(job);
      } catch {
        // the server does not answer: the banner says so
      }
    }
    this.busy = false;
  }
}
