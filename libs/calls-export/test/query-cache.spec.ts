import { describeEachDatabase, EVERY_DATABASE } from '@calls/testing';
import { Assistant, Call } from '../src';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';

const CALLS = 300;
const TABLE = 'query-result-cache';

/** What any query finds is kept, unless the query says otherwise, for longer than the test takes. */
const CACHE = {
  type: 'database',
  alwaysEnabled: true,
  duration: 3_600_000,
  tableName: TABLE,
} as const;

describeEachDatabase(
  'A cache of all queries',
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
      await database.dataSource.getRepository(Call).insert(calls);
    }

    async function cached(): Promise<string[]> {
      const { dataSource } = database;
      const rows = await dataSource.query(`SELECT query FROM ${dataSource.driver.escape(TABLE)}`);
      return rows.map(({ query }: { query: string }) => query);
    }

    beforeAll(async () => {
      const { dataSource } = database;
      const runner = dataSource.createQueryRunner();
      // Not before the schema is there: TypeORM caches what it asks of it too.
      dataSource.setOptions({ cache: CACHE });
      await dataSource.queryResultCache?.synchronize(runner);
      await runner.release();
      await dataSource.getRepository(Assistant).insert({ accountId: 1, name: 'Support Bot' });
      await addCalls(CALLS);
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

    it("keeps the host's own queries", async () => {
      const count = () => database.dataSource.getRepository(Call).createQueryBuilder().getCount();
      const counted = await count();
      await addCalls(1);
      expect(await count()).toBe(counted);
      expect(await cached()).toHaveLength(1);
    });

    it.each([true, false])(
      'keeps nothing of exports and counts, which see calls that are new (copy: %s)',
      async (copy) => {
        const host = hosts.get(copy) as ExportingHost;
        for (const query of [{}, { assistantId: 1 }, { status: 'completed' }]) {
          const before = await host.export({ ...query, format: 'json' });
          const counted = await host.count(query);
          expect(counted).toBe(added);
          await addCalls(1);
          expect(await host.count(query)).toBe(added);
          const after = await host.export({ ...query, format: 'json' });
          expect(JSON.parse(after)).toEqual([
            ...JSON.parse(before),
            expect.objectContaining({ call_sid: `CA${added}`, assistant_name: 'Support Bot' }),
          ]);
        }
        expect(await cached()).toEqual([]);
      },
    );

    it.each([true, false])('does not keep the name of an assistant (copy: %s)', async (copy) => {
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
