import { setImmediate as turn } from 'node:timers/promises';
import { ignoreUntilAwaited, EagerGenerator } from './eager-generator';

describe('EagerGenerator', () => {
  it('has begun before anyone takes from it, and goes no further than to its first value', async () => {
    const made: number[] = [];
    async function* source() {
      for (let count = 1; count <= 3; count++) {
        made.push(count);
        yield count;
      }
    }
    const eager = new EagerGenerator(source());
    await turn();
    expect(made).toEqual([1]);
    const taken: number[] = [];
    for await (const count of eager) taken.push(count);
    expect(taken).toEqual([1, 2, 3]);
    expect(await eager.next()).toEqual({ done: true, value: undefined });
  });

  it('keeps a failure until it is taken', async () => {
    // eslint-disable-next-line require-yield
    async function* source(): AsyncGenerator<number, void> {
      throw new Error('lost');
    }
    const eager = new EagerGenerator(source());
    // Were it unhandled, this would end the test.
    await turn();
    await expect(eager.next()).rejects.toThrow('lost');
    expect(await eager.next()).toEqual({ done: true, value: undefined });
  });

  it('waits, when it is left, until nothing of it is under way', async () => {
    let answer = (_: number) => {};
    const answered = new Promise<number>((resolve) => (answer = resolve));
    let isClosed = false;
    async function* source() {
      try {
        yield await answered;
      } finally {
        isClosed = true;
      }
    }
    const eager = new EagerGenerator(source());
    const leaving = eager.return();
    await turn();
    expect(isClosed).toBe(false);
    answer(1);
    expect(await leaving).toEqual({ done: true, value: undefined });
    expect(isClosed).toBe(true);
  });
});

describe('ignoreUntilAwaited', () => {
  it('keeps a failure for whoever awaits it later', async () => {
    const unhandled = jest.fn();
    process.once('unhandledRejection', unhandled);
    const failing = Promise.reject(new Error('lost'));
    ignoreUntilAwaited(failing);
    await turn();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    await expect(failing).rejects.toThrow('lost');
  });
});
