import { MemoryStorage } from './memory-storage';

const LIMIT = 3;
const MINUTE_MS = 60_000;

describe('MemoryStorage', () => {
  let storage: MemoryStorage;
  beforeEach(() => {
    jest.useFakeTimers();
    storage = new MemoryStorage();
  });
  afterEach(() => {
    storage.onApplicationShutdown();
    jest.useRealTimers();
  });

  const request = () => storage.increment('key', MINUTE_MS, LIMIT, MINUTE_MS, 'default');

  it.each([0, 1_000, 59_999, 60_000, 61_000])(
    'allows all requests again after timeToExpire, if the last one came %d ms after the first',
    async (milliseconds) => {
      await request();
      jest.advanceTimersByTime(milliseconds);
      for (let sent = 2; sent < LIMIT; sent++) await request();
      const { timeToExpire } = await request();
      jest.advanceTimersByTime(timeToExpire * 1000);
      for (let sent = 1; sent <= LIMIT; sent++) {
        expect(await request()).toMatchObject({ totalHits: sent, isBlocked: false });
      }
      expect(await request()).toMatchObject({ isBlocked: true, timeToBlockExpire: 60 });
    },
  );
});
