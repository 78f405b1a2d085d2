import { describeEachDatabase, EVERY_DATABASE, type TestDatabase } from '@calls/testing';
import { Logger } from '@nestjs/common';
import { DataSource, type DataSourceOptions, type EntitySchemaOptions } from 'typeorm';
import type { CallsExportModuleOptions, MappedCalls } from '../src';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';
import { assistantsSchema, bareOptions, callsSchema, type Columns, typeOf } from './find/entities';

const BY_ID = '(account_id, id)';
const BY_CREATION = '(account_id, created_at, id)';
const BY_START = '(account_id, started_at, id)';
const OF_ASSISTANT = '(assistant_id, id)';
const OF_ASSISTANT_BY_CREATION = '(assistant_id, created_at, id)';
const ALL = [BY_ID, BY_START, OF_ASSISTANT];
const UUID_ID = { type: 'varchar', length: '36' } as const;
const CREATED = { type: Date, name: 'created_at', nullable: true } as const;

let warnings: string[];
beforeEach(() => {
  warnings = [];
  jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => void warnings.push(line));
});
afterEach(() => jest.restoreAllMocks());

interface Setup {
  readonly ddl?: readonly string[];
  readonly columns?: Columns;
  readonly table?: Partial<EntitySchemaOptions<object>>;
  readonly module?: Partial<CallsExportModuleOptions>;
  readonly mapped?: Partial<MappedCalls>;
}

let indexes = 0;
const index = (columns: string, rest = '') =>
  `CREATE INDEX i${indexes++} ON host_call ${columns}${rest}`;

/**
 * Starts a host whose table has what these statements create. @returns the column lists that its warning
 * names.
 */
async function missing(database: TestDatabase, setup: Setup): Promise<string[]> {
  const { ddl = [], columns, table, module, mapped } = setup;
  const type = typeOf(database.url);
  const own = { assistantId: { name: 'assistant_id', nullable: true }, ...columns };
  const entity = callsSchema(type, own, table);
  const assistants = { entity: assistantsSchema(type) };
  const dataSource = new DataSource({
    ...bareOptions(database.url),
    entities: [entity, assistants.entity],
    synchronize: true,
    dropSchema: true,
  } as DataSourceOptions);
  await dataSource.initialize();
  for (const statement of ddl) await dataSource.query(statement);
  const options = { calls: { entity, ...mapped }, assistants, ...module };
  warnings = [];
  const host = await ExportingHost.start({ ...database, dataSource }, options);
  await host.close();
  expect(warnings.length).toBeLessThanOrEqual(1);
  const [lists] = /(?<=has no index on ).*?(?=\. Without)/.exec(warnings[0] ?? '') ?? [''];
  return lists.split(' and ').filter(Boolean);
}

describeEachDatabase(
  'The warning about missing indexes',
  bareOptions,
  (database) => {
    const type = () => typeOf(database.url);
    /** MySQL always scans the account's calls, so it needs no index on assistants. */
    const needed = (...lists: string[]) =>
      lists.filter((list) => type() !== 'mariadb' || !list.startsWith('(assistant_id'));
    const find = (setup: Setup = {}) => missing(database, setup);

    it('names all missing indexes, and the statements that create them', async () => {
      expect(await find()).toEqual(needed(...ALL));
      expect(warnings[0]).toMatch(/^The table host_call has no index on /);
      const ddl = warnings[0]?.match(/CREATE INDEX .*?;/g) ?? [];
      expect(ddl).toHaveLength(needed(...ALL).length);
      expect(await find({ ddl })).toEqual([]);
    });

    it.each(ALL)('names %s alone if the others exist', async (list) => {
      const ddl = ALL.filter((columns) => columns !== list).map((columns) => index(columns));
      expect(await find({ ddl })).toEqual(needed(list));
    });

    it('accepts indexes with additional columns and in descending order', async () => {
      const start = '(account_id, started_at DESC, id DESC)';
      const ddl = [index('(account_id DESC, id, status)'), index(start), index(OF_ASSISTANT)];
      expect(await find({ ddl })).toEqual([]);
    });

    it('rejects indexes with mixed directions or with the columns in another order', async () => {
      const ddl = [index('(id, account_id)'), index('(account_id, started_at DESC, id)')];
      expect(await find({ ddl })).toEqual(needed(...ALL));
    });

    it('accepts the primary key', async () => {
      const table = 'CREATE TABLE host_call (account_id int, id int, assistant_id int, started_at';
      const time = type() === 'postgres' ? 'timestamptz' : 'datetime';
      const ddl = [
        'DROP TABLE host_call',
        `${table} ${time}, PRIMARY KEY (account_id, id))`,
        index(type() === 'mariadb' ? '(account_id, started_at)' : BY_START),
        index(OF_ASSISTANT),
      ];
      expect(await find({ ddl })).toEqual([]);
    });

    it('counts the primary key that MySQL and SQLite append to an index', async () => {
      const lists = ['(account_id)', '(account_id, started_at)', '(assistant_id)'];
      // SQLite appends only a key of this type.
      const columns = { id: { type: type() === 'sqljs' ? 'integer' : 'int' } } as const;
      const ddl = lists.map((columns) => index(columns));
      expect(await find({ ddl, columns })).toEqual(type() === 'postgres' ? ALL : []);
    });

    it('names indexes in the order of creation if ids do not grow', async () => {
      const columns = { id: UUID_ID, createdAt: CREATED };
      const setup = { columns, ddl: [index(BY_START), index(BY_ID)] };
      expect(await find(setup)).toEqual(needed(BY_CREATION, OF_ASSISTANT_BY_CREATION));
      const mapped = { idsGrow: true };
      expect(await find({ ...setup, mapped })).toEqual(needed(OF_ASSISTANT));
      const ddl = [...setup.ddl, index(BY_CREATION), index(OF_ASSISTANT_BY_CREATION)];
      expect(await find({ columns, ddl })).toEqual([]);
    });

    it('names no index on assistants if the host has none', async () => {
      const ddl = [index(BY_ID), index(BY_START)];
      expect(await find({ ddl, module: { assistants: false } })).toEqual([]);
    });

    it('rejects partial indexes, and those on expressions or prefixes of texts', async () => {
      const odd = {
        postgres: [index(BY_ID, ' WHERE id > 0'), index('((account_id + 0), id)')],
        mariadb: [index('(account_id(3), id)')],
        sqljs: [index(BY_ID, ' WHERE id > 0'), index('(account_id + 0, id)')],
      }[type()];
      const columns: Columns = type() === 'mariadb' ? { accountId: { type: 'varchar' } } : {};
      const ddl = [...odd, index(BY_START), index(OF_ASSISTANT)];
      expect(await find({ ddl, columns })).toEqual([BY_ID]);
    });

    it('is not logged for a view or a missing table', async () => {
      const drop = 'DROP TABLE host_call';
      expect(await find({ ddl: [drop] })).toEqual([]);
      expect(await find({ ddl: [drop, 'CREATE VIEW host_call AS SELECT 1 AS id'] })).toEqual([]);
    });
  },
  EVERY_DATABASE,
);

