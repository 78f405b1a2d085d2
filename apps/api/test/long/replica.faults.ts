import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { QueryRunner } from 'typeorm';
import { Curl, type CurlResult } from '../curl';
import { LISTENING, Program } from '../program';
import { bearer, SECRET } from '../start-api';
import { figure } from './figures';
import { MeasuredApi } from './measured-api';
import type { PostgresCluster } from './postgres-cluster';

/** More than the sockets and pipes between the two ends hold. */
const CALLS = 300_000;
const TIMEOUT_MS = 120_000;
const RESTART_MS = 3_000;

describe('The API that reads exports from a replica', () => {
  let api: MeasuredApi;
  let replica: PostgresCluster;
  let whole: CurlResult;
  const { authorization } = bearer(1) as { authorization: string };
  const curl = (args: string[] = []) => new Curl(api.exportUrl(), authorization, args);

  beforeAll(async () => {
    api = await MeasuredApi.start(1, CALLS, {}, true);
    replica = api.replica as PostgresCluster;
    whole = await curl().finish();
    expect(whole.exitCode).toBe(0);
    expect(whole.bytes).toBeGreaterThan(100 * CALLS);
  }, TIMEOUT_MS);
  afterAll(() => api.stop(), TIMEOUT_MS);

  async function onReplica<Row>(sql: string): Promise<Row[]> {
    const client = new Client(replica.url);
    await client.connect();
    return client
      .query(sql)
      .then(({ rows }) => rows)
      .finally(() => client.end());
  }

  const total = async () => {
    const response = await fetch(api.exportUrl(), { method: 'HEAD', headers: { authorization } });
    return Number(response.headers.get('x-total-count'));
  };

  it(
    'sees there what was written to the primary',
    async () => {
      expect(await total()).toBe(CALLS);
      await api.dataSource.query(
        `INSERT INTO calls (account_id, call_sid, status) VALUES (1, 'CAnew', 'queued')`,
      );
      while ((await total()) !== CALLS + 1);
      await api.dataSource.query(`DELETE FROM calls WHERE call_sid = 'CAnew'`);
      while ((await total()) !== CALLS);
      expect(await curl().finish()).toEqual(whole);
    },
    TIMEOUT_MS,
  );

  it(
    'goes on where the replica restarts in the middle',
    async () => {
      const running = await curl().begin();
      replica.stop('fast');
      const finished = running.finish();
      await sleep(RESTART_MS);
      replica.start();
      expect(await finished).toEqual(whole);
      figure(
        `A replica that exports are read from is stopped in the middle of one, and started ${RESTART_MS / 1000} s later`,
        'the file is whole',
      );
    },
    TIMEOUT_MS,
  );

  it(
    'reads a page again that was cancelled by a recovery conflict',
    async () => {
      const before = api.program.output.length;
      const conflicts = () =>
        api
          .complaints(before)
          .filter(({ message }) => message?.includes('canceling statement due to conflict'));
      const running = await curl(['-H', 'X-Request-Id: conflict-1']).begin();
      const writers: QueryRunner[] = [];
      /** Keeps everybody off a table, on the replica as well, as a migration would. */
      const lock = async (table: string) => {
        const writer = api.dataSource.createQueryRunner();
        writers.push(writer);
        await writer.startTransaction();
        await writer.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
        // Sends what has been logged to the replica, now.
        await api.dataSource.query('SELECT pg_switch_wal()');
      };
      try {
        // The page waits for the assistants and holds the calls, which the replica has to take from it.
        await lock('assistants');
        const finished = running.finish();
        const waiting = `SELECT FROM pg_stat_activity WHERE application_name = 'calls-export' AND wait_event_type = 'Lock'`;
        while ((await onReplica(waiting)).length === 0);
        await lock('calls');
        while (conflicts().length === 0) await sleep(20);
        for (const writer of writers) await writer.rollbackTransaction();
        expect(await finished).toEqual(whole);
      } finally {
        for (const writer of writers) await writer.release();
      }
      // The line belongs to the request, though another event than that asked for the page.
      expect(conflicts()[0]?.requestId).toBe('conflict-1');
      figure('A recovery conflict on the replica cancels a page', 'the file is whole');
    },
    TIMEOUT_MS,
  );

  it(
    'serves without the primary, and is not ready without the replica',
    async () => {
      api.cluster.stop('immediate');
      try {
        expect(await curl().finish()).toEqual(whole);
        expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
      } finally {
        api.cluster.start();
      }
      replica.stop('immediate');
      // What was found within the last second is told again.
      while ((await fetch(`${api.url}/health/ready`)).status !== 503);
      expect((await fetch(api.exportUrl(), { headers: { authorization } })).status).toBe(503);
      replica.start();
      while ((await fetch(`${api.url}/health/ready`)).status !== 200);
      expect(await curl().finish()).toEqual(whole);
    },
    TIMEOUT_MS,
  );
});

describe('The API that may read exports from the primary', () => {
  let api: MeasuredApi;
  let replica: PostgresCluster;
  let whole: CurlResult;
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
    whole = await curl().finish();
    expect(whole.exitCode).toBe(0);
  }, TIMEOUT_MS);
  afterAll(() => api.stop(), TIMEOUT_MS);

  it(
    'begins exports there while the replica is away, is ready, and goes back to the replica',
    async () => {
      const before = api.program.output.length;
      replica.stop('immediate');
      const files = await Promise.all(Array.from({ length: 4 }, () => curl().finish()));
      for (const file of files) expect(file).toEqual(whole);
      expect(await total()).toBe(CALLS);
      for (let asked = 0; asked < 3; asked++) expect(await ready()).toBe(200);
      expect(warnings(before)).toHaveLength(1);

      replica.start();
      // Only the replica shows that it is one.
      const isBack = () =>
        api.program.output.slice(before).includes('A replica can be reached again');
      while (!isBack()) expect(await total()).toBe(CALLS);
      expect(await curl().finish()).toEqual(whole);
      expect(warnings(before)).toHaveLength(1);
      figure(
        'A replica that exports are read from is away, with DATABASE_READ_FALLBACK=true',
        'exports that begin then are whole, from the primary; the log has one line',
      );
    },
    TIMEOUT_MS,
  );

  it(
    'breaks an export off that has begun on the replica, rather than go on at another state',
    async () => {
      const running = await curl().begin();
      replica.stop('immediate');
      try {
        expect((await running.finish()).exitCode).not.toBe(0);
        expect(await curl().finish()).toEqual(whole);
      } finally {
        replica.start();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'starts while the replica is away, with a warning, and not if it may not read the primary',
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
          message: expect.stringMatching(/^DATABASE_READ_URL can't be connected to: /),
        });
        const started = new Program(
          'main',
          { ...environment, DATABASE_READ_FALLBACK: 'true' },
          tmpdir(),
        );
        const url = await started.printed(LISTENING);
        expect(started.output).toMatch(
          /"warn"[^\n]+"DATABASE_READ_URL can't be connected to: [^\n]+ exports begin on DATABASE_URL"/,
        );
        const exportUrl = `${url}/api/v1/calls/export`;
        expect(await new Curl(exportUrl, authorization, []).finish()).toEqual(whole);
        expect((await fetch(`${url}/health/ready`)).status).toBe(200);
        replica.start();
        while (!started.output.includes('A replica can be reached again')) {
          expect(await total(exportUrl)).toBe(CALLS);
        }
        // What comes without the primary is the replica's.
        api.cluster.stop('immediate');
        try {
          expect(await new Curl(exportUrl, authorization, []).finish()).toEqual(whole);
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
