/** Limits how many tasks run at once. The others wait in line: first come, first served. */
export class Semaphore {
  private running = 0;
  private readonly waiting = new Set<() => void>();

  /** @param limit how many tasks may run at once. */
  constructor(private readonly limit: number) {}

  /** Whether a task could start now. */
  get isFree(): boolean {
    return this.running < this.limit;
  }

  /**
   * Waits until the task may start, without a time limit.
   *
   * @throws the signal's reason if it is aborted first.
   */
  async acquire(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.isFree) {
      this.running++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.waiting.delete(begin);
        reject(signal?.reason as Error);
      };
      const begin = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      this.waiting.add(begin);
      signal?.addEventListener('abort', leave);
    });
  }

  /** Ends a task, and starts the next one in line. */
  release(): void {
    const [next] = this.waiting;
    if (!next) {
      this.running--;
      return;
    }
    this.waiting.delete(next);
    next();
  }
}
