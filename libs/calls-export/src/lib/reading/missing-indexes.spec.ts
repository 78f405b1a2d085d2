import type { QueryRunner } from 'typeorm';
import type { CallsEntities } from '../entities/calls-entities';
import type { Connections } from './connections';
import type { Dialect } from './dialects/dialect';
import { missingIndexes } from './missing-indexes';

const COLUMNS: Record<string, string> = {
  id: 'id',
  accountId: 'account_id',
  assistantId: 'assistant_id',
  startedAt: 'started_at',
  createdAt: 'created_at',
};

interface Table {
  readonly path?: string;
  readonly growing?: 'id' | 'createdAt';
  readonly hasAssistants?: boolean;
  readonly scansByAssistant?: boolean;
  readonly columns?: Record<string, string>;
}

/** The warning about a table with these indexes; undefined stands for a view. */
function warningFor(
  indexes: string[][] | undefined,
  table: Table = {},
): Promise<string | undefined> {
  const { path = 'call', growing = 'id', hasAssistants = true, scansByAssistant = true } = table;
  const columns = { ...COLUMNS, ...table.columns };
  const entities = {
    calls: {
      repository: { metadata: { tablePath: path } },
      column: (field: string) => ({ databaseName: columns[field] }),
    },
    assistants: hasAssistants ? {} : undefined,
    growing,
    dataSource: { driver: { escape: (name: string) => `"${name}"` } },
  };
  const runner = {} as QueryRunner;
  const connections = { use: (work: (lent: QueryRunner) => unknown) => work(runner) };
  const dialect = {
    scansByAssistant,
    indexes: async (lent: QueryRunner, of: string) => {
      expect(lent).toBe(runner);
      expect(of).toBe(path);
      return indexes;
    },
  };
  return missingIndexes(
    entities as unknown as CallsEntities,
    dialect as unknown as Dialect,
    connections as unknown as Connections,
  );
}

const BY_ID = ['account_id', 'id'];
const BY_START = ['account_id', 'started_at', 'id'];
const OF_ASSISTANT = ['assistant_id', 'id'];

/** The lists of columns that the warning names. */
async function missing(indexes: string[][], table?: Table): Promise<string | undefined> {
  return (await warningFor(indexes, table))?.replace(
    /^.* has no index on |\. Without it, .*$/g,
    '',
  );
}

describe('missingIndexes', () => {
  it('names a missing index and the DDL that creates it', async () => {
    expect(await warningFor([BY_ID, OF_ASSISTANT])).toBe(
      'The table call has no index on (account_id, started_at, id). Without it, each page of an export may ' +
        "scan all of an account's calls, or the whole table. To create it: " +
        'CREATE INDEX "call_account_id_started_at_id" ON "call" ("account_id", "started_at", "id");',
    );
  });

  it('names several missing indexes of a table in a schema', async () => {
    const text = await warningFor([BY_START], { path: 'tenant.call' });
    expect(text).toMatch(
      /^The table tenant\.call has no index on \(account_id, id\) and \(assistant_id, id\)\. Without /,
    );
    expect(text?.split(': ').at(-1)).toBe(
      'CREATE INDEX "call_account_id_id" ON "tenant"."call" ("account_id", "id"); ' +
        'CREATE INDEX "call_assistant_id_id" ON "tenant"."call" ("assistant_id", "id");',
    );
  });

  it('truncates index names to 60 characters', async () => {
    const text = await warningFor([BY_ID, OF_ASSISTANT], {
      path: 'calls_of_all_the_assistants_of_the_account',
    });
    expect(text).toContain(
      'CREATE INDEX "calls_of_all_the_assistants_of_the_account_account_id_starte" ON "calls_of_all_the_assistants_of_the_account" (',
    );
  });

  it('returns undefined for a view, or if no index is missing', async () => {
    expect(await warningFor(undefined)).toBeUndefined();
    expect(await warningFor([BY_ID, BY_START, OF_ASSISTANT])).toBeUndefined();
  });

  it.each<[string, string[]]>([
    ['with additional columns', [...BY_ID, 'status']],
    ['with names in upper case', ['ACCOUNT_ID', 'Id']],
  ])('accepts an index %s', async (_, index) => {
    expect(await missing([index, BY_START, OF_ASSISTANT])).toBeUndefined();
  });

  it('ignores the case of column names in the entity', async () => {
    const columns = { accountId: 'AccountId', id: 'ID' };
    const small = [['accountid', 'id'], ['accountid', 'started_at', 'id'], OF_ASSISTANT];
    expect(await missing(small, { columns })).toBeUndefined();
  });

  it.each<[string, string[]]>([
    ['lacks a column', ['account_id']],
    ['has the columns in another order', ['id', 'account_id']],
    ['has another column in between', ['account_id', 'status', 'id']],
    ['has other columns', ['status', 'id']],
    ['has no columns', []],
  ])('does not accept an index that %s', async (_, index) => {
    expect(await missing([index, BY_START, OF_ASSISTANT])).toBe('(account_id, id)');
  });

  it('requires the indexes by creation if ids do not grow', async () => {
    expect(await missing([BY_ID, OF_ASSISTANT], { growing: 'createdAt' })).toBe(
      '(account_id, created_at, id) and (account_id, started_at, id) and (assistant_id, created_at, id)',
    );
  });

  it('requires no index of assistants if there are none, or if the database does not scan by assistant', async () => {
    for (const table of [{ hasAssistants: false }, { scansByAssistant: false }]) {
      expect(await missing([], table)).toBe('(account_id, id) and (account_id, started_at, id)');
    }
  });
});
