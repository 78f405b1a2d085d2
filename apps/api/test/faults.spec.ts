// @needs PostgreSQL server
import { randomBytes } from 'node:crypto';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, TIMEOUT_MS, until } from '@calls/testing';
import { Client } from 'pg';
import { dataSourceOptions } from '../src/data-source-options';
import { whileCallsLocked, whileCallsMissing } from './block-calls';
import { Curl, type CurlResult, RECEIVE_ERROR } from './curl';
import { ADAPTERS, type AdapterName, type HttpHost, startHttpHost } from './http-host';

/** Even compressed, more than the buffers of the sockets and pipes hold. */
const CALLS = 300_000;
/** Unique, because this suite may run several times on the same server. */
const HOST_NAME = `faults-${randomBytes(6).toString('hex')}`;
const RETRY_SECONDS = 1;
const STATEMENT_SECONDS = 0.5;
/** How long docs/scaling.md tells proxies to wait, with this statement timeout. */
const LONGEST_SILENCE_SECONDS = 6 * STATEMENT_SECONDS + RETRY_SECONDS;
/** The errors of a server that refuses connections, which may close one before its message is read. */
const REFUSED =
  /^(database "\w+" is not currently accepting connections|read ECONNRESET|Connection terminated unexpectedly)$/;

const CLIENTS: [title: string, curlArguments: (smallUrl: string) => string[]][] = [
  ['plain', () => []],
  ['compressed', () => ['--compressed']],
  ['over HTTP/1.0, which has no chunked encoding', () => ['--http1.0']],
  ['on a keep-alive connection', (url) => ['--output', '/dev/null', url, '--output', '-']],
];

