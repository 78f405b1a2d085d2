import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@calls/testing';
import { Curl, type CurlResult, RECEIVE_ERROR } from '../curl';
import { bearer } from '../start-api';
import { figure } from './figures';
import { MeasuredApi } from './measured-api';

/** Enough that even the compressed file exceeds the buffers between the API and curl. */
const CALLS = 300_000;
const FAILOVER_MS = 4_000;
const RETRY_SECONDS = 10;
const RECOVERY_MS = 30_000;
const TIMEOUT_MS = 120_000;

describe('The API during an outage of PostgreSQL', () => {
  let api: MeasuredApi;
  let complete: CurlResult;
  const { authorization } = bearer(1) as { authorization: string };
  const curl = (args: string[] = []) => new Curl(api.exportUrl(), authorization, args);
  const get = async (path: string) => {
    const response = await fetch(`${api.url}${path}`, { headers: { authorization } });
    await response.arrayBuffer();
    return [response.status, response.headers.get('retry-after')];
  };

  beforeAll(async () => {
    api = await MeasuredApi.start(1, CALLS, {
      EXPORT_RETRY_TIMEOUT: String(RETRY_SECONDS),
      EXPORT_HTTP_1_0: 'true',
    });
    complete = await curl().finish();
    expect(complete.exitCode).toBe(0);
  }, TIMEOUT_MS);
  afterAll(() => api.stop(), TIMEOUT_MS);

  it.each(['fast', 'immediate'] as const)(
    'completes the file if the server is back within EXPORT_RETRY_TIMEOUT (%s)',
    async (mode) => {
      const running = await curl().begin();
      api.cluster.stop(mode);
      const finished = running.finish();
      await sleep(FAILOVER_MS);
      api.cluster.start();
      const started = performance.now();
      expect(await finished).toEqual(complete);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      figure(
        `PostgreSQL is stopped during an export (\`${mode}\`), and started ${FAILOVER_MS / 1000} s later`,
        `the file is complete, ${seconds} s after the start`,
      );
    },
    TIMEOUT_MS,
  );

  it.each([
    ['plain', []],
    ['--compressed', ['--compressed']],
    ['--http1.0', ['--http1.0']],
  ])(
    'resets the connection after EXPORT_RETRY_TIMEOUT, and exports again after the outage (curl, %s)',
    async (title, args) => {
      const before = api.program.output.length;
      const running = await curl(args).begin();
      api.cluster.stop('immediate');
      try {
        const { exitCode, bytes } = await running.finish();
        expect(exitCode).toBe(RECEIVE_ERROR);
        expect(bytes).toBeLessThan(complete.bytes);
        expect(await get('/api/v1/calls/export')).toEqual([503, '5']);
        expect(await get('/health/ready')).toEqual([503, null]);
        expect(await get('/health/live')).toEqual([200, null]);
      } finally {
        api.cluster.start();
      }
      const failures = api.complaints(before).filter((line) => line.export === 'failed');
      expect(failures).toEqual([
        expect.objectContaining({ reason: expect.stringContaining('ECONNREFUSED') }),
      ]);
      expect(await curl(args).finish()).toEqual(complete);
      // The API caches its state for a second.
      await until(async () => (await get('/health/ready'))[0] === 200, RECOVERY_MS);
      figure(
        `PostgreSQL stays down for longer than EXPORT_RETRY_TIMEOUT (${RETRY_SECONDS} s): curl, ${title}`,
        `exits with ${RECEIVE_ERROR}; 503 in the meantime; new exports are complete as soon as it is back`,
      );
    },
    TIMEOUT_MS,
  );
});
