import { setTimeout as sleep } from 'node:timers/promises';
import { Curl, type CurlResult, RECEIVE_ERROR } from '../curl';
import { bearer } from '../start-api';
import { figure } from './figures';
import { MeasuredApi } from './measured-api';

/** Compressed, too, more than the sockets and pipes between the two ends hold. */
const CALLS = 300_000;
const FAILOVER_MS = 4_000;
const RETRY_SECONDS = 10;
const TIMEOUT_MS = 120_000;

describe('The API whose PostgreSQL server stops', () => {
  let api: MeasuredApi;
  let whole: CurlResult;
  const { authorization } = bearer(1) as { authorization: string };
  const curl = (args: string[] = []) => new Curl(api.exportUrl(), authorization, args);
  const answer = async (path: string) => {
    const response = await fetch(`${api.url}${path}`, { headers: { authorization } });
    await response.arrayBuffer();
    return [response.status, response.headers.get('retry-after')];
  };

  beforeAll(async () => {
    api = await MeasuredApi.start(1, CALLS, {
      EXPORT_RETRY_TIMEOUT: String(RETRY_SECONDS),
      EXPORT_HTTP_1_0: 'true',
    });
    whole = await curl().finish();
    expect(whole.exitCode).toBe(0);
  }, TIMEOUT_MS);
  afterAll(() => api.stop(), TIMEOUT_MS);

  it.each(['fast', 'immediate'] as const)(
    'goes on with a file where it is back after a few seconds (%s)',
    async (mode) => {
      const running = await curl().begin();
      api.cluster.stop(mode);
      const finished = running.finish();
      await sleep(FAILOVER_MS);
      api.cluster.start();
      const started = performance.now();
      expect(await finished).toEqual(whole);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      figure(
        `PostgreSQL is stopped in the middle of an export (\`${mode}\`), and started ${FAILOVER_MS / 1000} s later`,
        `the file is whole, ${seconds} s after the start`,
      );
    },
    TIMEOUT_MS,
  );

  it.each([
    ['plain', []],
    ['--compressed', ['--compressed']],
    ['--http1.0', ['--http1.0']],
  ])(
    'resets the connection where it stays away, and serves again when it is back (%s)',
    async (title, args) => {
      const before = api.program.output.length;
      const running = await curl(args).begin();
      api.cluster.stop('immediate');
      try {
        const { exitCode, bytes } = await running.finish();
        expect(exitCode).toBe(RECEIVE_ERROR);
        expect(bytes).toBeLessThan(whole.bytes);
        expect(await answer('/api/v1/calls/export')).toEqual([503, '5']);
        expect(await answer('/health/ready')).toEqual([503, null]);
        expect(await answer('/health/live')).toEqual([200, null]);
      } finally {
        api.cluster.start();
      }
      const failures = api.complaints(before).filter((line) => line.export === 'failed');
      expect(failures).toEqual([
        expect.objectContaining({ reason: expect.stringContaining('ECONNREFUSED') }),
      ]);
      expect(await curl(args).finish()).toEqual(whole);
      // What was found within the last second is told again.
      while ((await answer('/health/ready'))[0] !== 200);
      figure(
        `PostgreSQL stays away for longer than EXPORT_RETRY_TIMEOUT (${RETRY_SECONDS} s): curl, ${title}`,
        `exit status ${RECEIVE_ERROR}; 503 meanwhile; whole again at once when it is back`,
      );
    },
    TIMEOUT_MS,
  );
});
