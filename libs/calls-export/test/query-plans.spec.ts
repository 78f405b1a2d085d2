// @needs PostgreSQL server or MariaDB server
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase } from '@calls/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Call } from '../src';
import { postgresOptions } from './exporting-host';
import type { CallsFilter } from '../src';
import { explainedDataSource, nodes, type Plan, rowsRead } from './explained-plans';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';

const CALLS = 40_000;
const PAGE_CALLS = 5_000;
const RARE_ASSISTANT = 1000;

describeEachDatabase(
  'The plans of an export',
  postgresOptions,
  (database) => {
    let host: ExportingHost;
    let plans: Plan[] = [];

    beforeAll(async () => {
      const { dataSource } = database;
      await dataSource.query('ALTER TABLE calls SET (autovacuum_enabled = off)');
      await seedCalls(dataSource, 1, CALLS);
      await seedCalls(dataSource, 2, CALLS / 4);
      await dataSource.query(
        `INSERT INTO assistants (id, account_id, name) VALUES (${RARE_ASSISTANT}, 1, 'Night Shift')`,
      );

      await dataSource.query(
        `UPDATE calls SET assistant_id = ${RARE_ASSISTANT} WHERE account_id = 1 AND id % 100 = 0`,
      );

      host = await ExportingHost.start({
        ...database,
        dataSource: await explainedDataSource(postgresOptions(database.url), (plan) =>
          plans.push(plan),
        ),
      });
    }, 60_000);
    afterAll(() => host.close());

    async function forgetStatistics(): Promise<void> {
      await database.dataSource.query(
        `DELETE FROM pg_statistic WHERE starelid = 'calls'::regclass`,
      );
      await database.dataSource.query(
        `UPDATE pg_class SET reltuples = -1, relpages = 0, relallvisible = 0 WHERE oid = 'calls'::regclass`,
      );
    }

    /** Partitions the table by the month of the start; calls without a start are in the default partition. */
    async function partition(): Promise<void> {
      await database.dataSource.query('ALTER TABLE calls RENAME TO calls_whole');
      await database.dataSource.query(`
        SET LOCAL TimeZone = 'UTC';
        CREATE TABLE calls (LIKE calls_whole INCLUDING DEFAULTS) PARTITION BY RANGE (started_at);
        CREATE INDEX ON calls (account_id, id);
        CREATE INDEX ON calls (account_id, started_at, id);
        CREATE INDEX ON calls (assistant_id, id);
        CREATE TABLE calls_default PARTITION OF calls DEFAULT;
        DO $$
        DECLARE month timestamptz;
        BEGIN
          FOR month IN
            SELECT DISTINCT date_trunc('month', started_at, 'UTC') FROM calls_whole WHERE started_at IS NOT NULL
          LOOP
            EXECUTE format('CREATE TABLE calls_%s PARTITION OF calls FOR VALUES FROM (%L) TO (%L)',
              to_char(month, 'YYYY_MM'), month, month + interval '1 month');
          END LOOP;
        END $$;
        INSERT INTO calls SELECT * FROM calls_whole;
      `);
    }

    const day = (iso: string) => BigInt(Date.parse(iso)) * 1000n;
    const [from, before] = [Date.now() - 3 * 86_400_000, Date.now() - 2 * 86_400_000].map((time) =>
      new Date(time).toISOString().slice(0, 10),
    ) as [string, string];

    // The maximum share of the account that is scanned. It is read twice: to find the ends of pages, and the
    // pages.
    const FILTERS: [string, CallsFilter, number][] = [
      ['of everything', {}, 1],
      ['of a status', { status: 'completed' }, 1],
      ['of a rare status', { status: 'ringing' }, 1],
      ['of an assistant', { assistantId: RARE_ASSISTANT }, 0.02],
      ['of one day', { startedFrom: day(from), startedBefore: day(before) }, 0.05],
      [
        'of a status on one day',
        { status: 'busy', startedFrom: day(from), startedBefore: day(before) },
        0.05,
      ],
      ['from a day on', { startedFrom: day(from) }, 0.12],
    ];

    describe.each([
      ['with statistics', () => database.dataSource.query('VACUUM ANALYZE calls')],
      ['on a table that was never analyzed', forgetStatistics],
    ])('%s', (_title, prepare) => {
      it.each(FILTERS)(
        'only scan index ranges, from the first page to the last: %s',
        async (_name, filter, share) => {
          await prepare();
          plans = [];
          const exported = await host.exportedIds(filter);

          const scans = plans.flatMap(nodes).filter((node) => node['Relation Name'] === 'calls');
          expect(scans.length).toBeGreaterThan(1);
          for (const scan of scans) {
            expect(scan['Node Type']).toMatch(/^Index (Only )?Scan$/);
            expect(rowsRead(scan)).toBeLessThanOrEqual(PAGE_CALLS);
          }
          const read = scans.map(rowsRead).reduce((sum, rows) => sum + rows);
          expect(read).toBeGreaterThanOrEqual(exported.length);
          expect(read).toBeLessThanOrEqual(2 * share * CALLS + 10);
        },
      );
    });

    describe('for a role whose settings make sorting and JIT look cheap', () => {
      const settings = [
        ...['enable_sort=on', 'seq_page_cost=0', 'random_page_cost=1000'],
        ...['jit=on', 'jit_above_cost=0'],
      ];
      let roleHost: ExportingHost;
      let compiled = 0;

      beforeAll(async () => {
        await database.dataSource.query('VACUUM ANALYZE calls');
        const report = (plan: Plan, isCompiled: boolean) => {
          plans.push(plan);
          if (isCompiled) compiled++;
        };
        const dataSource = await explainedDataSource(
          postgresOptions(database.url),
          report,
          settings,
        );
        roleHost = await ExportingHost.start({ ...database, dataSource });
      });
      afterAll(() => roleHost.close());

      it.each(FILTERS.filter(([name]) => /everything|a status on/.test(name)))(
        'only scan index ranges, without sorting or JIT: %s',
        async (_name, filter) => {
          [plans, compiled] = [[], 0];
          await roleHost.exportedIds(filter);
          const all = plans.flatMap(nodes);
          const scans = all.filter((node) => node['Relation Name'] === 'calls');
          expect(scans.length).toBeGreaterThan(1);
          for (const scan of scans) {
            expect(scan['Node Type']).toMatch(/^Index (Only )?Scan$/);
          }
          expect(all.map((node) => node['Node Type'])).not.toContainEqual(
            expect.stringMatching('Sort'),
          );
          expect(compiled).toBe(0);
        },
      );
    });

    describe('on a table that is partitioned by month', () => {
      const files = new Map<string, string>();

      beforeAll(async () => {
        for (const [name, filter] of FILTERS) files.set(name, await host.export(filter));
        await partition();
      }, 60_000);

      it.each(FILTERS)(
        'give the same file, and only scan index ranges: %s',
        async (name, filter, share) => {
          plans = [];
          const file = await host.export(filter);
          expect(file).toBe(files.get(name));
          // The calls are random: on one day, none may have the status.
          const linesMin = filter.status && filter.startedBefore ? 2 : 3;
          expect(file.split('\r\n').length).toBeGreaterThanOrEqual(linesMin);

          const scans = plans
            .flatMap(nodes)
            .filter((node) => node['Relation Name']?.startsWith('calls'));
          for (const scan of scans) expect(scan['Node Type']).toMatch(/^Index (Only )?Scan$/);
          const read = scans.map(rowsRead).reduce((sum, rows) => sum + rows);
          // Finding the end of a page reads one more call in each month.
          expect(read).toBeLessThanOrEqual(2 * share * CALLS + 100);
          if (filter.startedBefore !== undefined) {
            // Except for the account's newest call, which is looked up in every partition.
            const month = `calls_${from.slice(0, 7).replace('-', '_')}`;
            const elsewhere = scans.filter((scan) => scan['Relation Name'] !== month);
            expect(elsewhere.map(rowsRead).every((rows) => rows <= 1)).toBe(true);
            expect(elsewhere.length).toBeLessThan(scans.length / 2);
          }
        },
      );
    });
  },
  ['PostgreSQL server'],
);

