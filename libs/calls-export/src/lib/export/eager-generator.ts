/**
 * Wraps a generator and starts producing its first value immediately. An error is thrown by the `next`
 * call that would have returned the value. `return` waits until the generator has stopped.
 */
export class EagerGenerator<T> implements AsyncIterableIterator<T, void> {
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

/** Keeps a rejection from counting as unhandled if the promise is awaited late or never. */
export function ignoreUntilAwaited(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
