/** Lets so many work at once; the others wait, and come in the order in which they asked. */
export class Semaphore {
  private taken = 0;
  private readonly waiting = new Set<() => void>();

  /** @param most how many work at once. */
  constructor(private readonly most: number) {}

  /** Whether one could begin now. */
  get isFree(): boolean {
    return this.taken < this.most;
  }

  /**
   * Waits for a turn, for however long that takes.
   *
   * @throws the reason of the signal if that is aborted first.
   */
  async acquire(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.isFree) {
      this.taken++;
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

  /** Ends a turn: it is the next one's. */
  release(): void {
    const [next] = this.waiting;
    if (!next) {
      this.taken--;
      return;
    }
    this.waiting.delete(next);
    next();
  }
}
