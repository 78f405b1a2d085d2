import type { QueryRunner } from 'typeorm';
import { mysqlIndexes } from './mysql-indexes';

const TABLE = { TABLE_TYPE: 'BASE TABLE', ENGINE: 'InnoDB' };

/** A catalog row for a column of an index: an ascending btree column, unless `other` overrides that. */
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

/** Returns the indexes found in a catalog with these rows, and the queries it received. */
async function found(table: object | undefined, parts: object[], path = 'call') {
  const queries: string[] = [];
  const query = async (sql: string, parameters: unknown[]) => {
    const [, from = '', rest] = /^SELECT \* FROM information_schema\.(\w+) (.*)$/.exec(sql) ?? [];
    queries.push(`${from} ${rest} ${JSON.stringify(parameters)}`);
    const tables: Record<string, object[]> = { tables: table ? [table] : [], statistics: parts };
    return tables[from];
  };
  const indexes = await mysqlIndexes({ query } as unknown as QueryRunner, path);
  return { indexes, queries };
}
const indexesOf = async (...parts: object[]) => (await found(TABLE, parts)).indexes;

describe('mysqlIndexes', () => {
  it.each([
    ['call', '[null,"call"]'],
    ['crm.call', '["crm","call"]'],
  ])('queries the catalog for the table path %s', async (path, parameters) => {
    const where = 'WHERE table_schema = coalesce(?, database()) AND table_name = ?';
    expect((await found(TABLE, [], path)).queries).toEqual([
      `tables ${where} ${parameters}`,
      `statistics ${where} ORDER BY index_name, seq_in_index ${parameters}`,
    ]);
  });

  it.each([
    ['a view', { TABLE_TYPE: 'VIEW', ENGINE: null }],
    ['a system view', { TABLE_TYPE: 'SYSTEM VIEW', ENGINE: null }],
    ['a missing table', undefined],
  ])('returns undefined for %s', async (_, table) => {
    const { indexes, queries } = await found(table, [BY_ACCOUNT]);
    expect(indexes).toBeUndefined();
    expect(queries).toHaveLength(1);
  });

  it('returns no indexes for a table without any', async () => {
    expect(await indexesOf()).toEqual([]);
  });

  it('appends the missing columns of the primary key', async () => {
    const key = [part('PRIMARY', 'account_id'), part('PRIMARY', 'id')];
    expect(await indexesOf(...key, BY_ACCOUNT, part('by_status', 'status'))).toEqual([
      ['account_id', 'id'],
      ['account_id', 'id'],
      ['status', 'account_id', 'id'],
    ]);
  });

  it('appends nothing without a primary key or on an engine other than InnoDB', async () => {
    expect(await indexesOf(BY_ACCOUNT)).toEqual([['account_id']]);
    const { indexes } = await found({ ...TABLE, ENGINE: 'MyISAM' }, [PRIMARY, BY_ACCOUNT]);
    expect(indexes).toEqual([['id'], ['account_id']]);
  });

  it('accepts lower-case column names in the catalog', async () => {
    const lowerCase = (row: object) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
    const { indexes } = await found(lowerCase(TABLE), [lowerCase(PRIMARY), lowerCase(BY_ACCOUNT)]);
    expect(indexes).toEqual([['id'], ['account_id', 'id']]);
  });

  it.each([
    ['is not a btree', { INDEX_TYPE: 'FULLTEXT' }],
    ['is invisible', { IS_VISIBLE: 'NO' }],
    ['is ignored', { IS_VISIBLE: undefined, IGNORED: 'YES' }],
  ])('leaves out an index that %s', async (_, other) => {
    expect(await indexesOf(PRIMARY, { ...BY_ACCOUNT, ...other })).toEqual([['id']]);
  });

  it('includes an index that MariaDB does not ignore', async () => {
    const row = { ...BY_ACCOUNT, IS_VISIBLE: undefined, IGNORED: 'NO' };
    expect(await indexesOf(PRIMARY, row)).toEqual([['id'], ['account_id', 'id']]);
  });

  it.each([
    ['an expression', part('by_account', null)],
    ['a column prefix', part('by_account', 'status', { SUB_PART: 3 })],
    ['a column of the other direction', part('by_account', 'status', { COLLATION: 'D' })],
  ])('returns only the columns before %s', async (_, other) => {
    expect(await indexesOf(BY_ACCOUNT, part('by_account', 'b'), other)).toEqual([
      ['account_id', 'b'],
    ]);
  });
});
