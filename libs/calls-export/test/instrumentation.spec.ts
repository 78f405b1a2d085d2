// @needs PostgreSQL server
import { once } from 'node:events';
import { describeEachDatabase, until } from '@calls/testing';
import { seedCalls } from '@calls/seed-calls';
import { context, type Span, SpanStatusCode } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { PgInstrumentationConfig } from '@opentelemetry/instrumentation-pg';
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { type ExportingHost, postgresOptions, READERS } from './exporting-host';
import { withLockedAssistants } from './locked-assistants';
import { FAILURE, withFailingCall } from './failing-call';
import { CALLS, PAGES, pagedHosts, readsPage } from './paged-hosts';
import { PatchedPg, RecordedSpans, statementOf } from './recorded-spans';

/** An account whose calls are so large that only a few fit into a page. */
const LARGE = 2;

describeEachDatabase(
  'Instrumentation of pg',
  postgresOptions,
  (database) => {
    let expected: string;
    const start = pagedHosts(database);

    beforeAll(async () => {
      await seedCalls(database.dataSource, 1, CALLS);
      await database.dataSource.query(
        `INSERT INTO calls (account_id, call_sid, status)
         SELECT $1::int, 'CA' || n, repeat('x', 50000) FROM generate_series(1, 40) AS n`,
        [LARGE],
      );
      const host = await start();
      expected = await host.export();
      await host.close();
    }, 60_000);

    describe.each<[string, PgInstrumentationConfig]>([
      ['', {}],
      [' with comments in statements', { addSqlCommenterCommentToQueries: true }],
      [' with an additional statement before each', { enableTraceContextPropagation: true }],
    ])('by OpenTelemetry%s', (_title, config) => {
      const spans = new RecordedSpans();
      const provider = new BasicTracerProvider({ spanProcessors: [spans] });
      const tracer = provider.getTracer('test');
      let instrumentation: PatchedPg;

      beforeAll(() => {
        context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
        instrumentation = PatchedPg.of(provider, config);
      });
      afterAll(() => {
        instrumentation.restore();
        context.disable();
      });
      beforeEach(() => {
        spans.ended = [];
      });
      afterEach(() => spans.running.clear());

      /** Closes the pool, after which no span may be running. */
      async function expectAllEnded(host: ExportingHost): Promise<void> {
        await host.close();
        expect([...spans.running.values()]).toEqual([]);
      }

      const job = <T>(work: () => Promise<T>): Promise<[Span, T]> =>
        tracer.startActiveSpan('job', async (span) => {
          try {
            return [span, await work()] as [Span, T];
          } finally {
            span.end();
          }
        });

      const failed = () =>
        spans.ended.filter(
          ({ name, status }) => name !== 'job' && status.code === SpanStatusCode.ERROR,
        );

      describe.each(READERS)('with pages read as %s', (_way, copy) => {
        it('has a span for each page within the span of its job, and all spans end', async () => {
          const host = await start({ copy });
          spans.ended = [];
          const jobs = [
            await job(() => host.export()),
            ...(await Promise.all([job(() => host.export()), job(() => host.export())])),
          ];
          await expectAllEnded(host);
          for (const [span, text] of jobs) {
            expect(text).toBe(expected);
            const statements = spans.of(span).filter(({ name }) => name.startsWith('pg.query'));
            const pages = statements.filter((statement) => readsPage(statementOf(statement)));
            expect(pages.length).toBeGreaterThanOrEqual(PAGES);
            for (const page of pages) {
              expect(statementOf(page)).toMatch(copy ? /\bCOPY \(/ : /^(?![^]*\bCOPY\b)/);
            }
            for (const { parentSpanContext } of statements) {
              expect(parentSpanContext?.spanId).toBe(span.spanContext().spanId);
            }
          }
          expect(failed().map(statementOf)).toEqual([]);
          // No span is outside the three jobs.
          const inJobs = jobs.reduce((sum, [span]) => sum + spans.of(span).length, 0);
          expect(spans.ended).toHaveLength(inJobs + jobs.length);
        });

        it('ends the spans of pages that exceed their size limit', async () => {
          const host = await start({ copy, pageMemory: 1, maxConcurrent: 1, pageSize: 40 });
          const [, ids] = await job(() => host.exportedIds({}, LARGE));
          expect(ids).toHaveLength(40);
          await expectAllEnded(host);
        });

        it('ends the span of a statement that fails, as failed', async () => {
          const host = await start({ copy });
          await host.export();
          spans.ended = [];
          await withFailingCall(database.dataSource, () =>
            expect(job(() => host.exportedIds({}, LARGE))).rejects.toThrow(FAILURE),
          );
          await expectAllEnded(host);
          const [span, ...others] = failed();
          expect(others.map(statementOf)).toEqual([]);
          expect(readsPage(statementOf(span as ReadableSpan))).toBe(true);
          expect(span?.status.message).toBe(FAILURE);
        });

        it('ends the span of a statement that is stopped, as failed', async () => {
          const host = await start({ copy });
          await host.export();
          spans.ended = [];
          const stop = new AbortController();
          const reason = new Error('the job was canceled');
          await withLockedAssistants(database.dataSource, async (untilOneWaits) => {
            const stopped = expect(job(() => host.export({ signal: stop.signal }))).rejects.toBe(
              reason,
            );
            await untilOneWaits();
            stop.abort(reason);
            await stopped;
            // The span ends although the lock is still held.
            await until(() => failed().length > 0, 10_000);
          });
          await expectAllEnded(host);
          for (const { status } of failed()) {
            expect(status.message).toBe('canceling statement due to user request');
          }
          expect(await (await start({ copy })).export()).toBe(expected);
        }, 30_000);

        it('ends the spans of an export that is abandoned', async () => {
          const host = await start({ copy });
          const stream = await host.stream();
          stream.once('data', () => stream.destroy());
          await once(stream, 'close');
          await expectAllEnded(host);
          expect(spans.ended.length).toBeGreaterThan(0);
        });
      });
    });
  },
  ['PostgreSQL server'],
);
