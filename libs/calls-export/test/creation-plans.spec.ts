// @needs PostgreSQL server or MariaDB server
import { describeEachDatabase } from '@calls/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { CallsFilter } from '../src';
import { CREATED_HOSTS, type CreatedHost, createdOptions } from './created-hosts';
import { explainedDataSource, nodes, type Plan, rowsRead } from './explained-plans';
import { ExportingHost } from './exporting-host';
import { bareOptions, typeOf } from './find/entities';

const CALLS = 20_000;
const PAGE_CALLS = 2_000;
const ASSISTANT = 'night-shift';
const KINDS = ['random UUIDs', 'random UUIDs, created to the second', 'UUIDs that grow'];

const second = (seconds: number) => BigInt(seconds) * 1_000_000n;
const [startedFrom, startedBefore] = [second(4000), second(5000)];

/**
 * The filters, and the number of calls in the range that each scans.
 * The range is read twice: to find the ends of pages, and to read the pages.
 */
const FILTERS: [string, CallsFilter, number][] = [
  ['everything', {}, CALLS],
  ['a status', { status: 'busy' }, CALLS],
  ['an assistant', { assistantId: ASSISTANT }, CALLS / 100],
  ['a range of dates', { startedFrom, startedBefore }, 1_000],
  ['an assistant on these dates', { startedFrom, startedBefore, assistantId: ASSISTANT }, 1_000],
  ['all that started from a date on', { startedFrom }, CALLS - 4_000],
];

/** Creates a host's tables with calls of two accounts; many calls have the same creation time. */
async function makeTables(entities: CreatedHost, url: string): Promise<DataSource> {
  const dataSource = await new DataSource(createdOptions(entities, url)).initialize();
  const name = 'Night Shift';
  await dataSource
    .getRepository(entities.assistants.entity)
    .insert({ id: ASSISTANT, accountId: 1, name });
  for (let done = 0; done < 1.25 * CALLS; done += 1_000) {
    const calls = Array.from({ length: 1_000 }, (_, index) => ({
      id: entities.newId(),
      accountId: done < CALLS ? 1 : 2,
      callSid: `CA${done + index}`,
      status: 'completed',
      assistantId: (done + index) % 100 === 0 ? ASSISTANT : null,
      startedAt: new Date((done + index) * 1000),
      createdAt: new Date((done + index) * 100),
    }));
    const insert = dataSource.getRepository(entities.calls.entity).createQueryBuilder().insert();
    await insert.values(calls).updateEntity(false).execute();
  }
  return dataSource;
}

describe.each(KINDS)('With ids that are %s,', (kind) => {
  const setUp = (url: string) => CREATED_HOSTS[kind]?.(typeOf(url)) as CreatedHost;

  describeEachDatabase(
    'the plans of an export',
    bareOptions,
    (database) => {
      let plans: Plan[] = [];
      let host: ExportingHost;
      let tables: DataSource;

      beforeAll(async () => {
        const entities = setUp(database.url);
        tables = await makeTables(entities, database.url);
        await tables.query('ALTER TABLE calls SET (autovacuum_enabled = off)');
        const options = createdOptions(entities, database.url);
        const still = { ...options, synchronize: false, dropSchema: false };
        const dataSource = await explainedDataSource(still as DataSourceOptions, (plan) =>
          plans.push(plan),
        );
        const { calls, assistants } = entities;
        const module = { calls, assistants, pageSize: PAGE_CALLS };
        host = await ExportingHost.start({ ...database, dataSource }, module);
      }, 60_000);
      afterAll(async () => {
        await host?.close();
        await tables?.destroy();
      });

      describe.each([
        ['on a table that was never analyzed', false],
        ['with statistics', true],
      ])('%s', (_title, isAnalyzed) => {
        beforeAll(() => isAnalyzed && tables.query('VACUUM ANALYZE calls'));

        it.each(FILTERS)('only scan index ranges: %s', async (_name, filter, scanned) => {
          plans = [];
          await host.exportedIds(filter);
          const scans = plans.flatMap(nodes).filter((node) => node['Relation Name'] === 'calls');
          expect(scans.length).toBeGreaterThan(1);
          for (const scan of scans) {
            expect(scan['Node Type']).toMatch(/^Index (Only )?Scan$/);
            expect(rowsRead(scan)).toBeLessThanOrEqual(PAGE_CALLS);
          }
          const read = scans.map(rowsRead).reduce((sum, rows) => sum + rows);
          expect(read).toBeGreaterThanOrEqual(scanned);
          expect(read).toBeLessThanOrEqual(2 * scanned + 10);
        });
      });
    },
    ['PostgreSQL server'],
  );

  describeEachDatabase(
    'the rows that an export reads',
    bareOptions,
    (database) => {
      let host: ExportingHost;
      let oneConnection: DataSource;

      beforeAll(async () => {
        const entities = setUp(database.url);
        const tables = await makeTables(entities, database.url);
        await tables.query('ANALYZE TABLE calls');
        await tables.destroy();
        // The server counts for each connection.
        oneConnection = await new DataSource({
          ...createdOptions(entities, database.url),
          synchronize: false,
          dropSchema: false,
          extra: { connectionLimit: 1 },
        } as DataSourceOptions).initialize();
        const { calls, assistants } = entities;
        const module = { calls, assistants, pageSize: PAGE_CALLS };
        host = await ExportingHost.start({ ...database, dataSource: oneConnection }, module);
      }, 60_000);
      afterAll(() => host?.close());

      it.each(FILTERS)(
        'are those of the scanned range, twice: %s',
        async (_name, filter, scanned) => {
          // MySQL scans the account's calls, or those of the date range, but not the assistant's.
          const passed = filter.startedFrom === undefined ? CALLS : scanned;
          await oneConnection.query('FLUSH STATUS');
          await host.exportedIds(filter);
          const [{ Value }] = await oneConnection.query(
            `SHOW SESSION STATUS LIKE 'Handler_read_next'`,
          );
          expect(Number(Value)).toBeGreaterThan(passed);
          expect(Number(Value)).toBeLessThan(2.1 * passed);
        },
      );
    },
    ['MariaDB server'],
  );
});
