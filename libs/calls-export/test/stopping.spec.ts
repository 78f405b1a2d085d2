// @needs PostgreSQL server or MariaDB server
import { describeEachDatabase, until } from '@calls/testing';
import { Call } from '../src';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';

const CALLS = 2_000;

describeEachDatabase(
  'An export or count that is stopped while a statement runs',
  anyDataSourceOptions,
  (database) => {
    let host: ExportingHost;
    let isPostgres: boolean;

    beforeAll(async () => {
      isPostgres = database.dataSource.options.type === 'postgres';
      host = await ExportingHost.start(database, { maxPerAccount: 1, pageSize: 500 });
      const calls = Array.from({ length: CALLS }, (_, index) => ({
        accountId: 1,
        callSid: `CA${index}`,
        status: 'completed',
      }));
      await database.dataSource.getRepository(Call).insert(calls);
    });
    afterAll(() => host.close());

    /** Makes every statement that reads calls wait until the work is done. */
    async function whileLocked(work: () => Promise<void>): Promise<void> {
      const runner = database.dataSource.createQueryRunner();
      try {
        if (isPostgres) {
          await runner.startTransaction();
          await runner.query('LOCK TABLE calls IN ACCESS EXCLUSIVE MODE');
        } else {
          await runner.query('LOCK TABLES calls WRITE');
        }
        await work();
      } finally {
        if (isPostgres) await runner.rollbackTransaction();
        else await runner.query('UNLOCK TABLES');
        await runner.release();
      }
    }

    async function waiting(): Promise<number> {
      const [{ count }] = await database.dataSource.query(
        isPostgres
          ? `SELECT count(*) AS count FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'`
          : `SELECT count(*) AS count FROM information_schema.processlist
             WHERE db = DATABASE() AND state LIKE 'Waiting for table%'`,
      );
      return Number(count);
    }

    const untilOneWaits = () => until(async () => (await waiting()) > 0, 20_000);
    const untilNoneWaits = () => until(async () => (await waiting()) === 0, 20_000);

    it.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
      ['an export before its first page', (signal) => host.stream({ signal })],
      ['a count', (signal) => host.count({}, 1, signal)],
    ])('leaves no running statement: %s', async (_, work) => {
      await whileLocked(async () => {
        const stop = new AbortController();
        const reason = new Error('the client has disconnected');
        const stopped = work(stop.signal).catch((error: unknown) => error);
        await untilOneWaits();
        stop.abort(reason);
        expect(await stopped).toBe(reason);
        await untilNoneWaits();
      });
      // The slot and the connections are free, and no late cancellation hits the next statement.
      for (let time = 0; time < 20; time++) expect(await host.exportedIds()).toHaveLength(CALLS);
    });

    it('leaves no running statement: an export in the middle of its file', async () => {
      const stream = await host.stream();
      const closed = new Promise((resolve) => stream.once('close', resolve));
      await whileLocked(async () => {
        stream.resume();
        await untilOneWaits();
        stream.destroy();
        await closed;
        await untilNoneWaits();
      });
      for (let time = 0; time < 20; time++) expect(await host.exportedIds()).toHaveLength(CALLS);
    });
  },
  ['PostgreSQL server', 'MariaDB server'],
);

describeEachDatabase(
  'A count that exceeds countTimeout',
  anyDataSourceOptions,
  (database) => {
    it('is undefined', async () => {
      const host = await ExportingHost.start(database, { countTimeout: 0.5, maxPerAccount: 1 });
      try {
        const runner = database.dataSource.createQueryRunner();
        await runner.startTransaction();
        await runner.query('LOCK TABLE calls IN ACCESS EXCLUSIVE MODE');
        expect(await host.count()).toBeUndefined();
        await runner.rollbackTransaction();
        await runner.release();
        expect(await host.count()).toBe(0);
      } finally {
        await host.close();
      }
    });
  },
  ['PostgreSQL server'],
);
