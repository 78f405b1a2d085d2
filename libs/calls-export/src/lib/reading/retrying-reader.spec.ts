import { Logger } from '@nestjs/common';
import type { PageReader } from './page-reader';
import { DatabaseTimeoutError } from './connections';
import { RetryingReader } from './retrying-reader';

const LOST = Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' });
const CALLS = { bytes: Buffer.from('1'), count: 1 };

/** A reader that fails this many times, and then succeeds. */
function failing(times: number, error: Error = LOST) {
  const attempts: number[] = [];
  const answer = async <T>(value: T): Promise<T> => {
    attempts.push(performance.now());
    if (attempts.length <= times) throw error;
    return value;
  };
  const reader: PageReader = {
    mayReadAhead: true,
    keyAfter: () => answer(['5']),
    read: () => answer(CALLS),
  };
  return { reader, attempts };
}

/** A clock that advances only in `sleep`. If `isReal`, `sleep` really waits. */
const mockClock = { now: 0, isReal: false };

jest.mock('node:timers/promises', () => {
  const real: typeof import('node:timers/promises') = jest.requireActual('node:timers/promises');
  return {
    setTimeout: async (ms: number, value: undefined, options: { signal: AbortSignal }) => {
      if (mockClock.isReal) await real.setTimeout(1000 * ms, value, options);
      mockClock.now += ms;
    },
  };
});

describe('RetryingReader', () => {
  let warnings: string[];

  beforeEach(() => {
    mockClock.isReal = false;
    jest.spyOn(performance, 'now').mockImplementation(() => mockClock.now);
    // The longest delay of each step.
    jest.spyOn(Math, 'random').mockReturnValue(1);
    warnings = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => warnings.push(line));
  });
  afterEach(() => jest.restoreAllMocks());

  const retrying = (reader: PageReader, seconds = 20, signal = new AbortController().signal) =>
    new RetryingReader(reader, seconds, signal);

  it('retries pages and keys, and logs one warning', async () => {
    const page = failing(3);
    expect(await retrying(page.reader).read({})).toBe(CALLS);
    expect(page.attempts).toHaveLength(4);
    expect(warnings).toEqual(['Retrying a page after: Connection terminated unexpectedly']);

    const key = failing(1);
    expect(await retrying(key.reader).keyAfter(undefined, 5)).toEqual(['5']);
    expect(key.attempts).toHaveLength(2);
  });

  it('logs one warning for all exports until one of them reads a page', async () => {
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
    // Failures are one incident as long as no minute passes without one.
    for (let time = 0; time < 3; time++) {
      mockClock.now += 58_000;
      await failAndGiveUp();
    }
    expect(warnings).toHaveLength(2);
    mockClock.now += 61_000;
    await failAndGiveUp();
    expect(warnings).toHaveLength(3);
  });

  it('doubles the delay up to two seconds', async () => {
    const { reader, attempts } = failing(8);
    await retrying(reader).read({});
    const delays = attempts.slice(1).map((time, index) => time - (attempts[index] as number));
    expect(delays).toEqual([100, 200, 400, 800, 1600, 2000, 2000, 2000]);
  });

  it('waits at least half of the delay', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    const { reader, attempts } = failing(2);
    await retrying(reader).read({});
    const [first, second, third] = attempts as [number, number, number];
    expect([second - first, third - second]).toEqual([50, 100]);
  });

  it('gives up after its time limit with the last error', async () => {
    const { reader, attempts } = failing(Infinity);
    const began = mockClock.now;
    await expect(retrying(reader, 5).read({})).rejects.toBe(LOST);
    // The last attempt is the first one that fails after the time limit.
    const times = attempts.map((time) => time - began);
    expect(times).toEqual([0, 100, 300, 700, 1500, 3100, 5100]);
  });

  it('retries up to the time limit, inclusive', async () => {
    const { reader, attempts } = failing(Infinity);
    await expect(retrying(reader, 0.3).read({})).rejects.toBe(LOST);
    expect(attempts).toHaveLength(4);
    const short = failing(Infinity);
    await expect(retrying(short.reader, 0.299).read({})).rejects.toBe(LOST);
    expect(short.attempts).toHaveLength(3);
  });

  it('gives up after three statement timeouts', async () => {
    const error = Object.assign(new Error('canceling statement due to statement timeout'), {
      code: '57014',
    });
    const { reader, attempts } = failing(Infinity, error);
    await expect(retrying(reader).read({})).rejects.toBe(error);
    expect(attempts).toHaveLength(3);
    expect(await retrying(failing(2, error).reader).read({})).toBe(CALLS);
  });

  it('retries connection timeouts up to the time limit', async () => {
    const { reader, attempts } = failing(9, new DatabaseTimeoutError(1));
    expect(await retrying(reader).read({})).toBe(CALLS);
    expect(attempts).toHaveLength(10);
  });

  it('starts a new time limit for each page', async () => {
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

  it('has one time limit for all statements of a page', async () => {
    const key = failing(4);
    const patient = retrying(key.reader, 1);
    // The failures of the key use up more than half of the time limit. The page gets the rest.
    expect(await patient.keyAfter(undefined, 5)).toEqual(['5']);
    const since = mockClock.now;
    jest.spyOn(key.reader, 'read').mockRejectedValue(LOST);
    await expect(patient.read({})).rejects.toBe(LOST);
    expect(mockClock.now - since).toBeLessThan(1_000);
    expect(warnings).toHaveLength(1);
  });

  it('does not retry errors that are not transient', async () => {
    const error = new Error('relation "calls" does not exist');
    const { reader, attempts } = failing(Infinity, error);
    await expect(retrying(reader).read({})).rejects.toBe(error);
    expect(attempts).toHaveLength(1);
  });

  it('stops waiting at once if the signal is aborted', async () => {
    mockClock.isReal = true;
    const { reader, attempts } = failing(Infinity);
    const stop = new AbortController();
    setImmediate(() => stop.abort());
    await expect(retrying(reader, 20, stop.signal).read({})).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(attempts).toHaveLength(1);
  });

  it('does not retry if the signal is aborted before the page fails', async () => {
    const stop = new AbortController();
    const { reader, attempts } = failing(Infinity);
    jest.spyOn(reader, 'read').mockImplementation(async () => {
      attempts.push(mockClock.now);
      stop.abort();
      throw LOST;
    });
    await expect(retrying(reader, 20, stop.signal).read({})).rejects.toBe(LOST);
    expect(attempts).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it('passes its arguments on', async () => {
    const asked: unknown[] = [];
    const reader: PageReader = {
      mayReadAhead: true,
      keyAfter: async (...all) => void asked.push(all),
      read: async (range) => (asked.push(range), CALLS),
    };
    expect(await retrying(reader).keyAfter(['1'], 5, ['9'])).toBeUndefined();
    await retrying(reader).read({ after: ['1'], to: ['6'] });
    expect(asked).toEqual([[['1'], 5, ['9']], { after: ['1'], to: ['6'] }]);
  });

  it.each([true, false])('reads ahead if its reader may (%s)', (mayReadAhead) => {
    expect(retrying({ ...failing(0).reader, mayReadAhead }).mayReadAhead).toBe(mayReadAhead);
  });
});
