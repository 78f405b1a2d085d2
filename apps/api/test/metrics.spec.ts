// @slow
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { seedCalls } from '@calls/seed-calls';
import {
  describeEachDatabase,
  describeWith,
  freePort,
  SEARCH_PATH,
  TIMEOUT_MS,
  until,
} from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import type { Environment } from '../src/environment';
import { whileCallsMissing } from './block-calls';
import { Download, LARGE_EXPORT } from './download';
import { Program } from './program';
import { sendRequest } from './send-request';
import { type Api, bearer, EXPORT_PATH, SECRET, startApi } from './start-api';
import { readWorkspaceFile } from './workspace';

/** Spellings of `/metrics` that a proxy's rule for that path may miss. */
const OTHER_SPELLINGS = [
  '/METRICS',
  '/Metrics',
  '/metrics/',
  '/metrics//',
  '//metrics',
  '/%6detrics',
  '/metrics%2f',
  '/metrics%20',
  '/metrics;a',
  '/metrics.',
  '/metrics/.',
  '/./metrics',
  '/x/../metrics',
  '/metrics%00',
  '/metrics\\',
];

/** Expects that nobody listens there. A connection that `fetch` kept may be reset first. */
const expectRefused = (url: string) =>
  expect(fetch(url)).rejects.toMatchObject({
    cause: { code: expect.stringMatching(/^(ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET)$/) },
  });

afterAll(() => Program.killAll());

