/**
 * A generator that has begun before anyone takes from it: its first value is being made. A failure is thrown when it is
 * taken. `return` waits until nothing of it is under way.
 */
export class Started<T> implements AsyncIterableIterator<T, void> {
  private first: Promise<IteratorResult<T, void>> | undefined;

  constructor(private readonly source: AsyncGenerator<T, void>) {
    this.first = source.next();
    ignoreUntilAwaited(this.first);
  }

  next(): Promise<IteratorResult<T, void>> {
    const { first = this.source.next() } = this;
    this.first = undefined;
    return first;
  }

  return(): Promise<IteratorResult<T, void>> {
    return this.source.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** A failure is thrown where the promise is awaited; if that comes late or never, it must not count as unhandled. */
export function ignoreUntilAwaited(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
