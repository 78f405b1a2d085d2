import type { QueryRunner } from 'typeorm';
import { postgresIndexes } from './postgres-indexes';

/** What is found where the catalog gives these rows. */
async function found(rows: { columns: string | null }[], path = 'call') {
  const asked: unknown[] = [];
  const runner = {
    connection: { driver: { escape: (name: string) => `"${name}"` } },
    query: async (sql: string, parameters: unknown[]) => {
      asked.push(...parameters);
      return /FROM pg_class [^]* = to_regclass\(\$1\)/.test(sql) ? rows : [];
    },
  };
  return { indexes: await postgresIndexes(runner as unknown as QueryRunner, path), asked };
}

const row = (...columns: [string | null, boolean][]) => ({
  columns: JSON.stringify(columns.map(([name, isDescending]) => ({ name, isDescending }))),
});

describe('postgresIndexes', () => {
  it.each([
    ['call', '"call"'],
    ['crm.Call', '"crm"."Call"'],
  ])('asks the catalog for %s as queries name it', async (path, name) => {
    expect((await found([], path)).asked).toEqual([name]);
  });

  it('are undefined where there is no table', async () => {
    expect((await found([])).indexes).toBeUndefined();
  });

  it('are none of a table without any', async () => {
    expect((await found([{ columns: null }])).indexes).toEqual([]);
  });

  it('are the columns that walks can go along', async () => {
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
