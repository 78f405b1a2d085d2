import type { QueryRunner } from 'typeorm';
import { postgresIndexes } from './postgres-indexes';

/** Returns the indexes found in a catalog with these rows, and the parameters it received. */
async function found(rows: { columns: string | null }[], path = 'call') {
  const parameters: unknown[] = [];
  const runner = {
    connection: { driver: { escape: (name: string) => `"${name}"` } },
    query: async (sql: string, values: unknown[]) => {
      parameters.push(...values);
      return /FROM pg_class [^]* = to_regclass\(\$1\)/.test(sql) ? rows : [];
    },
  };
  return { indexes: await postgresIndexes(runner as unknown as QueryRunner, path), parameters };
}

const row = (...columns: [string | null, boolean][]) => ({
  columns: JSON.stringify(columns.map(([name, isDescending]) => ({ name, isDescending }))),
});

describe('postgresIndexes', () => {
  it.each([
    ['call', '"call"'],
    ['crm.Call', '"crm"."Call"'],
  ])('queries the catalog for %s, escaped as in queries', async (path, name) => {
    expect((await found([], path)).parameters).toEqual([name]);
  });

  it('returns undefined if there is no such table', async () => {
    expect((await found([])).indexes).toBeUndefined();
  });

  it('returns no indexes for a table without any', async () => {
    expect((await found([{ columns: null }])).indexes).toEqual([]);
  });

  it('returns the columns of each index that a scan can use', async () => {
    const { indexes } = await found([
      row(['id', false]),
      row(['account_id', false], ['started_at', true], ['id', true]),
      row(['account_id', false], ['started_at', true], ['id', false]),
      row(['account_id', false], [null, false], ['id', false]),
    ]);
    expect(indexes).toEqual([
      ['id'],
      ['account_id', 'started_at', 'id'],
      ['account_id', 'started_at'],
      ['account_id'],
    ]);
  });
});