describeEachDatabase('The warning about missing indexes on PostgreSQL', bareOptions, (database) => {
  const others = [index(BY_START), index(OF_ASSISTANT)];

  it.each<[string, string[]]>([
    ['a hash index', ['CREATE INDEX ON host_call USING hash (account_id)']],
    ['an index that only includes the id', ['CREATE INDEX ON host_call (account_id) INCLUDE (id)']],
    ['an index with nulls at the other end', [index('(account_id, id NULLS FIRST)')]],
    [
      'an index that is still being built',
      [
        'CREATE INDEX unfinished ON host_call (account_id, id)',
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'unfinished'::regclass",
      ],
    ],
  ])('does not count %s', async (_title, ddl) => {
    expect(await missing(database, { ddl: [...ddl, ...others] })).toEqual([BY_ID]);
  });

  it.each(['text_pattern_ops', 'COLLATE "POSIX"', ''])(
    'counts an index on texts only in the order of their column (%s)',
    async (rest) => {
      const columns = { id: { type: 'text' } } as const;
      const ddl = [index(`(account_id, id ${rest})`), ...others];
      const found = await missing(database, { ddl, columns, mapped: { idsGrow: true } });
      expect(found).toEqual(rest === '' ? [] : [BY_ID]);
    },
  );

  it('counts the indexes of a partitioned table', async () => {
    const columns = '(id int, account_id int, assistant_id int, started_at timestamptz)';
    const ddl = [
      'DROP TABLE host_call',
      `CREATE TABLE host_call ${columns} PARTITION BY RANGE (started_at)`,
      'CREATE TABLE host_call_rest PARTITION OF host_call DEFAULT',
      index(BY_ID),
      index(OF_ASSISTANT),
    ];
    expect(await missing(database, { ddl })).toEqual([BY_START]);
  });

  it('is right for a table in another schema, with names that need quotes', async () => {
    await database.dataSource.query(`CREATE SCHEMA IF NOT EXISTS "Odd $1 é"`);
    const table = { schema: `Odd $1 é`, tableName: 'Phone Calls' };
    const columns = { accountId: { type: 'int', name: 'Account' } } as const;
    expect(await missing(database, { table, columns })).toContain('(Account, id)');
    const ddl = warnings[0]?.match(/CREATE INDEX .*?;/g) ?? [];
    expect(ddl).toHaveLength(3);
    expect(await missing(database, { table, columns, ddl })).toEqual([]);
  });
});

describeEachDatabase(
  "The library's own tables",
  anyDataSourceOptions,
  (database) => {
    it('have all the indexes that an export needs', async () => {
      const host = await ExportingHost.start(database);
      expect(await host.exportedIds()).toEqual([]);
      await host.close();
      expect(warnings).toEqual([]);
    });
  },
  EVERY_DATABASE,
);
