import { describeEachDatabase } from '@calls/testing';
import { DataSource, type DataSourceOptions, DefaultNamingStrategy } from 'typeorm';
import { Assistant, Call, callsMigrations } from '../src';
import { ExportingHost, postgresOptions } from './exporting-host';

class Articles extends DefaultNamingStrategy {
  override tableName(entity: string, given: string | undefined): string {
    return `the ${super.tableName(entity, given)}`;
  }
}

type Settings = Partial<Extract<DataSourceOptions, { type: 'postgres' }>>;

/** Settings that say where the tables are, with the names of the tables. */
const LOCATIONS: [title: string, settings: Settings, calls: string, assistants: string][] = [
  ['a schema', { schema: 'apart' }, 'apart.calls', 'apart.assistants'],
  [
    'a prefix',
    { entityPrefix: 'app_', migrationsTableName: 'app_migrations' },
    'public.app_calls',
    'public.app_assistants',
  ],
  [
    'a schema and a prefix',
    { schema: 'apart', entityPrefix: 'app_' },
    'apart.app_calls',
    'apart.app_assistants',
  ],
  [
    'names that need quotes',
    { schema: 'order', entityPrefix: 'My App-' },
    '"order"."My App-calls"',
    '"order"."My App-assistants"',
  ],
  [
    'a naming strategy',
    { schema: 'named', namingStrategy: new Articles() },
    'named."the calls"',
    'named."the assistants"',
  ],
];

