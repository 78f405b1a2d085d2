import { getEventListeners } from 'node:events';
import { Semaphore } from './semaphore';

const flush = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Acquires the semaphore, and logs the name once it has it. */
function acquire(
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
  it('admits as many tasks as its limit', async () => {
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

  it('admits the task that has waited longest', async () => {
    const [semaphore, log] = [new Semaphore(1), [] as string[]];
    for (const name of ['a', 'b', 'c']) void acquire(semaphore, log, name);
    await flush();
    expect(log).toEqual(['a']);
    semaphore.release();
    await flush();
    expect(log).toEqual(['a', 'b']);
    expect(semaphore.isFree).toBe(false);
    semaphore.release();
    await flush();
    expect(log).toEqual(['a', 'b', 'c']);
    semaphore.release();
    expect(semaphore.isFree).toBe(true);
  });

  it('rejects at once if the signal is already aborted', async () => {
    const semaphore = new Semaphore(1);
    const reason = new Error('the client has left');
    await expect(semaphore.acquire(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(semaphore.isFree).toBe(true);
  });

  it('drops a waiting task if its signal is aborted', async () => {
    const [semaphore, log] = [new Semaphore(1), [] as string[]];
    await semaphore.acquire();
    const stop = new AbortController();
    void acquire(semaphore, log, 'a', stop.signal);
    void acquire(semaphore, log, 'b', new AbortController().signal);
    stop.abort('the client has left');
    await flush();
    expect(log).toEqual(['a: the client has left']);
    semaphore.release();
    await flush();
    expect(log).toEqual(['a: the client has left', 'b']);
    semaphore.release();
    expect(semaphore.isFree).toBe(true);
  });

  it('removes its listeners from the signal', async () => {
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