describeEachDatabase(
  'An export from a failing database',
  dataSourceOptions,
  (database) => {
    let admin: Client;
    let name: string;

    beforeAll(async () => {
      await seedCalls(database.dataSource, 1, CALLS);
      const url = new URL(database.url);
      name = url.pathname.slice(1);
      url.pathname = '/postgres';
      admin = new Client(url.href);
      await admin.connect();
    }, TIMEOUT_MS);
    afterAll(() => admin.end());

    /** Terminates the host's connections and waits for that, so that its pool has no dead connection left. */
    async function killBackends(): Promise<number> {
      const { rowCount } = await admin.query(
        'SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = $1',
        [HOST_NAME],
      );
      return rowCount ?? 0;
    }

    async function allowConnections(allowed: boolean): Promise<void> {
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS ${allowed}`);
    }

    async function untilWaiting(): Promise<void> {
      const waiting = `SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`;
      await until(async () => (await admin.query(waiting, [HOST_NAME])).rowCount !== 0, TIMEOUT_MS);
    }

    describe.each(Object.keys(ADAPTERS) as AdapterName[])('under %s', (adapter) => {
      let host: HttpHost;
      let complete: CurlResult;

      beforeAll(async () => {
        host = await startHttpHost(
          adapter,
          database,
          { retryTimeout: RETRY_SECONDS, acceptHttp10: true },
          {
            settings: {
              applicationName: HOST_NAME,
              extra: { statement_timeout: STATEMENT_SECONDS * 1000 },
            },
          },
        );
        complete = await new Curl(host.url, host.authorization).finish();
        expect(complete).toMatchObject({ exitCode: 0 });
        expect(complete.bytes).toBeGreaterThan(100 * CALLS);
      }, TIMEOUT_MS);
      afterAll(() => host.close());
      beforeEach(() => host.log.splice(0));

      const begin = (args: string[] = []) => new Curl(host.url, host.authorization, args).begin();
      const get = () => fetch(host.url, { headers: { authorization: host.authorization } });

      async function expectCompleteExport(): Promise<void> {
        host.log.splice(0);
        expect(await new Curl(host.url, host.authorization).finish()).toEqual(complete);
        // A page may be retried on a busy machine.
        const failures = host.log.filter((line) => !/^Retrying a page/.test(String(line)));
        expect(failures).toEqual([]);
      }

      it(
        'is complete if the backend is killed in the middle of a page',
        async () => {
          const curl = await begin();
          let finished: Promise<CurlResult> | undefined;
          await whileCallsLocked(database.dataSource, async () => {
            finished = curl.finish();
            await untilWaiting();
            expect(await killBackends()).toBeGreaterThan(0);
          });
          expect(await finished).toEqual(complete);
          expect(host.log.join('\n')).toMatch(/^Retrying a page after: terminating connection/);
        },
        TIMEOUT_MS,
      );

      it.each(CLIENTS)(
        'resets the connection if the database is gone for longer than the retries (%s)',
        async (_, args) => {
          const curl = await begin(args(`${host.url}?date_to=2000-01-01`));
          try {
            await allowConnections(false);
            await killBackends();
            const { exitCode, bytes } = await curl.finish();
            expect(exitCode).toBe(RECEIVE_ERROR);
            expect(bytes).toBeGreaterThan(0);
            expect(bytes).toBeLessThan(complete.bytes);
          } finally {
            await allowConnections(true);
          }
          expect(host.log.filter((line) => !String(line).startsWith('Retrying a page'))).toEqual([
            expect.objectContaining({
              export: 'failed',
              account: 1,
              reason: expect.stringMatching(REFUSED),
            }),
          ]);
          await expectCompleteExport();
        },
        TIMEOUT_MS,
      );

      it.each(CLIENTS)(
        'resets the connection if a page takes too long (%s)',
        async (_, args) => {
          const curl = await begin(args(`${host.url}?date_to=2000-01-01`));
          await whileCallsLocked(database.dataSource, async () => {
            const since = performance.now();
            expect((await curl.finish()).exitCode).toBe(RECEIVE_ERROR);
            const silence = (performance.now() - since) / 1000;
            expect(silence).toBeLessThan(LONGEST_SILENCE_SECONDS);
          });
          expect(host.log.at(-1)).toMatchObject({
            export: 'failed',
            reason: 'canceling statement due to statement timeout',
          });
          await expectCompleteExport();
        },
        TIMEOUT_MS,
      );

      it(
        'returns 503 if the database refuses connections before the first byte, and 200 once it is back',
        async () => {
          try {
            await allowConnections(false);
            await killBackends();
            const response = await get();
            expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
            expect(await response.json()).toEqual({
              statusCode: 503,
              error: 'Service Unavailable',
              message: 'The database is unavailable. Try again soon.',
            });
            expect(host.log).toEqual([
              expect.objectContaining({
                export: 'refused',
                reason: expect.stringMatching(REFUSED),
              }),
            ]);
          } finally {
            await allowConnections(true);
          }
          await expectCompleteExport();
        },
        TIMEOUT_MS,
      );

      it(
        'returns 503 if the first statement takes too long',
        async () => {
          await whileCallsLocked(database.dataSource, async () => {
            const response = await get();
            expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
          });
          await expectCompleteExport();
        },
        TIMEOUT_MS,
      );

      it(
        'returns 500 without internal details if the schema is wrong',
        async () => {
          await whileCallsMissing(database.dataSource, async () => {
            const response = await get();
            expect([response.status, await response.json()]).toEqual([
              500,
              { statusCode: 500, message: 'Internal server error' },
            ]);
            expect(response.headers.get('retry-after')).toBeNull();
            expect(host.log).toEqual([
              expect.objectContaining({
                export: 'refused',
                reason: 'relation "calls" does not exist',
                stack: expect.stringContaining('relation "calls" does not exist'),
              }),
            ]);
          });
          await expectCompleteExport();
        },
        TIMEOUT_MS,
      );

      // Must be last: Nest has one logger, so this host takes over that of the other one.
      it(
        'resets the connection of a client that reads nothing',
        async () => {
          const impatient = await startHttpHost(adapter, database, { idleTimeout: 1 });
          try {
            const curl = await new Curl(impatient.url, impatient.authorization).begin();
            await until(() => impatient.log.length > 0, TIMEOUT_MS);
            expect((await curl.finish()).exitCode).toBe(RECEIVE_ERROR);
            expect(impatient.log).toEqual([
              expect.objectContaining({
                export: 'failed',
                reason: 'the client has read nothing for 1 seconds',
              }),
            ]);
          } finally {
            await impatient.close();
          }
        },
        TIMEOUT_MS,
      );
    });
  },
  ['PostgreSQL server'],
);
