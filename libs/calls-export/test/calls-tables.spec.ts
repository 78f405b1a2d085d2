import { describeEachDatabase } from '@calls/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { AccountTypeError, Assistant, Call, callsMigrations, callsTables } from '../src';
import { explainedDataSource, nodes, type Plan, rowsRead } from './explained-plans';
import { ExportingHost } from './exporting-host';

const CALLS = 10_000;
const PAGE_CALLS = 5_000;

type Settings = Partial<Extract<DataSourceOptions, { type: 'postgres' }>>;

const TYPES = [
  {
    accountType: 'text',
    column: 'text COLLATE "C"',
    accounts: ['acme', 'ACME'],
    migration: 'TextAccounts1795827600000',
  },
  {
    accountType: 'uuid',
    column: 'uuid',
    accounts: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'],
    migration: 'UuidAccounts1795831200000',
  },
] as const;

describe('callsTables', () => {
  it('returns Call, Assistant and callsMigrations if accounts are integers', () => {
    const tables = { entities: [Assistant, Call], migrations: callsMigrations };
    expect(callsTables()).toEqual(tables);
    expect(callsTables({ accountType: 'integer' })).toEqual(tables);
  });
});

describe.each(TYPES)('The tables for accounts of type $accountType', (each) => {
  const { accountType, column, accounts, migration } = each;
  const optionsOf = (url: string) =>
    ({ type: 'postgres', url, logger: 'debug', ...callsTables({ accountType }) }) as const;

  describeEachDatabase('on PostgreSQL', optionsOf, (database) => {
    const opened: DataSource[] = [];
    const open = async (settings: Settings) => {
      const dataSource = new DataSource({ ...optionsOf(database.url), ...settings });
      opened.push(await dataSource.initialize());
      return dataSource;
    };
    const query = (sql: string, parameters?: unknown[]) =>
      database.dataSource.query(sql, parameters);
    const columns = async (...tables: string[]): Promise<string[]> => {
      const rows: { type: string }[] = await query(
        `SELECT format_type(atttypid, atttypmod)
           || coalesce((SELECT format(' COLLATE %I', collname) FROM pg_collation
                        WHERE oid = attcollation AND collname <> 'default'), '') AS type
         FROM pg_attribute WHERE attrelid = ANY($1::regclass[]) AND attname = 'account_id'`,
        [tables],
      );
      return rows.map(({ type }) => type);
    };
    const differences = async (dataSource: DataSource) =>
      (await dataSource.driver.createSchemaBuilder().log()).upQueries.map((each) => each.query);
    const indexes = async () =>
      (
        await query(
          `SELECT indexdef FROM pg_indexes WHERE tablename IN ('calls', 'assistants') ORDER BY 1`,
        )
      ).map(({ indexdef }: { indexdef: string }) => indexdef);

    afterEach(async () => {
      for (const dataSource of opened.splice(0)) await dataSource.destroy();
      await query('DROP SCHEMA IF EXISTS "order", made CASCADE');
      await database.dataSource.dropDatabase();
      await database.dataSource.runMigrations();
    });

    it('match the entities, and have the same indexes as those for integers', async () => {
      expect(await columns('calls', 'assistants')).toEqual([column, column]);
      expect(await differences(database.dataSource)).toEqual([]);
      const before = await indexes();
      await database.dataSource.undoLastMigration();
      expect(await columns('calls', 'assistants')).toEqual(['integer', 'integer']);
      expect(await indexes()).toEqual(before);
      await database.dataSource.runMigrations();
      expect(await columns('calls', 'assistants')).toEqual([column, column]);
      expect(await indexes()).toEqual(before);
    });

    it('are created once, after the other migrations', async () => {
      await database.dataSource.dropDatabase();
      const applied = await database.dataSource.runMigrations();
      expect(applied.map(({ name }) => name)).toEqual([
        'CreateCalls1700000000000',
        'WidenCallSid1795824000000',
        migration,
      ]);
      expect(await database.dataSource.runMigrations()).toEqual([]);
    });

    it('can be created in another schema, with other names, and by synchronize', async () => {
      await query('CREATE SCHEMA "order"; CREATE SCHEMA made');
      const named = await open({ schema: 'order', entityPrefix: 'My App-' });
      await named.runMigrations();
      const tables = ['"order"."My App-calls"', '"order"."My App-assistants"'];
      expect(await columns(...tables)).toEqual([column, column]);
      expect(await differences(named)).toEqual([]);
      const made = await open({ schema: 'made', synchronize: true });
      expect(await columns('made.calls', 'made.assistants')).toEqual([column, column]);
      expect(await differences(made)).toEqual([]);
    });

    it.each(['all', 'none', 'each'] as const)(
      'convert existing accounts, or are left unchanged if one cannot be converted (transaction mode %s)',
      async (migrationsTransactionMode) => {
        await database.dataSource.undoLastMigration();
        await query(`INSERT INTO assistants (account_id, name) VALUES (2147483647, 'Bot')`);
        await query(`INSERT INTO calls (account_id, call_sid, status) VALUES (7, 'CA', 'busy')`);
        const dataSource = await open({ migrationsTransactionMode });
        const found = () =>
          query('SELECT account_id FROM calls UNION ALL SELECT account_id FROM assistants');
        if (accountType === 'text') {
          await dataSource.runMigrations();
          expect(await found()).toEqual([{ account_id: '7' }, { account_id: '2147483647' }]);
          return;
        }
        await expect(dataSource.runMigrations()).rejects.toThrow(AccountTypeError);
        await query('DELETE FROM calls');
        await expect(dataSource.runMigrations()).rejects.toThrow(
          /^Can't change assistants\.account_id to uuid: 2147483647 is not a lowercase UUID/,
        );
        expect(await columns('calls', 'assistants')).toEqual(['integer', 'integer']);
        expect(await found()).toEqual([{ account_id: 2147483647 }]);
      },
    );

    it("are mapped by Call and Assistant, and an export has only the account's rows", async () => {
      for (const accountId of accounts) {
        const owned = { accountId } as object;
        const { id } = await database.dataSource
          .getRepository(Assistant)
          .save({ ...owned, name: accountId });
        await database.dataSource
          .getRepository(Call)
          .insert({ ...owned, callSid: accountId, status: 'busy', assistantId: id });
      }
      for (const settings of [{}, { autoLoadEntities: false }]) {
        const host = await ExportingHost.withSettings({ ...optionsOf(database.url), ...settings });
        for (const accountId of accounts) {
          expect(JSON.parse(await host.export({ format: 'json' }, accountId))).toMatchObject([
            { call_sid: accountId, assistant_name: accountId },
          ]);
        }
        await host.close();
      }
    });
  });

  describeEachDatabase(
    'on a PostgreSQL server',
    optionsOf,
    (database) => {
      it('are read by scans of index ranges', async () => {
        const own = `${accounts[0].slice(0, -1)}1`;
        // Nine accounts, alternating, that differ only in their last character.
        await database.dataSource.query(
          `INSERT INTO calls (account_id, call_sid, status, started_at)
           SELECT ($1::text || minute % 9 + 1)::${accountType}, minute, 'busy', now() - minute * interval '1 minute'
           FROM generate_series(1, $2::int) AS minute`,
          [own.slice(0, -1), 9 * CALLS],
        );
        // With few accounts, the planner may scan the primary key and skip other accounts' calls.
        await database.dataSource.query('ALTER TABLE calls DROP CONSTRAINT calls_pkey');
        await database.dataSource.query('VACUUM ANALYZE calls');
        const plans: Plan[] = [];
        const dataSource = await explainedDataSource(optionsOf(database.url), (plan) =>
          plans.push(plan),
        );
        const host = await ExportingHost.start({ ...database, dataSource });
        expect(await host.exportedIds({}, own)).toHaveLength(CALLS);
        const startedFrom = BigInt(Date.now() - 86_400_000) * 1000n;
        const ofDay = await host.exportedIds({ startedFrom }, own);
        await host.close();
        expect(ofDay.length).toBeGreaterThan(100);
        const scans = plans.flatMap(nodes).filter((node) => node['Relation Name'] === 'calls');
        for (const scan of scans) {
          expect(scan['Node Type']).toMatch(/^Index (Only )?Scan$/);
          expect(rowsRead(scan)).toBeLessThanOrEqual(PAGE_CALLS);
        }
        const read = scans.map(rowsRead).reduce((sum, rows) => sum + rows);
        expect(read).toBeLessThanOrEqual(2 * (CALLS + 1440) + 10);
      }, 60_000);
    },
    ['PostgreSQL server'],
  );
});

