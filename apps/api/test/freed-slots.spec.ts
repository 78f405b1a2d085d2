// @needs PostgreSQL server
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, TIMEOUT_MS, until } from '@calls/testing';
import { type NestInterceptor, RequestTimeoutException } from '@nestjs/common';
import { catchError, throwError, timeout, TimeoutError } from 'rxjs';
import { dataSourceOptions } from '../src/data-source-options';
import { whileCallsLocked } from './block-calls';
import { Curl, RECEIVE_ERROR } from './curl';
import { ADAPTERS, type AdapterName, type HttpHost, startHttpHost } from './http-host';

const CALLS = 60_000;
/** Unique, because this suite may run several times on the same server. */
const HOST_NAME = `leaving-${randomBytes(6).toString('hex')}`;
/** Long enough to read a first page even on a busy machine. */
const RESPONSE_TIMEOUT_MS = 1_200;

/** From Nest's documentation, "Interceptors". */
const timeoutInterceptor: NestInterceptor = {
  intercept: (_, next) =>
    next.handle().pipe(
      timeout(RESPONSE_TIMEOUT_MS),
      catchError((error) =>
        throwError(() => (error instanceof TimeoutError ? new RequestTimeoutException() : error)),
      ),
    ),
};

describeEachDatabase(
  'An export frees its slot',
  dataSourceOptions,
  (database) => {
    beforeAll(() => seedCalls(database.dataSource, 1, CALLS), TIMEOUT_MS);

    async function waiting(): Promise<number> {
      const [{ count }] = await database.dataSource.query(
        `SELECT count(*)::int AS count FROM pg_stat_activity
         WHERE application_name = $1 AND wait_event_type = 'Lock'`,
        [HOST_NAME],
      );
      return count;
    }

    describe.each(Object.keys(ADAPTERS) as AdapterName[])('under %s', (adapter) => {
      let host: HttpHost;
      const onExportEnd = jest.fn();
      beforeEach(() => onExportEnd.mockClear());
      afterEach(() => host.close());

      const start = (interceptor?: NestInterceptor) =>
        startHttpHost(
          adapter,
          database,
          { maxPerAccount: 1, onExportEnd },
          { settings: { applicationName: HOST_NAME }, interceptor },
        );
      const send = (init: RequestInit = {}) =>
        fetch(host.url, { ...init, headers: { authorization: host.authorization } });

      async function expectFreeSlot(): Promise<void> {
        await until(() => host.service.load.running === 0, TIMEOUT_MS);
        const response = await send();
        expect(response.status).toBe(200);
        expect((await response.text()).split('\r\n')).toHaveLength(CALLS + 2);
      }

      it.each(['GET', 'HEAD'])(
        'if the client disconnects while a statement still runs (%s)',
        async (method) => {
          host = await start();
          await whileCallsLocked(database.dataSource, async () => {
            const client = new AbortController();
            const sent = send({ method, signal: client.signal }).catch(({ name }: Error) => name);
            await until(async () => (await waiting()) > 0, TIMEOUT_MS);
            client.abort();
            expect(await sent).toBe('AbortError');
            await until(
              async () => (await waiting()) === 0 && host.service.load.running === 0,
              TIMEOUT_MS,
            );
          });
          expect(onExportEnd.mock.calls.map(([{ outcome }]) => outcome)).toEqual(
            method === 'GET' ? ['aborted'] : [],
          );
          await expectFreeSlot();
        },
        TIMEOUT_MS,
      );

      it(
        'if an interceptor responds while the first page is still being read',
        async () => {
          host = await start(timeoutInterceptor);
          await whileCallsLocked(database.dataSource, async () => {
            const response = await send();
            expect(response.status).toBe(408);
            expect(response.headers.get('content-encoding')).toBeNull();
            expect(await response.json()).toMatchObject({ statusCode: 408 });
          });
          await until(() => onExportEnd.mock.calls.length > 0, TIMEOUT_MS);
          expect(onExportEnd).toHaveBeenCalledWith(
            expect.objectContaining({
              outcome: 'refused',
              reason: 'something else in the app had already responded',
            }),
          );
          onExportEnd.mockClear();
          await expectFreeSlot();
          expect(onExportEnd).toHaveBeenCalledWith(
            expect.objectContaining({ outcome: 'completed' }),
          );
        },
        TIMEOUT_MS,
      );

      it(
        'only after a complete file, even if that takes longer than the timeout of an interceptor',
        async () => {
          host = await start(timeoutInterceptor);
          const curl = await new Curl(host.url, host.authorization, ['--limit-rate', '4M']).begin();
          // Longer than the timeout of the interceptor.
          await sleep(RESPONSE_TIMEOUT_MS + 100);
          const { exitCode, bytes } = await curl.finish();
          expect(exitCode).toBe(0);
          const file = await (await send()).text();
          expect(file.split('\r\n')).toHaveLength(CALLS + 2);
          expect(bytes).toBe(file.length);
        },
        TIMEOUT_MS,
      );

      it(
        'if the export fails',
        async () => {
          host = await start();
          const curl = await new Curl(host.url, host.authorization).begin();
          host.service.stopAll('the test has had enough');
          expect((await curl.finish()).exitCode).toBe(RECEIVE_ERROR);
          await expectFreeSlot();
        },
        TIMEOUT_MS,
      );

      it('and HEAD returns the count "unknown" if counting takes too long', async () => {
        host = await startHttpHost(
          adapter,
          database,
          { countTimeout: 0.5 },
          { settings: { applicationName: HOST_NAME } },
        );
        await whileCallsLocked(database.dataSource, async () => {
          const response = await send({ method: 'HEAD' });
          expect([response.status, response.headers.get('x-total-count')]).toEqual([
            200,
            'unknown',
          ]);
        });
        const response = await send({ method: 'HEAD' });
        expect(response.headers.get('x-total-count')).toBe(String(CALLS));
      });
    });
  },
  ['PostgreSQL server'],
);
