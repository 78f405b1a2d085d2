// @slow
import { tmpdir } from 'node:os';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, freePort, TIMEOUT_MS, until } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { whileCallsMissing } from './block-calls';
import { Download, LARGE_EXPORT } from './download';
import { Program } from './program';
import { bearer, SECRET, withApi } from './start-api';

const NEW_ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

afterAll(() => Program.killAll());

describeEachDatabase('The operator of the API', dataSourceOptions, (database) => {
  beforeAll(() => seedCalls(database.dataSource, 1, LARGE_EXPORT), TIMEOUT_MS);

  describe('finds a request by an id', () => {
    it.each([
      ['sent by the client', 'order-66:a.b_c', 'order-66:a.b_c'],
      ['generated if the client sent none', undefined, NEW_ID],
      ['generated if the client sent one with a space', 'a b', NEW_ID],
      ['generated if the client sent a long one', 'x'.repeat(101), NEW_ID],
    ])('%s', async (_, given, expected) => {
      await withApi(database.url, {}, async ({ url }) => {
        const send = (path: string, headers = {}) =>
          fetch(url + path, { headers: { ...headers, ...(given && { 'x-request-id': given }) } });
        for (const [path, status] of [
          ['/api/v1/calls/export?status=busy&date_to=1970', 400],
          ['/nowhere', 404],
          ['/health/live', 200],
        ] as const) {
          const response = await send(path, bearer(1));
          expect([path, response.status]).toEqual([path, status]);
          const id = response.headers.get('x-request-id');
          expect(id).toMatch(expected);
          const body = (await response.json()) as { requestId?: string };
          expect(body.requestId).toEqual(response.ok ? undefined : id);
        }
        const refused = await send('/api/v1/calls/export');
        expect([
          refused.status,
          ((await refused.json()) as { requestId?: string }).requestId,
        ]).toEqual([401, refused.headers.get('x-request-id')]);
      });
    });

    it(
      'in lines of JSON in production',
      async () => {
        const { program, get } = await start({ NODE_ENV: 'production' });
        await get('request-1');
        const body = await whileCallsMissing(database.dataSource, () => get('request-2'));
        expect(JSON.parse(body)).toEqual({
          statusCode: 500,
          message: 'Internal server error',
          requestId: 'request-2',
        });
        expect(await program.stop()).toBe(0);

        const lines = program.output
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        const of = (id: string) => lines.filter(({ requestId }) => requestId === id);
        expect(of('request-1')).toEqual([
          expect.objectContaining({
            level: 'log',
            context: 'CallsExport',
            export: 'completed',
            account: 1,
            rows: LARGE_EXPORT,
            timestamp: expect.any(Number),
          }),
        ]);
        const missing = 'relation "calls" does not exist';
        expect(of('request-2')).toEqual([
          expect.objectContaining({
            level: 'error',
            context: 'CallsExport',
            message: `Export refused: ${missing}`,
            export: 'refused',
            reason: missing,
            stack: expect.stringContaining(missing),
          }),
        ]);
      },
      TIMEOUT_MS,
    );

    it(
      'in readable lines in development, filtered by LOG_LEVEL',
      async () => {
        const { program, get } = await start({ LOG_LEVEL: 'error' });
        await get('request-1');
        await whileCallsMissing(database.dataSource, () => get('request-2'));
        expect(await program.stop()).toBe(0);
        expect(program.output).toMatch(
          /ERROR \[CallsExport\] \[request-2\] Export refused: relation "calls" does not exist \{.* stack: .* at .*\}\n/,
        );
        expect(program.output).not.toMatch(/WARN|LOG|request-1/);
      },
      TIMEOUT_MS,
    );

    /** Starts the program; `get` exports with a request id. */
    async function start(settings: NodeJS.ProcessEnv) {
      const port = await freePort();
      const environment = { PORT: String(port), DATABASE_URL: database.url, JWT_SECRET: SECRET };
      const program = new Program('main', { ...environment, ...settings }, tmpdir());
      const url = `http://127.0.0.1:${port}`;
      // LOG_LEVEL may hide the line that says so.
      const isUp = () =>
        fetch(`${url}/health/live`).then(
          ({ ok }) => ok,
          () => false,
        );
      await until(isUp, TIMEOUT_MS);
      const get = async (id: string) => {
        const headers = { ...bearer(1), 'x-request-id': id };
        return (await fetch(`${url}/api/v1/calls/export`, { headers })).text();
      };
      return { program, get };
    }
  });

  it(
    'sees in /health/ready whether another export could start',
    async () => {
      await withApi(
        database.url,
        { EXPORT_MAX_CONCURRENT: 1, EXPORT_MAX_PER_ACCOUNT: 1 },
        async ({ url }) => {
          const ready = async () => {
            const response = await fetch(`${url}/health/ready`);
            const { status, details } = (await response.json()) as Record<string, unknown>;
            return [response.status, status, details];
          };
          const database = expect.objectContaining({ status: 'up' });
          expect(await ready()).toEqual([
            200,
            'ok',
            { database, exports: { status: 'up', running: 0, most: 1 } },
          ]);
          const running = await Download.open(`${url}/api/v1/calls/export?format=json`, bearer(1));
          expect(await ready()).toEqual([
            503,
            'error',
            { database, exports: { status: 'down', running: 1, most: 1 } },
          ]);
          await running.take();
          await until(async () => (await ready())[0] === 200, TIMEOUT_MS);
        },
      );
    },
    TIMEOUT_MS,
  );

  describe('reads /metrics', () => {
    it('only with METRICS=true', async () => {
      await withApi(database.url, {}, async ({ url }) => {
        expect((await fetch(`${url}/metrics`)).status).toBe(404);
      });
    });

    it(
      'with the outcomes, rows, bytes and durations of exports',
      async () => {
        await withApi(database.url, { METRICS: 'true', EXPORT_MAX_PER_ACCOUNT: 1 }, async (api) => {
          const read = async () => {
            const response = await fetch(`${api.url}/metrics`);
            expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/);
            const lines = (await response.text()).split('\n').filter((line) => !/^#|^$/.test(line));
            return Object.fromEntries(
              lines.map((line) => [
                line.slice(0, line.lastIndexOf(' ')),
                Number(line.slice(line.lastIndexOf(' '))),
              ]),
            );
          };
          const url = `${api.url}/api/v1/calls/export`;
          const csv = await (await Download.open(url, bearer(1))).take();
          const json = await Download.open(`${url}?format=json`, bearer(1));
          expect((await api.export()).status).toBe(429);

          let during = await read();
          expect(during).toMatchObject({ calls_exports_running: 1, calls_exports_limit: 32 });
          const pool = (state: string) =>
            during[`calls_database_connections{pool="primary",state="${state}"}`];
          // The client's buffers are full and the next page has been read.
          await until(async () => {
            during = await read();
            return pool('busy') === 0;
          }, TIMEOUT_MS);
          expect(pool('waiting')).toBe(0);
          expect(pool('idle')).toBeGreaterThan(0);

          json.abort();
          let after: Record<string, number> = {};
          await until(async () => {
            after = await read();
            return after['calls_exports_running'] === 0;
          }, TIMEOUT_MS);
          const total = (format: string, outcome: string) => {
            const labels = `{format="${format}",outcome="${outcome}"}`;
            expect(after[`calls_export_duration_seconds_count${labels}`]).toBe(
              after[`calls_exports_total${labels}`],
            );
            return after[`calls_exports_total${labels}`];
          };
          expect([
            total('csv', 'completed'),
            total('csv', 'refused'),
            total('json', 'aborted'),
            total('json', 'completed'),
          ]).toEqual([1, 1, 1, 0]);
          expect(after).toMatchObject({
            'calls_export_rows_total{format="csv"}': LARGE_EXPORT,
            'calls_export_bytes_total{format="csv"}': csv.bytes,
            'calls_export_first_byte_seconds_count{format="csv"}': 1,
            'calls_export_first_byte_seconds_count{format="json"}': 1,
          });
          expect(after['calls_export_rows_total{format="json"}']).toBeGreaterThan(0);
          expect(after['calls_export_rows_total{format="json"}']).toBeLessThan(LARGE_EXPORT);
          expect(after['nodejs_eventloop_lag_p99_seconds']).toBeGreaterThan(0);
          // No label identifies an account.
          expect(Object.keys(after).join()).not.toMatch(/\baccount\w*=/);
        });
      },
      TIMEOUT_MS,
    );
  });
});