describeEachDatabase(
  'Text accounts that are converted to UUIDs',
  (url) => ({ type: 'postgres', url, ...callsTables({ accountType: 'text' }) }),
  (database) => {
    const [own, other] = TYPES[1].accounts;
    const convert = async () => {
      const options = { type: 'postgres', url: database.url, logger: 'debug' } as const;
      const dataSource = await new DataSource({
        ...options,
        ...callsTables({ accountType: 'uuid' }),
      }).initialize();
      try {
        return (await dataSource.runMigrations()).length;
      } finally {
        await dataSource.destroy();
      }
    };

    it('must be lower-case UUIDs, so that no two accounts become one', async () => {
      const { dataSource } = database;
      const calls = [own, other, own.toUpperCase()].map((accountId, index) => ({
        accountId: accountId as never,
        callSid: `CA${index}`,
        status: 'busy',
      }));
      await dataSource.getRepository(Call).insert(calls);
      await expect(convert()).rejects.toThrow(
        `Can't change calls.account_id to uuid: ${own.toUpperCase()} is not a lowercase UUID`,
      );
      await dataSource.query('UPDATE calls SET account_id = lower(account_id)');
      expect(await convert()).toBe(1);
      expect(await dataSource.query('SELECT account_id FROM calls ORDER BY call_sid')).toEqual([
        { account_id: own },
        { account_id: other },
        { account_id: own },
      ]);
    });
  },
);
