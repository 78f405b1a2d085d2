import type { QueryRunner } from 'typeorm';
import initSqlJs, { type Database } from 'sql.js';
import { SqliteDialect } from './sqlite.dialect';

const sqlite = new SqliteDialect();

describe('SqliteDialect', () => {
  it('has neither COPY nor a pool', () => {
    expect(sqlite.mayCopy).toBe(false);
    expect(sqlite.poolSize()).toBe(Infinity);
  });

  it('compares text by its bytes', () => {
    expect(sqlite.isText('call.x', ':text', 'loose')).toBe(
      'CAST(call.x AS BLOB) = CAST(:text AS BLOB)',
    );
  });

  it('compares times exactly, within a range of days that can use an index', () => {
    const time = "strftime('%Y-%m-%d %H:%M:%f', call.x)";
    expect(sqlite.compareTime('call.x', '>=', ':from')).toBe(
      `(call.x >= coalesce(date(:from, '-1 day'), :from) AND ${time} >= :from)`,
    );
    expect(sqlite.compareTime('call.x', '<', ':to')).toBe(
      `(call.x < coalesce(date(:to, '+2 days'), :to) AND ${time} < :to)`,
    );
  });
});

describe('SqliteDialect.indexes', () => {
  let database: Database;
  beforeAll(async () => {
    database = new (await initSqlJs()).Database();
  });
  afterAll(() => database.close());

  const runner = {
    connection: { driver: { escape: (name: string) => `"${name}"` } },
    query: async (sql: string, parameters: string[]) => {
      const statement = database.prepare(sql, parameters);
      const rows: object[] = [];
      while (statement.step()) rows.push(statement.getAsObject());
      statement.free();
      return rows;
    },
  } as unknown as QueryRunner;

  /** Returns the indexes of a table created by these statements. */
  const indexesOf = async (path: string, ...ddl: string[]) => {
    database.run('DROP TABLE IF EXISTS call; DROP VIEW IF EXISTS calls;');
    for (const statement of ddl) database.run(statement);
    return sqlite.indexes(runner, path);
  };
  const CALL = 'CREATE TABLE call (id INTEGER PRIMARY KEY, account int, start text)';

  it('returns undefined for a view or a missing table', async () => {
    expect(await indexesOf('calls', CALL, 'CREATE VIEW calls AS SELECT * FROM call')).toBe(
      undefined,
    );
    expect(await indexesOf('call')).toBeUndefined();
  });

  it('returns no indexes for a table without any', async () => {
    expect(await indexesOf('call', CALL)).toEqual([]);
  });

  it('appends the primary key if it is the rowid', async () => {
    const index = 'CREATE INDEX by_start ON call (account, start)';
    expect(await indexesOf('call', CALL, index)).toEqual([['account', 'start', 'id']]);
    const small = CALL.replace('INTEGER', 'integer');
    expect(await indexesOf('CALL', small, index)).toEqual([['account', 'start', 'id']]);
  });

  it('does not append the rowid if it is not a column', async () => {
    const index = 'CREATE INDEX by_account ON call (account)';
    const columns = 'account int, start text';
    for (const [table, own] of [
      [`CREATE TABLE call (id int PRIMARY KEY, ${columns})`, ['id']],
      [`CREATE TABLE call (id integer, ${columns}, PRIMARY KEY (account, id))`, ['account', 'id']],
      [`CREATE TABLE call (id integer, ${columns})`, []],
    ] as const) {
      const indexes = await indexesOf('call', table, index);
      expect(indexes).toEqual([['account'], ...(own.length > 0 ? [own] : [])]);
    }
  });

  it('appends the primary key of a table without a rowid', async () => {
    const table = 'CREATE TABLE call (id int PRIMARY KEY, account int) WITHOUT ROWID';
    const index = 'CREATE INDEX by_account ON call (account)';
    expect(await indexesOf('call', table, index)).toEqual([['account', 'id'], ['id']]);
  });

  it('returns only the columns before one of the other direction', async () => {
    const index = (columns: string) => `CREATE INDEX i ON call (${columns})`;
    expect(await indexesOf('call', CALL, index('account, start DESC'))).toEqual([
      ['account', 'start'],
    ]);
    expect(await indexesOf('call', CALL, index('account DESC, start'))).toEqual([
      ['account', 'start', 'id'],
    ]);
  });

  it('leaves out partial indexes, and returns only the columns before an expression', async () => {
    const index = (rest: string) => `CREATE INDEX i ON call ${rest}`;
    expect(await indexesOf('call', CALL, index('(account) WHERE account > 0'))).toEqual([]);
    expect(await indexesOf('call', CALL, index('(account, lower(start), id)'))).toEqual([
      ['account'],
    ]);
  });

  it('reads the indexes of the database in the path', async () => {
    database.run("ATTACH ':memory:' AS other");
    database.run('CREATE TABLE other.call (id INTEGER PRIMARY KEY, account int)');
    database.run('CREATE INDEX other.by_account ON call (account)');
    expect(await indexesOf('main.call', CALL)).toEqual([]);
    expect(await sqlite.indexes(runner, 'other.call')).toEqual([['account', 'id']]);
    database.run('DETACH other');
  });
});
