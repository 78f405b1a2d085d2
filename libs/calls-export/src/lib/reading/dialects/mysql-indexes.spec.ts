import type { QueryRunner } from 'typeorm';
import { mysqlIndexes } from './mysql-indexes';

const TABLE = { TABLE_TYPE: 'BASE TABLE', ENGINE: 'InnoDB' };

/** A column of an index, as MySQL's catalog has it: a plain one, unless it says otherwise. */
const part = (index: string, column: string | null, other: object = {}) => ({
  INDEX_NAME: index,
  COLUMN_NAME: column,
  COLLATION: 'A',
  SUB_PART: null,
  INDEX_TYPE: 'BTREE',
  IS_VISIBLE: 'YES',
  ...other,
});
const PRIMARY = part('PRIMARY', 'id');
const BY_ACCOUNT = part('by_account', 'account_id');

/** What is found in a catalog, and what that was asked. */
async function found(table: object | undefined, parts: object[], path = 'call') {
  const asked: string[] = [];
  const query = async (sql: string, parameters: unknown[]) => {
    const [, from = '', rest] = /^SELECT \* FROM information_schema\.(\w+) (.*)$/.exec(sql) ?? [];
    asked.push(`${from} ${rest} ${JSON.stringify(parameters)}`);
    const tables: Record<string, object[]> = { tables: table ? [table] : [], statistics: parts };
    return tables[from];
  };
  const indexes = await mysqlIndexes({ query } as unknown as QueryRunner, path);
  return { indexes, asked };
}
const indexesOf = async (...parts: object[]) => (await found(TABLE, parts)).indexes;

describe('mysqlIndexes', () => {
  it.each([
    ['call', '[null,"call"]'],
    ['crm.call', '["crm","call"]'],
  ])('asks the catalog for %s', async (path, parameters) => {
    const where = 'WHERE table_schema = coalesce(?, database()) AND table_name = ?';
    expect((await found(TABLE, [], path)).asked).toEqual([
      `tables ${where} ${parameters}`,
      `statistics ${where} ORDER BY index_name, seq_in_index ${parameters}`,
    ]);
  });

  it.each([
    ['a view', { TABLE_TYPE: 'VIEW', ENGINE: null }],
    ["a view of the server's", { TABLE_TYPE: 'SYSTEM VIEW', ENGINE: null }],
    ['nothing', undefined],
  ])('are undefined of %s', async (_, table) => {
    const { indexes, asked } = await found(table, [BY_ACCOUNT]);
    expect(indexes).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it('are none of a table without any', async () => {
    expect(await indexesOf()).toEqual([]);
  });

  it('end with what they lack of the primary key', async () => {
    const key = [part('PRIMARY', 'account_id'), part('PRIMARY', 'id')];
    expect(await indexesOf(...key, BY_ACCOUNT, part('by_status', 'status'))).toEqual([
      ['account_id', 'id'],
      ['account_id', 'id'],
      ['status', 'account_id', 'id'],
    ]);
  });

  it('do not where there is no primary key, or it is of another engine', async () => {
    expect(await indexesOf(BY_ACCOUNT)).toEqual([['account_id']]);
    const { indexes } = await found({ ...TABLE, ENGINE: 'MyISAM' }, [PRIMARY, BY_ACCOUNT]);
    expect(indexes).toEqual([['id'], ['account_id']]);
  });

  it('are found by names in small letters too', async () => {
    const small = (row: object) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
    const { indexes } = await found(small(TABLE), [small(PRIMARY), small(BY_ACCOUNT)]);
    expect(indexes).toEqual([['id'], ['account_id', 'id']]);
  });

  it.each([
    ['is no tree', { INDEX_TYPE: 'FULLTEXT' }],
    ['is invisible', { IS_VISIBLE: 'NO' }],
    ['is ignored', { IS_VISIBLE: undefined, IGNORED: 'YES' }],
  ])('leave out one that %s', async (_, other) => {
    expect(await indexesOf(PRIMARY, { ...BY_ACCOUNT, ...other })).toEqual([['id']]);
  });

  it("have one of MariaDB's that is not ignored", async () => {
    const row = { ...BY_ACCOUNT, IS_VISIBLE: undefined, IGNORED: 'NO' };
    expect(await indexesOf(PRIMARY, row)).toEqual([['id'], ['account_id', 'id']]);
  });

  it.each([
    ['an expression', part('by_account', null)],
    ['the beginning of a text', part('by_account', 'status', { SUB_PART: 3 })],
    ['a column that runs the other way', part('by_account', 'status', { COLLATION: 'D' })],
  ])('end before %s', async (_, other) => {
    expect(await indexesOf(BY_ACCOUNT, part('by_account', 'b'), other)).toEqual([
      ['account_id', 'b'],
    ]);
  });
});
