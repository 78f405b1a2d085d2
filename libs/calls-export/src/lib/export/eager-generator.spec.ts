import { setImmediate as turn } from 'node:timers/promises';
import { ignoreUntilAwaited, EagerGenerator } from './eager-generator';

describe('EagerGenerator', () => {
  it('starts at once, but produces only its first value', async () => {
    const produced: number[] = [];
    async function* source() {
      for (let count = 1; count <= 3; count++) {
        produced.push(count);
        yield count;
      }
    }
    const eager = new EagerGenerator(source());
    await turn();
    expect(produced).toEqual([1]);
    const values: number[] = [];
    for await (const count of eager) values.push(count);
    expect(values).toEqual([1, 2, 3]);
    expect(await eager.next()).toEqual({ done: true, value: undefined });
  });

  it('throws an error only when the value is requested', async () => {
    // eslint-disable-next-line require-yield
    async function* source(): AsyncGenerator<number, void> {
      throw new Error('connection lost');
    }
    const eager = new EagerGenerator(source());
    // An unhandled rejection would fail the test here.
    await turn();
    await expect(eager.next()).rejects.toThrow('connection lost');
    expect(await eager.next()).toEqual({ done: true, value: undefined });
  });

  it('waits on return until the generator has stopped', async () => {
    let respond = (_: number) => {};
    const responded = new Promise<number>((resolve) => (respond = resolve));
    let isClosed = false;
    async function* source() {
      try {
        yield await responded;
      } finally {
        isClosed = true;
      }
    }
    const eager = new EagerGenerator(source());
    const closing = eager.return();
    await turn();
    expect(isClosed).toBe(false);
    respond(1);
    expect(await closing).toEqual({ done: true, value: undefined });
    expect(isClosed).toBe(true);
  });
});

describe('ignoreUntilAwaited', () => {
  it('keeps a rejection from being unhandled, and still throws it when awaited', async () => {
    const unhandled = jest.fn();
    process.once('unhandledRejection', unhandled);
    const failing = Promise.reject(new Error('connection lost'));
    ignoreUntilAwaited(failing);
    await turn();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    await expect(failing).rejects.toThrow('connection lost');
  });
});
