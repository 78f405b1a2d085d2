import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@calls/testing';
import { Client } from 'pg';
import type { QueryRunner } from 'typeorm';
import { Curl, type CurlResult } from '../curl';
import { bearer } from '../start-api';
import { figure } from './figures';
import { MeasuredApi } from './measured-api';
import type { PostgresCluster } from './postgres-cluster';

/** Enough that the file exceeds the buffers between the API and curl. */
const CALLS = 300_000;
const TIMEOUT_MS = 120_000;
const RESTART_MS = 3_000;
/** How long replication may take on a busy machine. */
const REPLICATION_MS = 30_000;
const RECOVERY_MS = 60_000;

describe('The API with a replica', () => {
  let api: MeasuredApi;
  let replica: PostgresCluster;
  let complete: CurlResult;
  const { authorization } = bearer(1) as { authorization: string };
  const curl = (args: string[] = []) => new Curl(api.exportUrl(), authorization, args);

  beforeAll(async () => {
    api = await MeasuredApi.start(1, CALLS, {}, true);
    replica = api.replica as PostgresCluster;
    complete = await curl().finish();
    expect(complete.exitCode).toBe(0);
    expect(complete.bytes).toBeGreaterThan(100 * CALLS);
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
    'exports what was written to the primary',
    async () => {
      expect(await total()).toBe(CALLS);
      await api.dataSource.query(
        `INSERT INTO calls (account_id, call_sid, status) VALUES (1, 'CAnew', 'queued')`,
      );
      await until(async () => (await total()) === CALLS + 1, REPLICATION_MS);
      await api.dataSource.query(`DELETE FROM calls WHERE call_sid = 'CAnew'`);
      await until(async () => (await total()) === CALLS, REPLICATION_MS);
      expect(await curl().finish()).toEqual(complete);
    },
    TIMEOUT_MS,
  );

  it(
    'completes an export if the replica restarts in the meantime',
    async () => {
      const running = await curl().begin();
      replica.stop('fast');
      const finished = running.finish();
      await sleep(RESTART_MS);
      replica.start();
      expect(await finished).toEqual(complete);
      figure(
        `The replica is stopped during an export, and started ${RESTART_MS / 1000} s later`,
        'the file is complete',
      );
    },
    TIMEOUT_MS,
  );

  it(
    'retries a page that a recovery conflict cancels',
    async () => {
      const before = api.program.output.length;
      const conflicts = () =>
        api
          .complaints(before)
          .filter(({ message }) => message?.includes('canceling statement due to conflict'));
      const running = await curl(['-H', 'X-Request-Id: conflict-1']).begin();
      const writers: QueryRunner[] = [];
      /** Locks a table on both servers, as a migration would. */
      const lock = async (table: string) => {
        const writer = api.dataSource.createQueryRunner();
        writers.push(writer);
        await writer.startTransaction();
        await writer.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
        // Sends the WAL to the replica at once.
        await api.dataSource.query('SELECT pg_switch_wal()');
      };
      try {
        // The page waits for the lock on assistants while it holds one on calls. Replay needs the latter.
        await lock('assistants');
        const finished = running.finish();
        const waiting = `SELECT FROM pg_stat_activity
          WHERE application_name = 'calls-export' AND wait_event_type = 'Lock'`;
        await until(async () => (await onReplica(waiting)).length > 0, REPLICATION_MS);
        await lock('calls');
        await until(() => conflicts().length > 0, REPLICATION_MS);
        for (const writer of writers) await writer.rollbackTransaction();
        expect(await finished).toEqual(complete);
      } finally {
        for (const writer of writers) await writer.release();
      }
      // The log line has the request's ID, although a later event triggered the page.
      expect(conflicts()[0]?.requestId).toBe('conflict-1');
      figure('A recovery conflict on the replica cancels a page', 'the file is complete');
    },
    TIMEOUT_MS,
  );

  it(
    'exports while the primary is down, and is not ready while the replica is down',
    async () => {
      api.cluster.stop('immediate');
      try {
        expect(await curl().finish()).toEqual(complete);
        expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
      } finally {
        api.cluster.start();
      }
      replica.stop('immediate');
      const status = async () => (await fetch(`${api.url}/health/ready`)).status;
      // The API caches its state for a second.
      await until(async () => (await status()) === 503, RECOVERY_MS);
      expect((await fetch(api.exportUrl(), { headers: { authorization } })).status).toBe(503);
      replica.start();
      await until(async () => (await status()) === 200, RECOVERY_MS);
      expect(await curl().finish()).toEqual(complete);
    },
    TIMEOUT_MS,
  );
});
