// @slow
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, TIMEOUT_MS, until } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { whileCallsMissing } from './block-calls';
import { Download, LARGE_EXPORT } from './download';
import { LISTENING, Program } from './program';
import { bearer, SECRET } from './start-api';
import { ROOT } from './workspace';

const PAGES = LARGE_EXPORT / 5_000;
const TRACING = join(ROOT, 'deploy/monitoring/tracing.cjs');
/** Codes of OTLP: a span kind and a status. */
const SERVER = 2;
const ERROR = 2;

/** A span of OTLP. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly endTimeUnixNano: string;
  readonly attributes: {
    readonly key: string;
    readonly value: { readonly stringValue?: string };
  }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

/** Receives finished spans from OpenTelemetry's exporter. */
class Collector {
  spans: Span[] = [];
  private readonly forgotten = new Set<string>();
  private server?: Server;

  async start(): Promise<string> {
    this.server = createServer(async (request, response) => {
      const { resourceSpans } = (await json(request)) as {
        resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
      };
      const spans = resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap((scope) => scope.spans),
      );
      this.spans.push(...spans.filter(({ traceId }) => !this.forgotten.has(traceId)));
      response.setHeader('Content-Type', 'application/json').end('{}');
    });
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  /** Drops its spans, and later ones of the same traces. */
  forget(): void {
    for (const { traceId } of this.spans.splice(0)) this.forgotten.add(traceId);
  }

  get requests(): Span[] {
    return this.spans.filter(({ kind }) => kind === SERVER);
  }

  get statements(): Span[] {
    return this.spans.filter(({ name }) => name.startsWith('pg.query'));
  }

  /** The request spans, once there are this many. */
  async waitForRequests(count: number): Promise<Span[]> {
    await until(() => this.requests.length >= count, TIMEOUT_MS);
    return this.requests;
  }
}

const textOf = ({ attributes }: Span) =>
  attributes.find(({ key }) => key === 'db.query.text' || key === 'db.statement')?.value
    .stringValue ?? '';
const readsPage = (span: Span) =>
  /"call_sid"[^]*"calls"/.test(textOf(span)) && !/"described"/.test(textOf(span));

afterAll(() => Program.killAll());

describeEachDatabase('OpenTelemetry', dataSourceOptions, (database) => {
  beforeAll(() => seedCalls(database.dataSource, 1, LARGE_EXPORT), TIMEOUT_MS);

  describe.each([
    ['binary COPY', 'true'],
    ['rows', 'false'],
  ])('with pages read as %s', (_, DATABASE_COPY) => {
    const collector = new Collector();
    let program: Program;
    let api: string;
    beforeAll(async () => {
      program = new Program(
        'main',
        {
          PORT: '0',
          METRICS: 'true',
          DATABASE_URL: database.url,
          DATABASE_COPY,
          JWT_SECRET: SECRET,
          OTEL_EXPORTER_OTLP_ENDPOINT: await collector.start(),
          OTEL_BSP_SCHEDULE_DELAY: '50',
        },
        tmpdir(),
        [],
        ['--require', TRACING],
      );
      api = await program.printed(LISTENING);
    }, TIMEOUT_MS);
    afterAll(async () => {
      await program.stop('SIGKILL');
      collector.stop();
    });
    beforeEach(() => collector.forget());

    const open = (headers = {}) =>
      Download.open(`${api}/api/v1/calls/export?format=json`, { ...bearer(1), ...headers });

    /** The statements of a request, which must be children of its span. */
    function statementsOf({ traceId, spanId }: Span): Span[] {
      const statements = collector.statements.filter((span) => span.traceId === traceId);
      for (const { parentSpanId } of statements) expect(parentSpanId).toBe(spanId);
      return statements;
    }

    it(
      'traces an export from the request to the end of the file, with every page',
      async () => {
        const download = await open();
        await until(() => collector.statements.some(readsPage), TIMEOUT_MS);
        expect(collector.requests).toEqual([]);
        await download.take();
        const [request, ...others] = await collector.waitForRequests(1);
        expect(others).toEqual([]);
        expect(request?.status.code ?? 0).not.toBe(ERROR);
        const statements = statementsOf(request as Span);
        const pages = statements.filter(readsPage);
        expect(pages.length).toBeGreaterThanOrEqual(PAGES);
        for (const page of pages)
          expect(/\bCOPY \(/.test(textOf(page))).toBe(DATABASE_COPY === 'true');
        // All of them ended in time, and none belongs to another trace.
        expect(statements).toHaveLength(collector.statements.length);
        for (const { endTimeUnixNano, status } of statements) {
          expect(BigInt(endTimeUnixNano)).toBeLessThanOrEqual(
            BigInt((request as Span).endTimeUnixNano),
          );
          expect(status.code ?? 0).not.toBe(ERROR);
        }
      },
      TIMEOUT_MS,
    );

    it(
      'starts a trace for each export, or continues the trace of the client',
      async () => {
        const trace = 'a'.repeat(32);
        const downloads = [
          await open(),
          await open({ traceparent: `00-${trace}-${'b'.repeat(16)}-01` }),
        ];
        await Promise.all(downloads.map((download) => download.take()));
        const requests = await collector.waitForRequests(2);
        for (const request of requests)
          expect(statementsOf(request).filter(readsPage).length).toBeGreaterThanOrEqual(PAGES);
        expect(requests.filter(({ traceId }) => traceId === trace)).toEqual([
          expect.objectContaining({ parentSpanId: 'b'.repeat(16) }),
        ]);
      },
      TIMEOUT_MS,
    );

    it(
      'marks an export that fails as an error',
      async () => {
        const download = await open();
        await whileCallsMissing(database.dataSource, async () => {
          await expect(download.take()).rejects.toThrow('aborted');
        });
        const [request] = await collector.waitForRequests(1);
        expect(request?.status).toEqual({
          code: ERROR,
          message: 'The response was truncated',
        });
        const failed = statementsOf(request as Span).filter(({ status }) => status.code === ERROR);
        expect(failed.length).toBeGreaterThan(0);
        for (const { status } of failed) expect(status.message).toContain('does not exist');
      },
      TIMEOUT_MS,
    );

    it(
      'marks an export that the client aborts as an error',
      async () => {
        const download = await open();
        download.abort();
        const [request] = await collector.waitForRequests(1);
        expect(request?.status.code).toBe(ERROR);
      },
      TIMEOUT_MS,
    );

    it('does not trace health checks and scrapes', async () => {
      for (const path of ['/health/live', '/health/ready', '/metrics', '/'])
        await fetch(`${api}${path}`, { redirect: 'manual' });
      const [request] = await collector.waitForRequests(1);
      expect(collector.spans).toEqual([request]);
    });
  });
});