describeEachDatabase('The migrations', postgresOptions, (database) => {
  const opened: DataSource[] = [];

  async function open(settings: Settings): Promise<DataSource> {
    const dataSource = new DataSource({ ...postgresOptions(database.url), ...settings });
    opened.push(await dataSource.initialize());
    return dataSource;
  }

  /** Which of these names are tables. */
  async function tablesOf(...names: string[]): Promise<string[]> {
    const rows: { name: string; there: boolean }[] = await database.dataSource.query(
      `SELECT name, to_regclass(name) IS NOT NULL AS there FROM unnest($1::text[]) AS name`,
      [names],
    );
    return rows.filter(({ there }) => there).map(({ name }) => name);
  }

  async function undoAll(dataSource: DataSource): Promise<void> {
    for (let left = callsMigrations.length; left > 0; left--) await dataSource.undoLastMigration();
  }

  async function differences(dataSource: DataSource): Promise<string[]> {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  }

  afterEach(async () => {
    for (const dataSource of opened.splice(0)) await dataSource.destroy();
    await database.dataSource.query(`DROP SCHEMA IF EXISTS apart, "order", named, other CASCADE`);
    await database.dataSource.query(
      `DROP TABLE IF EXISTS app_calls, app_assistants, app_migrations`,
    );
    await database.dataSource.runMigrations();
  });

  it('create the schema that the entities describe', async () => {
    expect(await differences(database.dataSource)).toEqual([]);
  });

  it('name indexes and constraints after the tables', async () => {
    const names: { name: string }[] = await database.dataSource.query(`
      SELECT indexrelid::regclass::text AS name FROM pg_index
      WHERE indrelid IN ('calls'::regclass, 'assistants'::regclass)
      UNION SELECT conname FROM pg_constraint
      WHERE conrelid IN ('calls'::regclass, 'assistants'::regclass) AND contype <> 'n'
      UNION SELECT pg_get_serial_sequence(name, 'id') FROM unnest('{calls,assistants}'::text[]) AS name
      ORDER BY name`);
    expect(names.map(({ name }) => name).sort()).toEqual([
      'assistants_account_id',
      'assistants_pkey',
      'calls_account_id_id',
      'calls_account_id_started_at_id',
      'calls_assistant_id_fkey',
      'calls_assistant_id_id',
      'calls_call_sid_key',
      'calls_pkey',
      'public.assistants_id_seq',
      'public.calls_id_seq',
    ]);
  });

  it('can be reverted and run again', async () => {
    await undoAll(database.dataSource);
    expect(await tablesOf('calls', 'assistants')).toEqual([]);
    await database.dataSource.runMigrations();
    expect(await tablesOf('calls', 'assistants')).toEqual(['calls', 'assistants']);
  });

  describe('that widen call_sid', () => {
    const query = (sql: string) => database.dataSource.query(sql);
    const width = async () =>
      (
        await query(`SELECT character_maximum_length AS width FROM information_schema.columns
                     WHERE table_name = 'calls' AND column_name = 'call_sid'`)
      )[0].width;
    /** A table or an index that is rewritten gets a new file. */
    const files = () =>
      query(`SELECT relname, pg_relation_filenode(oid) AS file FROM pg_class
             WHERE relname IN ('calls', 'calls_call_sid_key') ORDER BY relname`);
    const add = (sid: string) =>
      query(`INSERT INTO calls (account_id, call_sid, status) VALUES (1, '${sid}', 'queued')`);
    const lengths = async () =>
      (await query('SELECT length(call_sid) AS length FROM calls ORDER BY id')).map(
        ({ length }: { length: number }) => length,
      );

    beforeEach(async () => {
      await database.dataSource.undoLastMigration();
      await add('C'.repeat(34));
    });
    afterEach(() => query('DELETE FROM calls'));

    it('rewrite neither the table nor its index, and keep the calls', async () => {
      expect(await width()).toBe(34);
      await expect(add('C'.repeat(35))).rejects.toThrow('value too long');
      const before = await files();
      expect(before).toHaveLength(2);
      await database.dataSource.runMigrations();
      expect(await files()).toEqual(before);
      expect(await width()).toBe(255);
      await add('C'.repeat(255));
      await expect(add('C'.repeat(256))).rejects.toThrow('value too long');
      expect(await lengths()).toEqual([34, 255]);
    });

    it('cannot be reverted if that would truncate a call_sid', async () => {
      await database.dataSource.runMigrations();
      await add('C'.repeat(35));
      await expect(database.dataSource.undoLastMigration()).rejects.toThrow('value too long');
      expect([await width(), await lengths()]).toEqual([255, [34, 35]]);
    });
  });

  describe.each(LOCATIONS)('in a DataSource with %s', (_title, settings, calls, assistants) => {
    let dataSource: DataSource;

    beforeEach(async () => {
      const schema = calls.slice(0, calls.indexOf('.'));
      await database.dataSource.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
      // Otherwise the names of the indexes are taken.
      if (schema === 'public') await undoAll(database.dataSource);
      dataSource = await open(settings);
      await dataSource.runMigrations();
    });

    it('create the tables where the entities expect them', async () => {
      expect(await tablesOf(calls, assistants)).toEqual([calls, assistants]);
      expect(await differences(dataSource)).toEqual([]);
    });

    it('can be reverted and run again', async () => {
      const others = await tablesOf('calls', 'assistants');
      await undoAll(dataSource);
      expect(await tablesOf(calls, assistants)).toEqual([]);
      expect(await tablesOf('calls', 'assistants')).toEqual(others);
      await dataSource.runMigrations();
      expect(await tablesOf(calls, assistants)).toEqual([calls, assistants]);
    });

    it('create tables that an export reads, with listed or auto-loaded entities', async () => {
      const { id } = await dataSource.getRepository(Assistant).save({ accountId: 1, name: 'Bot' });
      await dataSource
        .getRepository(Call)
        .insert({ accountId: 1, callSid: 'CA1', status: 'queued', assistantId: id });
      for (const entities of [[Call, Assistant], []]) {
        const host = await ExportingHost.withSettings({
          ...postgresOptions(database.url),
          ...settings,
          entities,
        });
        expect(JSON.parse(await host.export({ format: 'json' }))).toMatchObject([
          { call_sid: 'CA1', assistant_name: 'Bot' },
        ]);
        await host.close();
      }
    });

    it('run without entities too', async () => {
      await undoAll(dataSource);
      const bare = await open({ ...settings, entities: [], migrations: [...callsMigrations] });
      await bare.runMigrations();
      expect(await tablesOf(calls, assistants)).toEqual([calls, assistants]);
    });
  });

  it('create tables with several prefixes in one schema', async () => {
    await database.dataSource.query('CREATE SCHEMA other');
    for (const entityPrefix of ['a_', 'b_', '', `${'long_'.repeat(10)}`]) {
      const dataSource = await open({
        schema: 'other',
        entityPrefix,
        migrationsTableName: `${entityPrefix}migrations`,
      });
      await dataSource.runMigrations();
      const indexes: { columns: string }[] = await database.dataSource.query(
        `SELECT substring(indexdef FROM '\\((.*)\\)') AS columns FROM pg_indexes
         WHERE schemaname = 'other' AND tablename = $1 ORDER BY columns`,
        [`${entityPrefix}calls`],
      );
      expect(indexes.map(({ columns }) => columns)).toEqual([
        'account_id, id',
        'account_id, started_at, id',
        'assistant_id, id',
        'call_sid',
        'id',
      ]);
    }
  });
});
