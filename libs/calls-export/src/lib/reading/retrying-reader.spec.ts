import { Logger } from '@nestjs/common';
import type { CallsReader } from './calls-reader';
import { DatabaseTimeoutError } from './connections';
import { RetryingReader } from './retrying-reader';

const LOST = Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' });
const CALLS = { bytes: Buffer.from('1'), count: 1 };

/** Fails so many times, and then answers. */
function failing(times: number, error: Error = LOST) {
  const attempts: number[] = [];
  const answer = async <T>(value: T): Promise<T> => {
    attempts.push(performance.now());
    if (attempts.length <= times) throw error;
    return value;
  };
  const reader: CallsReader = {
    mayReadAhead: true,
    keyAfter: () => answer(['5']),
    read: () => answer(CALLS),
  };
  return { reader, attempts };
}

/** The time, which passes only in `sleep`. */
const mockClock = { now: 0, onSleep: () => {} };

jest.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number, _: undefined, { signal }: { signal: AbortSignal }) => {
    mockClock.onSleep();
    signal.throwIfAborted();
    mockClock.now += ms;
  },
}));

describe('RetryingReader', () => {
  let warnings: string[];

  beforeEach(() => {
    mockClock.onSleep = () => {};
    jest.spyOn(performance, 'now').mockImplementation(() => mockClock.now);
    // The longest delay of each step.
    jest.spyOn(Math, 'random').mockReturnValue(1);
    warnings = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => warnings.push(line));
  });
  afterEach(() => jest.restoreAllMocks());

  const retrying = (reader: CallsReader, seconds = 20, signal = new AbortController().signal) =>
    new RetryingReader(reader, seconds, signal);

  it('tries a page and a key again, and says so once', async () => {
    const page = failing(3);
    expect(await retrying(page.reader).read({})).toBe(CALLS);
    expect(page.attempts).toHaveLength(4);
    expect(warnings).toEqual(['A page is read again after: Connection terminated unexpectedly']);

    const key = failing(1);
    expect(await retrying(key.reader).keyAfter(undefined, 5)).toEqual(['5']);
    expect(key.attempts).toHaveLength(2);
  });

  it('says so once for all exports, until one of them has read a page', async () => {
    const failAndGiveUp = async () => {
      await expect(retrying(failing(Infinity).reader, 1).read({})).rejects.toBe(LOST);
    };
    await retrying(failing(0).reader).read({});
    await failAndGiveUp();
    await failAndGiveUp();
    expect(warnings).toHaveLength(1);
    await retrying(failing(1).reader).read({});
    expect(warnings).toHaveLength(1);
    await failAndGiveUp();
    expect(warnings).toHaveLength(2);
    mockClock.now += 61_000;
    await failAndGiveUp();
    expect(warnings).toHaveLength(3);
  });

  it('waits longer from time to time, up to two seconds', async () => {
    const { reader, attempts } = failing(8);
    await retrying(reader).read({});
    const delays = attempts.slice(1).map((time, index) => time - (attempts[index] as number));
    expect(delays).toEqual([100, 200, 400, 800, 1600, 2000, 2000, 2000]);
  });

  it('waits for half as long at least', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    const { reader, attempts } = failing(2);
    await retrying(reader).read({});
    const [first, second, third] = attempts as [number, number, number];
    expect([second - first, third - second]).toEqual([50, 100]);
  });

  it('gives up after its time, with the last failure', async () => {
    const { reader, attempts } = failing(Infinity);
    await expect(retrying(reader, 5).read({})).rejects.toBe(LOST);
    const took = (attempts.at(-1) as number) - (attempts[0] as number);
    expect(took).toBeGreaterThan(5_000);
    expect(took).toBeLessThan(7_100);
  });

  it('does not try a statement a fourth time that has run out of its time', async () => {
    const error = Object.assign(new Error('canceling statement due to statement timeout'), {
      code: '57014',
    });
    const { reader, attempts } = failing(Infinity, error);
    await expect(retrying(reader).read({})).rejects.toBe(error);
    expect(attempts).toHaveLength(3);
    expect(await retrying(failing(2, error).reader).read({})).toBe(CALLS);
  });

  it('tries a page for all of its time while connections turn out to be dead', async () => {
    const { reader, attempts } = failing(9, new DatabaseTimeoutError(1));
    expect(await retrying(reader).read({})).toBe(CALLS);
    expect(attempts).toHaveLength(10);
  });

  it('begins its time anew with each page', async () => {
    const { reader, attempts } = failing(Infinity);
    const patient = retrying(reader, 1);
    for (let page = 0; page < 3; page++) {
      const before = attempts.length;
      // The first attempts of each page fail.
      const answer = jest.spyOn(reader, 'read').mockImplementation(async () => {
        attempts.push(mockClock.now);
        if (attempts.length - before <= 3) throw LOST;
        return CALLS;
      });
      expect(await patient.read({})).toBe(CALLS);
      answer.mockRestore();
    }
    expect(attempts).toHaveLength(12);
    expect(warnings).toHaveLength(3);
  });

  it('has one time for all statements of a page', async () => {
    const key = failing(4);
    const patient = retrying(key.reader, 1);
    // Its failures take more than half of the time, and those of the page get the rest.
    expect(await patient.keyAfter(undefined, 5)).toEqual(['5']);
    const since = mockClock.now;
    jest.spyOn(key.reader, 'read').mockRejectedValue(LOST);
    await expect(patient.read({})).rejects.toBe(LOST);
    expect(mockClock.now - since).toBeLessThan(1_000);
    expect(warnings).toHaveLength(1);
  });

  it('does not try again what would fail again', async () => {
    const error = new Error('relation "calls" does not exist');
    const { reader, attempts } = failing(Infinity, error);
    await expect(retrying(reader).read({})).rejects.toBe(error);
    expect(attempts).toHaveLength(1);
  });

  it('stops waiting at the signal', async () => {
    const { reader, attempts } = failing(Infinity);
    const stop = new AbortController();
    mockClock.onSleep = () => stop.abort();
    await expect(retrying(reader, 20, stop.signal).read({})).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(attempts).toHaveLength(1);
  });
});
