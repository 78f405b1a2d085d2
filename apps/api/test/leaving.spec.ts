// @needs PostgreSQL server
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, until } from '@calls/testing';
import { type NestInterceptor, RequestTimeoutException } from '@nestjs/common';
import { catchError, throwError, timeout, TimeoutError } from 'rxjs';
import { dataSourceOptions } from '../src/data-source-options';
import { Curl, RECEIVE_ERROR } from './curl';
import { ADAPTERS, type AdapterName, type HttpHost, startHttpHost } from './http-host';

const CALLS = 60_000;
/** Others may run this suite on the same server. */
const HOST_NAME = `leaving-${randomBytes(6).toString('hex')}`;
/** In which a first page is read, also by a machine that is busy. */
const ANSWER_MS = 600;
const TIMEOUT_MS = 60_000;

/** As in Nest's documentation, "Interceptors". */
const timeoutInterceptor: NestInterceptor = {
  intercept: (_, next) =>
    next.handle().pipe(
      timeout(ANSWER_MS),
      catchError((error) =>
        throwError(() => (error instanceof TimeoutError ? new RequestTimeoutException() : error)),
      ),
    ),
};

describeEachDatabase(
  'A place among the exports is free again',
  dataSourceOptions,
  (database) => {
    beforeAll(() => seedCalls(database.dataSource, 1, CALLS), TIMEOUT_MS);

    /** Runs what happens while nobody can read the calls. */
    async function whileLocked(work: () => Promise<void>): Promise<void> {
      await database.dataSource.transaction(async ({ queryRunner }) => {
        await queryRunner?.query('LOCK TABLE calls IN ACCESS EXCLUSIVE MODE');
        await work();
      });
    }

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
      const ask = (init: RequestInit = {}) =>
        fetch(host.url, { ...init, headers: { authorization: host.authorization } });

      async function expectAllFree(): Promise<void> {
        await until(() => host.service.load.running === 0, TIMEOUT_MS);
        const whole = await ask();
        expect(whole.status).toBe(200);
        expect((await whole.text()).split('\r\n')).toHaveLength(CALLS + 2);
      }

      it.each(['GET', 'HEAD'])(
        'when the client has left while a statement runs, whatever the database does (%s)',
        async (method) => {
          host = await start();
          await whileLocked(async () => {
            const leave = new AbortController();
            const left = ask({ method, signal: leave.signal }).catch(({ name }: Error) => name);
            await until(async () => (await waiting()) > 0, TIMEOUT_MS);
            leave.abort();
            expect(await left).toBe('AbortError');
            await until(
              async () => (await waiting()) === 0 && host.service.load.running === 0,
              TIMEOUT_MS,
            );
          });
          expect(onExportEnd.mock.calls.map(([{ outcome }]) => outcome)).toEqual(
            method === 'GET' ? ['aborted'] : [],
          );
          await expectAllFree();
        },
        TIMEOUT_MS,
      );

      it(
        'when an interceptor has answered while the first page waits',
        async () => {
          host = await start(timeoutInterceptor);
          await whileLocked(async () => {
            const answer = await ask();
            expect(answer.status).toBe(408);
            expect(answer.headers.get('content-encoding')).toBeNull();
            expect(await answer.json()).toMatchObject({ statusCode: 408 });
          });
          await until(() => onExportEnd.mock.calls.length > 0, TIMEOUT_MS);
          expect(onExportEnd).toHaveBeenCalledWith(
            expect.objectContaining({
              outcome: 'refused',
              reason: 'something else in the app had answered before',
            }),
          );
          onExportEnd.mockClear();
          await expectAllFree();
          expect(onExportEnd).toHaveBeenCalledWith(
            expect.objectContaining({ outcome: 'completed' }),
          );
        },
        TIMEOUT_MS,
      );

      it(
        'and a file is whole that takes longer than an interceptor waits',
        async () => {
          host = await start(timeoutInterceptor);
          const curl = await new Curl(host.url, host.authorization, ['--limit-rate', '8M']).begin();
          // For longer than the interceptor waits.
          await sleep(ANSWER_MS + 100);
          const { exitCode, bytes } = await curl.finish();
          expect(exitCode).toBe(0);
          const whole = await (await ask()).text();
          expect(whole.split('\r\n')).toHaveLength(CALLS + 2);
          expect(bytes).toBe(whole.length);
        },
        TIMEOUT_MS,
      );

      it(
        'when the export fails',
        async () => {
          host = await start();
          const curl = await new Curl(host.url, host.authorization).begin();
          host.service.stopAll('the test has had enough');
          expect((await curl.finish()).exitCode).toBe(RECEIVE_ERROR);
          await expectAllFree();
        },
        TIMEOUT_MS,
      );

      it('tells that a number of calls is unknown which takes too long to find out', async () => {
        host = await startHttpHost(
          adapter,
          database,
          { countTimeout: 0.5 },
          { settings: { applicationName: HOST_NAME } },
        );
        await whileLocked(async () => {
          const answer = await ask({ method: 'HEAD' });
          expect([answer.status, answer.headers.get('x-total-count')]).toEqual([200, 'unknown']);
        });
        const answer = await ask({ method: 'HEAD' });
        expect(answer.headers.get('x-total-count')).toBe(String(CALLS));
      });
    });
  },
  ['PostgreSQL server'],
);