describeEachDatabase(
  'The metrics',
  dataSourceOptions,
  (database) => {
    let api: Api | undefined;
    afterEach(async () => {
      await api?.close();
      api = undefined;
    });
    const start = async (settings: Partial<Environment>) =>
      (api = await startApi(database.url, settings));

    describe('on the port of the API', () => {
      it('are at /metrics, and not at other spellings of that path', async () => {
        const { url } = await start({ METRICS: 'true' });
        for (const path of ['/metrics', '/metrics?a=b'])
          expect([path, (await sendRequest(url, path)).status]).toEqual([path, 200]);
        for (const path of OTHER_SPELLINGS)
          for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS'])
            expect([method, path, (await sendRequest(url, path, { method })).status]).toEqual([
              method,
              path,
              404,
            ]);
      });

      it('are matched by their exact path, like all other routes', async () => {
        const { url } = await start({});
        const statuses = async (...paths: string[]) =>
          Promise.all(paths.map(async (path) => (await sendRequest(url, path)).status));
        expect(
          await statuses(EXPORT_PATH, '/health/live', '/docs-json', '/docs', '/docs/'),
        ).toEqual([401, 200, 200, 200, 200]);
        expect(
          await statuses(
            `${EXPORT_PATH}/`,
            EXPORT_PATH.toUpperCase(),
            '/health/live/',
            '/HEALTH/live',
          ),
        ).toEqual([404, 404, 404, 404]);
        // The files that the page loads.
        for (const page of ['/docs', '/docs/']) {
          const { body } = await sendRequest(url, page);
          const sources = [...body.matchAll(/(?:src|href)="(\.[^"]+)"/g)].map(([, path]) => path);
          expect(sources.length).toBeGreaterThan(3);
          for (const path of sources)
            expect((await fetch(new URL(path as string, url + page))).status).toBe(200);
        }
      });
    });

    describe('on METRICS_PORT', () => {
      it.each(['true', 'false', undefined])(
        'are only served there, with METRICS=%s',
        async (METRICS) => {
          const METRICS_PORT = await freePort();
          const { url } = await start({ METRICS_PORT, METRICS });
          const own = `http://127.0.0.1:${METRICS_PORT}`;
          for (const path of ['/metrics', ...OTHER_SPELLINGS])
            expect([path, (await sendRequest(url, path)).status]).toEqual([path, 404]);
          for (const path of ['/', '/health/live', EXPORT_PATH, '*', ...OTHER_SPELLINGS])
            expect([path, (await sendRequest(own, path)).status]).toEqual([path, 404]);
          const { status, headers, body } = await sendRequest(own, '/metrics');
          expect([status, headers['content-type'], headers['cache-control']]).toEqual([
            200,
            expect.stringMatching(/^text\/plain; version=/),
            'no-store',
          ]);
          expect(body).toMatch(/^calls_exports_limit 32$/m);
          expect(await sendRequest(own, '/metrics', { method: 'HEAD' })).toMatchObject({
            status: 200,
            body: '',
          });
          expect(await sendRequest(own, '/metrics', { method: 'POST' })).toMatchObject({
            status: 405,
            headers: { allow: 'GET, HEAD' },
          });
        },
      );

      it('close with the app, even if a client keeps its connection open', async () => {
        const METRICS_PORT = await freePort();
        const { close } = await start({ METRICS_PORT });
        api = undefined;
        const socket = connect(METRICS_PORT, '127.0.0.1').on('error', () => {});
        // A complete request, and one that never ends.
        socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\nGET /metrics HTTP/1.1\r\n');
        await once(socket, 'data');
        const isClosed = new Promise((done) => socket.once('close', done));
        await close();
        await isClosed;
        await expectRefused(`http://127.0.0.1:${METRICS_PORT}/metrics`);
      });

      it('log their URL at the start, and close with the process', async () => {
        const METRICS_PORT = '0';
        const program = new Program('main', settings({ METRICS_PORT }), tmpdir());
        const url = await program.printed(/Metrics: (http:\/\/127\.0\.0\.1:\d+\/metrics)/);
        await program.printed(/Listening on (\S+)/);
        expect((await fetch(url)).status).toBe(200);
        expect(await program.stop()).toBe(0);
        await expectRefused(url);
      });

      it.each(['in use by another process', 'equal to PORT'])(
        'make the start fail in one sentence if the port is %s',
        async (problem) => {
          const { url } = await start({});
          const taken = new URL(url).port;
          const [METRICS_PORT, PORT] = problem.endsWith('process') ? [taken, '0'] : [taken, taken];
          const program = new Program(
            'main',
            settings({ METRICS_PORT, PORT, LOG_LEVEL: 'error' }),
            tmpdir(),
          );
          expect(await program.exitCode()).toBe(1);
          expect(program.output).toMatch(
            /Can't listen on (METRICS_)?PORT \d+ of HOST 127\.0\.0\.1: /,
          );
          expect(program.output).toContain(`METRICS_PORT ${taken} of HOST 127.0.0.1`);
          expect(program.output).not.toMatch(/\n +at /);
        },
        TIMEOUT_MS,
      );

      const settings = (own: NodeJS.ProcessEnv) => ({
        PORT: '0',
        DATABASE_URL: database.url,
        JWT_SECRET: SECRET,
        ...own,
      });
    });

    describe('after exports of each outcome', () => {
      let metrics: string;
      beforeAll(async () => {
        await seedCalls(database.dataSource, 1, LARGE_EXPORT);
        const { url, close } = await startApi(database.url, {
          METRICS: 'true',
          EXPORT_MAX_PER_ACCOUNT: 1,
          RATE_LIMIT_PER_ADDRESS: 6,
        });
        try {
          const open = (query: string) => Download.open(`${url}${EXPORT_PATH}?${query}`, bearer(1));
          const read = async () => (metrics = (await sendRequest(url, '/metrics')).body);
          const seen = (series: string) =>
            until(async () => new RegExp(`^${series}$`, 'm').test(await read()), TIMEOUT_MS);
          const isFree = () => seen('calls_exports_running 0');
          for (const format of ['csv', 'xlsx']) {
            await (await open(`format=${format}`)).take();
            await isFree();
          }
          const aborted = await open('format=json');
          expect((await open('')).response.statusCode).toBe(429);
          aborted.abort();
          await isFree();
          const failed = await open('format=ndjson');
          await whileCallsMissing(database.dataSource, () =>
            expect(failed.take()).rejects.toThrow('aborted'),
          );
          await isFree();
          expect((await sendRequest(url, EXPORT_PATH)).status).toBe(401);
          expect((await sendRequest(url, EXPORT_PATH)).status).toBe(429);
          for (const [format, outcome] of [
            ['csv', 'completed'],
            ['xlsx', 'completed'],
            ['csv', 'refused'],
            ['json', 'aborted'],
            ['ndjson', 'failed'],
          ])
            await seen(`calls_exports_total\\{format="${format}",outcome="${outcome}"\\} 1`);
          expect(metrics).toMatch(/^calls_export_rate_limited_total\{limit="address"\} 1$/m);
          expect(metrics).toMatch(/^calls_export_rate_limited_total\{limit="account"\} 0$/m);
        } finally {
          await close();
        }
      }, TIMEOUT_MS);

      describeWith(['promtool'], 'with promtool', () => {
        it('pass its check', () => {
          const check = spawnSync('promtool', ['check', 'metrics'], {
            input: metrics,
            encoding: 'utf8',
            env: { PATH: SEARCH_PATH },
          });
          expect([check.status, check.stdout + check.stderr]).toEqual([0, '']);
          expect(metrics).toMatch(/^# TYPE nodejs_gc_duration_seconds histogram$/m);
        });
      });

      it('are all documented in docs/operating.md, with their labels', async () => {
        const page = readWorkspaceFile('docs/operating.md');
        const [, section = ''] = /\n## Metrics\n([^]*?)\n## /.exec(page) ?? [];
        const words = (cell = '') =>
          [...cell.replace(/\([^)]*\)/g, '').matchAll(/`([^`]+)`/g)].map(([, word]) => word);
        const documented = section
          .split('\n')
          .map((line) => line.split('|'))
          .flatMap(([, names, labels]) => words(names).map((name) => [name, words(labels)]));
        const families = [...metrics.matchAll(/^# TYPE (\S+) \w+$/gm)].map(([, name]) => name);
        const labelsOf = (name: string) => {
          const [, labels = ''] =
            new RegExp(`^${name}(?:_bucket)?\\{([^}]*)\\}`, 'm').exec(metrics) ?? [];
          return [...labels.matchAll(/(\w+)=/g)]
            .map(([, label]) => label)
            .filter((l) => l !== 'le');
        };
        const actual = families
          .filter((name) => !/^(process|nodejs)_/.test(String(name)))
          .map((name) => [name, labelsOf(String(name))]);
        expect(actual.length).toBeGreaterThan(5);
        expect(documented.filter(([name]) => !/…|^nodejs/.test(String(name))).sort()).toEqual(
          actual.sort(),
        );
      });
    });
  },
  ['embedded PostgreSQL'],
);
