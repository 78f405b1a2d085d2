// @slow
import { randomInt } from 'node:crypto';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, describeWith, TIMEOUT_MS, until } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { whileCallsLocked, whileCallsMissing } from './block-calls';
import { Download, LARGE_EXPORT } from './download';
import { type Api, bearer, EXPORT_PATH, startApi } from './start-api';

describeEachDatabase('The API limits', dataSourceOptions, (database) => {
  let api: Api | undefined;

  beforeAll(async () => {
    for (const account of [1, 2, 3]) await seedCalls(database.dataSource, account, LARGE_EXPORT);
  }, TIMEOUT_MS);
  afterEach(async () => {
    await api?.close();
    api = undefined;
  });

  async function outcome(response: Response): Promise<[number, string | null, unknown]> {
    const { message } = (await response.json()) as { message: unknown };
    return [response.status, response.headers.get('retry-after'), message];
  }

  it(
    'the exports that run, per account and in total, before it queries the database',
    async () => {
      api = await startApi(database.url, { EXPORT_MAX_PER_ACCOUNT: 2, EXPORT_MAX_CONCURRENT: 3 });
      const { url } = api;
      const open = (account: number) =>
        Download.open(`${url}/api/v1/calls/export?format=json`, bearer(account));
      const running = [await open(1), await open(1), await open(2)];
      expect(running.map(({ response }) => response.statusCode)).toEqual([200, 200, 200]);

      await whileCallsLocked(database.dataSource, async () => {
        expect(await outcome(await (api as Api).export())).toEqual([
          429,
          '5',
          'Account limit reached: 2 exports are already running. Try again when one finishes.',
        ]);
        expect(await outcome(await (api as Api).export('', bearer(3)))).toEqual([
          503,
          '5',
          'Server limit reached: 3 exports are already running. Try again when one finishes.',
        ]);
      });

      // An aborted or completed export frees its slot, with a short delay.
      running.pop()?.abort();
      expect((await running.pop()?.take())?.lines).toBe(LARGE_EXPORT + 1);
      for (const account of [3, 1]) {
        await until(async () => {
          const next = await open(account);
          if (next.response.statusCode === 200) return running.push(next) > 0;
          await next.take();
          return false;
        }, TIMEOUT_MS);
      }
      for (const download of running) download.abort();
    },
    TIMEOUT_MS,
  );

  it('running exports only: a failed or refused one frees its slot', async () => {
    api = await startApi(database.url, { EXPORT_MAX_PER_ACCOUNT: 1 });
    const failed = await whileCallsMissing(database.dataSource, () => (api as Api).export());
    expect(failed.status).toBe(500);
    expect((await api.export('status=none')).status).toBe(400);
    expect((await api.export('status=queued')).status).toBe(200);
  });

  it('the requests of an address, before it checks the token', async () => {
    api = await startApi(database.url, { RATE_LIMIT_PER_ADDRESS: 3 });
    for (let request = 0; request < 3; request++) {
      expect((await api.export('', {})).status).toBe(401);
    }
    const [status, retryAfter, message] = await outcome(await api.export());
    expect([status, Number(retryAfter)]).toEqual([429, expect.closeTo(60, -1)]);
    expect(message).toMatch(
      /^Rate limit exceeded: at most 3 requests a minute per address\. Try again in \d+ seconds\.$/,
    );
    expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
  });

  it('the requests of an account, wherever they come from', async () => {
    api = await startApi(database.url, { RATE_LIMIT_PER_ACCOUNT: 3 });
    for (let request = 0; request < 3; request++) {
      expect((await api.export('status=queued')).status).toBe(200);
    }
    const [status, , message] = await outcome(await api.export('status=queued'));
    expect([status, message]).toEqual([
      429,
      expect.stringMatching(/^Rate limit exceeded: at most 3 requests a minute per account\./),
    ]);
    expect((await api.export('status=queued', bearer(2))).status).toBe(200);
  });

  describe('and reports in X-RateLimit headers', () => {
    /** The limit and the remaining requests, preceded by the status if the request is refused. */
    async function limitOf(response: Response): Promise<number[]> {
      const [limit, remaining, reset, retryAfter] = [
        ...['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'retry-after'],
      ].map((name) => Number(response.headers.get(name) ?? NaN));
      if (response.status !== 429) {
        expect(retryAfter).toBeNaN();
        expect(reset).toBeGreaterThan(50);
        expect(reset).toBeLessThanOrEqual(60);
        return [limit as number, remaining as number];
      }
      const { message } = (await response.json()) as { message: string };
      expect(message).toContain(` ${limit} requests `);
      expect(message).toContain(` ${retryAfter} seconds`);
      expect(reset).toBe(retryAfter);
      expect(reset).toBeGreaterThan(50);
      expect(reset).toBeLessThanOrEqual(60);
      return [429, limit as number, remaining as number];
    }

    const get = async (headers?: Record<string, string>) =>
      limitOf(await (api as Api).export('status=queued', headers));

    it('the requests of GET and HEAD together', async () => {
      api = await startApi(database.url, { RATE_LIMIT_PER_ADDRESS: 4, RATE_LIMIT_PER_ACCOUNT: 3 });
      const head = async (headers: Record<string, string>) => {
        const response = await (api as Api).head('', headers);
        return [response.status, Number(response.headers.get('x-ratelimit-remaining'))];
      };
      expect(await get()).toEqual([3, 2]);
      expect(await head(bearer(1))).toEqual([200, 1]);
      expect(await get()).toEqual([3, 0]);
      expect(await head(bearer(1))).toEqual([429, 0]);
      // The address has reached its limit, too.
      expect(await get(bearer(2))).toEqual([429, 4, 0]);
      expect(await head(bearer(2))).toEqual([429, 0]);
    });

    it.each([
      ['GET', '/health/live'],
      ['GET', '/health/ready'],
      ['GET', '/metrics'],
      ['GET', '/docs'],
      ['GET', '/docs-json'],
      ['GET', '/unknown'],
      ['OPTIONS', EXPORT_PATH],
      ['POST', EXPORT_PATH],
    ])('no %s requests to %s', async (method, path) => {
      api = await startApi(database.url, { RATE_LIMIT_PER_ADDRESS: 2, METRICS: 'true' });
      const { url } = api;
      for (let request = 0; request < 3; request++) {
        const response = await fetch(`${url}${path}`, { method });
        expect(response.status).not.toBe(429);
        expect(response.headers.has('x-ratelimit-limit')).toBe(false);
        await response.text();
      }
      const [root, next] = [await fetch(url, { redirect: 'manual' }), await get()];
      expect([root.headers.get('x-ratelimit-remaining'), next]).toEqual(['1', [2, 0]]);
    });

    it("the account's limit if it has fewer requests left", async () => {
      api = await startApi(database.url, { RATE_LIMIT_PER_ADDRESS: 10, RATE_LIMIT_PER_ACCOUNT: 2 });
      expect([await get(), await get(), await get(), await get()]).toEqual([
        [2, 1],
        [2, 0],
        [429, 2, 0],
        [429, 2, 0],
      ]);
      expect(await get(bearer(2))).toEqual([2, 1]);
      expect(await get({})).toEqual([10, 4]);
    });

    it("the address's limit if it has fewer requests left", async () => {
      api = await startApi(database.url, { RATE_LIMIT_PER_ADDRESS: 4, RATE_LIMIT_PER_ACCOUNT: 3 });
      expect([await get(), await get(bearer(2)), await get(bearer(3))]).toEqual([
        [3, 2],
        [3, 2],
        [4, 1],
      ]);
      expect([await get(bearer(3)), await get(bearer(3)), await get({})]).toEqual([
        [4, 0],
        [429, 4, 0],
        [429, 4, 0],
      ]);
    });

    describeWith(['Redis server'], 'in Redis', () => {
      it('the requests at all instances together', async () => {
        api = await startApi(database.url, {
          RATE_LIMIT_PER_ACCOUNT: 2,
          REDIS_URL: process.env['TEST_REDIS_URL'],
        });
        const account = bearer(randomInt(1_000, 2 ** 31));
        expect([await get(account), await get(account), await get(account)]).toEqual([
          [2, 1],
          [2, 0],
          [429, 2, 0],
        ]);
      });
    });

    it('nothing on routes without a limit', async () => {
      api = await startApi(database.url);
      const { headers } = await fetch(`${api.url}/health/live`);
      expect([...headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    });
  });

  describeWith(['Redis server'], 'in Redis', () => {
    it('the requests of an account at all instances together', async () => {
      const settings = { RATE_LIMIT_PER_ACCOUNT: 4, REDIS_URL: process.env['TEST_REDIS_URL'] };
      const account = randomInt(1_000, 2 ** 31);
      api = await startApi(database.url, settings);
      const other = await startApi(database.url, settings);
      try {
        const statuses = [];
        for (const instance of [api, other, other, api, api, other]) {
          statuses.push((await instance.export('', bearer(account))).status);
        }
        expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
      } finally {
        await other.close();
      }
    });
  });

  it('the requests of an account at this instance alone if Redis is down', async () => {
    api = await startApi(database.url, {
      RATE_LIMIT_PER_ACCOUNT: 2,
      REDIS_URL: 'redis://127.0.0.1:1',
    });
    const statuses = [];
    for (let request = 0; request < 3; request++) {
      statuses.push((await api.export('status=queued')).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });
});
