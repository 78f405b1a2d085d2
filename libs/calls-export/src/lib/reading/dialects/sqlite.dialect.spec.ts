import type { QueryRunner } from 'typeorm';
import initSqlJs, { type Database } from 'sql.js';
import { SqliteDialect } from './sqlite.dialect';

const sqlite = new SqliteDialect();

describe('On SQLite', () => {
  it('there is neither COPY nor a pool', () => {
    expect(sqlite.mayCopy).toBe(false);
    expect(sqlite.poolSize()).toBe(Infinity);
  });

  it('a text is compared by its bytes', () => {
    expect(sqlite.isText('call.x', ':text', 'loose')).toBe(
      'CAST(call.x AS BLOB) = CAST(:text AS BLOB)',
    );
  });

  it('times are compared as times, behind a range of days that an index has', () => {
    const time = "strftime('%Y-%m-%d %H:%M:%f', call.x)";
    expect(sqlite.compareTime('call.x', '>=', ':from')).toBe(
      `(call.x >= coalesce(date(:from, '-1 day'), :from) AND ${time} >= :from)`,
    );
    expect(sqlite.compareTime('call.x', '<', ':to')).toBe(
      `(call.x < coalesce(date(:to, '+2 days'), :to) AND ${time} < :to)`,
    );
  });
});

describe('The indexes of SQLite', () => {
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

  /** The indexes of a table that is made by these statements. */
  const indexesOf = async (path: string, ...ddl: string[]) => {
    database.run('DROP TABLE IF EXISTS call; DROP VIEW IF EXISTS calls;');
    for (const statement of ddl) database.run(statement);
    return sqlite.indexes(runner, path);
  };
  const CALL = 'CREATE TABLE call (id INTEGER PRIMARY KEY, account int, start text)';

  it('are undefined of a view, and of nothing', async () => {
    expect(await indexesOf('calls', CALL, 'CREATE VIEW calls AS SELECT * FROM call')).toBe(
      undefined,
    );
    expect(await indexesOf('call')).toBeUndefined();
  });

  it('are none of a table without any', async () => {
    expect(await indexesOf('call', CALL)).toEqual([]);
  });

  it('end with the key that is the rowid', async () => {
    const index = 'CREATE INDEX by_start ON call (account, start)';
    expect(await indexesOf('call', CALL, index)).toEqual([['account', 'start', 'id']]);
    const small = CALL.replace('INTEGER', 'integer');
    expect(await indexesOf('CALL', small, index)).toEqual([['account', 'start', 'id']]);
  });

  it('end before the rowid where no column is it', async () => {
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

  it('end with the key of a table that has no rowid', async () => {
    const table = 'CREATE TABLE call (id int PRIMARY KEY, account int) WITHOUT ROWID';
    const index = 'CREATE INDEX by_account ON call (account)';
    expect(await indexesOf('call', table, index)).toEqual([['account', 'id'], ['id']]);
  });

  it('run one way', async () => {
    const index = (columns: string) => `CREATE INDEX i ON call (${columns})`;
    expect(await indexesOf('call', CALL, index('account, start DESC'))).toEqual([
      ['account', 'start'],
    ]);
    expect(await indexesOf('call', CALL, index('account DESC, start'))).toEqual([
      ['account', 'start', 'id'],
    ]);
  });

  it('are those of all rows, and of columns as they are', async () => {
    const index = (rest: string) => `CREATE INDEX i ON call ${rest}`;
    expect(await indexesOf('call', CALL, index('(account) WHERE account > 0'))).toEqual([]);
    expect(await indexesOf('call', CALL, index('(account, lower(start), id)'))).toEqual([
      ['account'],
    ]);
  });

  it('are those of the database that the path names', async () => {
    database.run("ATTACH ':memory:' AS other");
    database.run('CREATE TABLE other.call (id INTEGER PRIMARY KEY, account int)');
    database.run('CREATE INDEX other.by_account ON call (account)');
    expect(await indexesOf('main.call', CALL)).toEqual([]);
    expect(await sqlite.indexes(runner, 'other.call')).toEqual([['account', 'id']]);
    database.run('DETACH other');
  });
});
