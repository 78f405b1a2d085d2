import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describeWith, TIMEOUT_MS, until } from '@calls/testing';
import { FreezableRelay } from './freezable-relay';
import { RedisOrMemoryStorage } from '../src/rate-limits/redis-or-memory-storage';

/** How long a request waits for Redis. */
const WAIT_MS = 250;
const REQUESTS = 40;
/** The maximum for all requests: half of the time if each waited. */
const MAX_MS = (REQUESTS * WAIT_MS) / 2;

describe('RedisOrMemoryStorage', () => {
  let storage: RedisOrMemoryStorage;
  let key: string;
  beforeEach(() => (key = randomUUID()));
  afterEach(() => storage.onApplicationShutdown());

  /** Counts one request, and returns how many there were. */
  const hits = async (of = storage) =>
    (await of.increment(key, 60_000, 1e9, 60_000, 'default')).totalHits;

  /** Counts requests one after the other, and returns how many milliseconds that took. */
  async function time(requests: number): Promise<number> {
    const start = performance.now();
    for (let request = 0; request < requests; request++) await hits();
    return performance.now() - start;
  }

  it('does not wait for a server that accepts connections but never responds', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket.resume()));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    storage = new RedisOrMemoryStorage(
      `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    await until(() => sockets.size > 0, TIMEOUT_MS);
    expect(await time(REQUESTS)).toBeLessThan(MAX_MS);
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

    /** Waits until both count in Redis: each then sees the other's requests. */
    async function untilShared(): Promise<void> {
      await until(async () => {
        key = randomUUID();
        await hits(other);
        return (await hits()) === 2 && (await hits(other)) === 3;
      }, TIMEOUT_MS);
    }

    it(
      'waits once for a server that stops responding, and uses it again once it responds',
      async () => {
        relay.freeze();
        expect(await time(REQUESTS)).toBeLessThan(MAX_MS);
        expect(relay.heldBack).toBe(1);
        relay.thaw();
        await untilShared();
      },
      TIMEOUT_MS,
    );

    it(
      'sends one request at a time to a server that accepts connections but does not count',
      async () => {
        relay.freeze('eval');
        expect(await time(REQUESTS)).toBeLessThan(MAX_MS);
        expect(relay.heldBack).toBe(1);
        await until(async () => {
          await Promise.all(Array.from({ length: REQUESTS }, () => hits()));
          return relay.heldBack > 1;
        }, TIMEOUT_MS);
        expect(relay.heldBack).toBe(2);
      },
      TIMEOUT_MS,
    );
  });
});
