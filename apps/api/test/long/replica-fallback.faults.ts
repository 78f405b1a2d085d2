import { tmpdir } from 'node:os';
import { until } from '@calls/testing';
import { Curl, type CurlResult } from '../curl';
import { LISTENING, Program } from '../program';
import { bearer, SECRET } from '../start-api';
import { figure } from './figures';
import { MeasuredApi } from './measured-api';
import type { PostgresCluster } from './postgres-cluster';

/** Enough that the file exceeds the buffers between the API and curl. */
const CALLS = 300_000;
const TIMEOUT_MS = 120_000;
const RECOVERY_MS = 60_000;

describe('The API with a replica and DATABASE_READ_FALLBACK', () => {
  let api: MeasuredApi;
  let replica: PostgresCluster;
  let complete: CurlResult;
  const { authorization } = bearer(1) as { authorization: string };
  const curl = () => new Curl(api.exportUrl(), authorization, []);
  const warnings = (before: number) =>
    api.complaints(before).filter(({ message }) => message?.startsWith('A replica'));
  const ready = async () => (await fetch(`${api.url}/health/ready`)).status;
  const total = async (url = api.exportUrl()) => {
    const response = await fetch(url, { method: 'HEAD', headers: { authorization } });
    return Number(response.headers.get('x-total-count'));
  };

  beforeAll(async () => {
    api = await MeasuredApi.start(
      1,
      CALLS,
      { DATABASE_READ_FALLBACK: 'true', EXPORT_RETRY_TIMEOUT: '2', EXPORT_MAX_PER_ACCOUNT: '8' },
      true,
    );
    replica = api.replica as PostgresCluster;
    complete = await curl().finish();
    expect(complete.exitCode).toBe(0);
  }, TIMEOUT_MS);
  afterAll(() => api.stop(), TIMEOUT_MS);

  it(
    'exports from the primary while the replica is down, is ready, and returns to the replica',
    async () => {
      const before = api.program.output.length;
      replica.stop('immediate');
      const files = await Promise.all(Array.from({ length: 4 }, () => curl().finish()));
      for (const file of files) expect(file).toEqual(complete);
      expect(await total()).toBe(CALLS);
      for (let request = 0; request < 3; request++) expect(await ready()).toBe(200);
      expect(warnings(before)).toHaveLength(1);

      replica.start();
      // Only a request makes the API notice that the replica is back.
      const isBack = () =>
        api.program.output.slice(before).includes('A replica is reachable again');
      await until(async () => {
        expect(await total()).toBe(CALLS);
        return isBack();
      }, RECOVERY_MS);
      expect(await curl().finish()).toEqual(complete);
      expect(warnings(before)).toHaveLength(1);
      figure(
        'The replica is down, with DATABASE_READ_FALLBACK=true',
        'new exports are complete, from the primary; the log has one line',
      );
    },
    TIMEOUT_MS,
  );

  it(
    'aborts an export that began on the replica, rather than continue it on the primary',
    async () => {
      const running = await curl().begin();
      replica.stop('immediate');
      try {
        expect((await running.finish()).exitCode).not.toBe(0);
        expect(await curl().finish()).toEqual(complete);
      } finally {
        replica.start();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'starts with a warning while the replica is down, and fails to start without the fallback',
    async () => {
      replica.stop('immediate');
      try {
        const environment = {
          PORT: '0',
          DATABASE_URL: api.cluster.url,
          DATABASE_READ_URL: replica.url,
          JWT_SECRET: SECRET,
          NODE_ENV: 'production',
          RATE_LIMIT_PER_ADDRESS: '1000000',
          RATE_LIMIT_PER_ACCOUNT: '1000000',
        };
        const refused = new Program('main', environment, tmpdir());
        expect(await refused.exitCode()).toBe(1);
        expect(JSON.parse(refused.output)).toMatchObject({
          level: 'fatal',
          message: expect.stringMatching(/^Can't connect to DATABASE_READ_URL: /),
        });
        const started = new Program(
          'main',
          { ...environment, DATABASE_READ_FALLBACK: 'true' },
          tmpdir(),
        );
        const url = await started.printed(LISTENING);
        expect(started.output).toMatch(
          /"warn"[^\n]+"Can't connect to DATABASE_READ_URL: [^\n]+ exports start on DATABASE_URL"/,
        );
        const exportUrl = `${url}/api/v1/calls/export`;
        expect(await new Curl(exportUrl, authorization, []).finish()).toEqual(complete);
        expect((await fetch(`${url}/health/ready`)).status).toBe(200);
        replica.start();
        await until(async () => {
          expect(await total(exportUrl)).toBe(CALLS);
          return started.output.includes('A replica is reachable again');
        }, RECOVERY_MS);
        // Without the primary, the file can only come from the replica.
        api.cluster.stop('immediate');
        try {
          expect(await new Curl(exportUrl, authorization, []).finish()).toEqual(complete);
        } finally {
          api.cluster.start();
        }
        expect(await started.stop()).toBe(0);
      } finally {
        Program.killAll();
      }
    },
    TIMEOUT_MS,
  );
});