describeEachDatabase(
  'The rows that an export reads',
  anyDataSourceOptions,
  (database) => {
    const ACCOUNT_CALLS = 20_000;
    let host: ExportingHost;
    let oneConnection: DataSource;

    beforeAll(async () => {
      const repository = database.dataSource.getRepository(Call);
      for (let done = 0; done < ACCOUNT_CALLS; done += 1000) {
        await repository.insert(
          Array.from({ length: 1000 }, (_, index) => ({
            accountId: 1 + ((done + index) % 2),
            callSid: `CA${done + index}`,
            status: 'completed',
            startedAt: new Date((done + index) * 1000),
          })),
        );
      }
      await database.dataSource.query('ANALYZE TABLE calls');
      // The server counts for each connection.
      oneConnection = await new DataSource({
        ...anyDataSourceOptions(database.url),
        synchronize: false,
        extra: { connectionLimit: 1 },
      } as DataSourceOptions).initialize();
      host = await ExportingHost.start({ ...database, dataSource: oneConnection });
    }, 60_000);
    afterAll(() => host.close());

    const second = (seconds: number) => BigInt(seconds) * 1_000_000n;

    it.each<[string, CallsFilter, number]>([
      ['everything', {}, 10_000],
      ['a status', { status: 'busy' }, 10_000],
      ['a range of dates', { startedFrom: second(4000), startedBefore: second(6000) }, 1_000],
      ['all that started from a date on', { startedFrom: second(4000) }, 8_000],
    ])('are those of the scanned range, twice: %s', async (_name, filter, scanned) => {
      await oneConnection.query('FLUSH STATUS');
      await host.exportedIds(filter);
      const [{ Value }] = await oneConnection.query(`SHOW SESSION STATUS LIKE 'Handler_read_next'`);
      expect(Number(Value)).toBeGreaterThan(scanned);
      expect(Number(Value)).toBeLessThan(2.1 * scanned);
    });
  },
  ['MariaDB server'],
);
