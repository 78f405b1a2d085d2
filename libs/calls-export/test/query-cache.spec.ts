import { describeEachDatabase, EVERY_DATABASE } from '@calls/testing';
import { Assistant, Call } from '../src';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';

const CALLS = 300;
const TABLE = 'query-result-cache';

/** Caches the result of every query that does not opt out, for longer than the test runs. */
const CACHE = {
  type: 'database',
  alwaysEnabled: true,
  duration: 3_600_000,
  tableName: TABLE,
} as const;

describeEachDatabase(
  "TypeORM's query result cache, if it is always enabled,",
  anyDataSourceOptions,
  (database) => {
    let added = 0;
    let hosts: Map<boolean, ExportingHost>;

    async function addCalls(count: number): Promise<void> {
      const calls = Array.from({ length: count }, () => ({
        accountId: 1,
        callSid: `CA${++added}`,
        assistantId: 1,
        status: 'completed',
      }));
      const insert = database.dataSource.createQueryBuilder().insert().into(Call).values(calls);
      // Otherwise TypeORM reads back on SQLite what it has written, and caches that.
      await insert.updateEntity(false).execute();
    }

    async function cached(): Promise<string[]> {
      const { dataSource } = database;
      const rows = await dataSource.query(`SELECT query FROM ${dataSource.driver.escape(TABLE)}`);
      return rows.map(({ query }: { query: string }) => query);
    }

    beforeAll(async () => {
      const { dataSource } = database;
      const runner = dataSource.createQueryRunner();
      // Only once the schema exists, since TypeORM would cache its queries for the schema too.
      dataSource.setOptions({ cache: CACHE });
      await dataSource.queryResultCache?.synchronize(runner);
      await runner.release();
      await dataSource.getRepository(Assistant).insert({ accountId: 1, name: 'Support Bot' });
      await addCalls(CALLS);
      await dataSource.queryResultCache?.clear();
      const options = { pageSize: 50 };
      hosts = new Map([
        [true, await ExportingHost.start(database, { ...options, copy: true })],
        [false, await ExportingHost.start(database, { ...options, copy: false })],
      ]);
    }, 60_000);
    afterEach(() => database.dataSource.queryResultCache?.clear());
    afterAll(async () => {
      for (const host of hosts.values()) await host.close();
    });

    it("caches the host's own queries", async () => {
      const count = () => database.dataSource.getRepository(Call).createQueryBuilder().getCount();
      const counted = await count();
      await addCalls(1);
      expect(await count()).toBe(counted);
      expect(await cached()).toHaveLength(1);
    });

    const FILTERS = [{}, { assistantId: 1 }, { status: 'completed' }];

    it.each([true, false])('does not cache what an export reads (copy: %s)', async (copy) => {
      const host = hosts.get(copy) as ExportingHost;
      for (const filter of FILTERS) {
        const before = await host.export({ ...filter, format: 'json' });
        await addCalls(1);
        const after = await host.export({ ...filter, format: 'json' });
        expect(JSON.parse(after)).toEqual([
          ...JSON.parse(before),
          expect.objectContaining({ call_sid: `CA${added}`, assistant_name: 'Support Bot' }),
        ]);
      }
      expect(await cached()).toEqual([]);
    });

    it.each([true, false])('does not cache a count (copy: %s)', async (copy) => {
      const host = hosts.get(copy) as ExportingHost;
      for (const filter of FILTERS) {
        expect(await host.count(filter)).toBe(added);
        await addCalls(1);
        expect(await host.count(filter)).toBe(added);
      }
      expect(await cached()).toEqual([]);
    });

    it.each([true, false])("does not cache an assistant's name (copy: %s)", async (copy) => {
      const host = hosts.get(copy) as ExportingHost;
      const names = async () => {
        const calls = JSON.parse(await host.export({ format: 'json' })) as {
          assistant_name: string;
        }[];
        return new Set(calls.map(({ assistant_name }) => assistant_name));
      };
      await names();
      const assistants = database.dataSource.getRepository(Assistant);
      await assistants.update({ id: 1 }, { name: `Renamed, copy: ${copy}` });
      try {
        expect(await names()).toEqual(new Set([`Renamed, copy: ${copy}`]));
      } finally {
        await assistants.update({ id: 1 }, { name: 'Support Bot' });
      }
    });
  },
  EVERY_DATABASE,
);
