import { getEventListeners } from 'node:events';
import { advance, flush, gate, never, outcomeOf, pool } from '../../../test/fake-pool';
import { DatabaseTimeoutError } from './connections';

/** The options of each wait. Waits use the fake clock. */
const mockWaits: unknown[] = [];
jest.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, value: unknown, options: unknown) => {
    mockWaits.push(options);
    return new Promise((resolve) => setTimeout(resolve, ms, value));
  },
}));

beforeEach(() => {
  mockWaits.length = 0;
  jest.useFakeTimers();
});
afterEach(() => {
  // No timer may be left behind.
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

describe('A statement', () => {
  it('may run for the whole timeout', async () => {
    const { connections, log } = pool();
    const { opened, open } = gate();
    const outcome = outcomeOf(connections.use(() => opened.then(() => 'done')));
    await advance(59_999);
    open();
    await flush();
    expect(outcome).toEqual({ value: 'done' });
    expect(log).toEqual(['connect master of any', 'release']);
  });

  it('is canceled 100 ms after the timeout if it has not ended by then', async () => {
    const { connections, log, control } = pool();
    const { opened, open } = gate();
    control.cancel = async () => open();
    const outcome = outcomeOf(connections.use(() => opened));
    await advance(60_099);
    expect(log).toEqual(['connect master of any']);
    await advance(1);
    expect(log).toEqual(['connect master of any', 'cancel true', 'release']);
    expect(outcome.error).toBeInstanceOf(DatabaseTimeoutError);
    expect(outcome.error).toMatchObject({
      seconds: 60,
      message: 'The database did not respond within 60 seconds',
    });
    await advance(1_000);
    expect(log).toHaveLength(3);
  });

  it.each([
    ['goes on after the cancellation', async () => {}],
    ["can't be canceled", never],
  ])('has its connection closed after another second if it %s', async (_, cancel) => {
    const { connections, log, control } = pool();
    control.cancel = cancel;
    const outcome = outcomeOf(connections.use(never));
    await advance(61_099);
    expect(log).toEqual(['connect master of any', 'cancel true']);
    expect(outcome).toEqual({});
    await advance(1);
    expect(log).toEqual(['connect master of any', 'cancel true', 'abandon true', 'release']);
    expect(outcome.error).toBeInstanceOf(DatabaseTimeoutError);
    // The waits do not keep the process alive.
    expect(mockWaits).toEqual([{ ref: false }, { ref: false }]);
  });

  it('keeps its connection until the cancellation completes if the signal is aborted', async () => {
    const { connections, log, control } = pool();
    const [statement, canceling] = [gate(), gate()];
    control.cancel = () => canceling.opened;
    const stop = new AbortController();
    const outcome = outcomeOf(connections.until(stop.signal).use(() => statement.opened));
    await flush();
    const reason = new Error('the client has left');
    stop.abort(reason);
    await advance(100);
    // The statement ends by itself, but the cancellation could still hit the next one.
    statement.open();
    await flush();
    expect(log).toEqual(['connect master of any', 'cancel true']);
    expect(outcome).toEqual({});
    canceling.open();
    await flush();
    expect(outcome.error).toBe(reason);
    expect(log).toEqual(['connect master of any', 'cancel true', 'release']);
    await advance(1_000);
  });

  it('is not canceled if it ends within 100 ms of the abort', async () => {
    const { connections, log } = pool();
    const { opened, open } = gate();
    const stop = new AbortController();
    const outcome = outcomeOf(connections.until(stop.signal).use(() => opened));
    await flush();
    const reason = new Error('the client has left');
    stop.abort(reason);
    await advance(99);
    expect(log).toEqual(['connect master of any']);
    open();
    await flush();
    expect(outcome.error).toBe(reason);
    expect(log).toEqual(['connect master of any', 'release']);
    await advance(1);
    expect(log).toHaveLength(2);
  });

  it("rejects with the signal's reason if it fails within 100 ms of the abort", async () => {
    const { connections, log } = pool();
    const { opened, open } = gate();
    const stop = new AbortController();
    const work = () => opened.then(() => Promise.reject(new Error('syntax error')));
    const outcome = outcomeOf(connections.until(stop.signal).use(work));
    await flush();
    const reason = new Error('the client has left');
    stop.abort(reason);
    open();
    await flush();
    expect(outcome.error).toBe(reason);
    expect(log).toEqual(['connect master of any', 'release']);
    await advance(100);
  });

  it('removes its listener from the signal', async () => {
    const { connections } = pool();
    const { signal } = new AbortController();
    const waiting = gate();
    const work = connections.until(signal).use(() => waiting.opened);
    await flush();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    waiting.open();
    await work;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
