import { getEventListeners } from 'node:events';
import { Semaphore } from './semaphore';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Asks for a turn, and logs its name when it has one. */
function ask(
  semaphore: Semaphore,
  log: string[],
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  return semaphore.acquire(signal).then(
    () => void log.push(name),
    (reason: unknown) => void log.push(`${name}: ${String(reason)}`),
  );
}

describe('Semaphore', () => {
  it('lets as many work at once as it is told', async () => {
    const semaphore = new Semaphore(2);
    expect(semaphore.isFree).toBe(true);
    await semaphore.acquire();
    expect(semaphore.isFree).toBe(true);
    await semaphore.acquire();
    expect(semaphore.isFree).toBe(false);
    semaphore.release();
    expect(semaphore.isFree).toBe(true);
    semaphore.release();
    await semaphore.acquire();
    expect(semaphore.isFree).toBe(true);
    await semaphore.acquire();
    expect(semaphore.isFree).toBe(false);
  });

  it('gives a turn to who has waited longest, and to nobody else', async () => {
    const [semaphore, log] = [new Semaphore(1), [] as string[]];
    for (const name of ['a', 'b', 'c']) void ask(semaphore, log, name);
    await turn();
    expect(log).toEqual(['a']);
    semaphore.release();
    await turn();
    expect(log).toEqual(['a', 'b']);
    expect(semaphore.isFree).toBe(false);
    semaphore.release();
    await turn();
    expect(log).toEqual(['a', 'b', 'c']);
    semaphore.release();
    expect(semaphore.isFree).toBe(true);
  });

  it('refuses who comes with a signal that is aborted, and takes no turn for that', async () => {
    const semaphore = new Semaphore(1);
    const reason = new Error('the client has left');
    await expect(semaphore.acquire(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(semaphore.isFree).toBe(true);
  });

  it('lets go of who waits, at the signal, and gives the turn to the next one', async () => {
    const [semaphore, log] = [new Semaphore(1), [] as string[]];
    await semaphore.acquire();
    const stop = new AbortController();
    void ask(semaphore, log, 'a', stop.signal);
    void ask(semaphore, log, 'b', new AbortController().signal);
    stop.abort('the client has left');
    await turn();
    expect(log).toEqual(['a: the client has left']);
    semaphore.release();
    await turn();
    expect(log).toEqual(['a: the client has left', 'b']);
    semaphore.release();
    expect(semaphore.isFree).toBe(true);
  });

  it('leaves nothing at the signal of who has a turn', async () => {
    const semaphore = new Semaphore(1);
    const { signal } = new AbortController();
    await semaphore.acquire(signal);
    const second = semaphore.acquire(signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    semaphore.release();
    await second;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
