import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith } from '@calls/testing';
import { FreezableRelay } from './freezable-relay';
import { RedisOrMemoryStorage } from '../src/rate-limits/redis-or-memory-storage';

const TIMEOUT_MS = 60_000;
/** So long a request waits for Redis. */
const WAIT_MS = 250;
const REQUESTS = 40;
/** Of all requests: half of what they take if each waits. */
const MOST_MS = (REQUESTS * WAIT_MS) / 2;

describe('RedisOrMemoryStorage', () => {
  let storage: RedisOrMemoryStorage;
  let key: string;
  beforeEach(() => (key = randomUUID()));
  afterEach(() => storage.onApplicationShutdown());

  /** Counts one request, and answers how many there were. */
  const hits = async (of = storage) =>
    (await of.increment(key, 60_000, 1e9, 60_000, 'default')).totalHits;

  /** Counts requests one after the other, and answers how many milliseconds they took. */
  async function time(requests: number): Promise<number> {
    const start = performance.now();
    for (let request = 0; request < requests; request++) await hits();
    return performance.now() - start;
  }

  it('does not wait for a server that accepts connections and never answers', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket.resume()));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    storage = new RedisOrMemoryStorage(
      `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    while (sockets.size === 0) await sleep(10);
    expect(await time(REQUESTS)).toBeLessThan(MOST_MS);
    expect(await hits()).toBe(REQUESTS + 1);
    server.close();
    for (const socket of sockets) socket.destroy();
  });

  describeWith(['Redis server'], 'with Redis', () => {
    let relay: FreezableRelay;
    let other: RedisOrMemoryStorage;
    beforeEach(async () => {
      const { hostname, port } = new URL(process.env['TEST_REDIS_URL'] as string);
      relay = await FreezableRelay.to(hostname, Number(port || 6379));
      storage = new RedisOrMemoryStorage(`redis://127.0.0.1:${relay.port}`);
      other = new RedisOrMemoryStorage(process.env['TEST_REDIS_URL'] as string);
      await untilShared();
    });
    afterEach(() => {
      relay.close();
      other.onApplicationShutdown();
    });

    /** Both count in Redis if each sees the other's request. */
    async function untilShared(): Promise<void> {
      for (;;) {
        key = randomUUID();
        await hits(other);
        if ((await hits()) === 2 && (await hits(other)) === 3) return;
        await sleep(10);
      }
    }

    it(
      'waits once for a server that has stopped answering, and shares again when it answers',
      async () => {
        relay.freeze();
        expect(await time(REQUESTS)).toBeLessThan(MOST_MS);
        expect(relay.heldBack).toBe(1);
        relay.thaw();
        await untilShared();
      },
      TIMEOUT_MS,
    );

    it(
      'sends one request at a time to a server that takes connections, but does not count',
      async () => {
        relay.freeze('eval');
        expect(await time(REQUESTS)).toBeLessThan(MOST_MS);
        expect(relay.heldBack).toBe(1);
        while (relay.heldBack === 1) {
          await Promise.all(Array.from({ length: REQUESTS }, () => hits()));
          await sleep(10);
        }
        expect(relay.heldBack).toBe(2);
      },
      TIMEOUT_MS,
    );
  });
});
