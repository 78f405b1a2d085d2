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

/** What is told of a table that has these indexes; undefined stands for a view. */
function told(indexes: string[][] | undefined, table: Table = {}): Promise<string | undefined> {
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

/** The lists of columns that a warning names. */
async function missing(indexes: string[][], table?: Table): Promise<string | undefined> {
  return (await told(indexes, table))?.replace(/^.* has no index on |\. Without it, .*$/g, '');
}

describe('missingIndexes', () => {
  it('tells of one that is missing, and how to create it', async () => {
    expect(await told([BY_ID, OF_ASSISTANT])).toBe(
      'The table call has no index on (account_id, started_at, id). Without it, each page of an export may ' +
        "scan all of an account's calls, or the whole table. To create it: " +
        'CREATE INDEX "call_account_id_started_at_id" ON "call" ("account_id", "started_at", "id");',
    );
  });

  it('tells of several, of a table in a schema', async () => {
    const text = await told([BY_START], { path: 'tenant.call' });
    expect(text).toMatch(
      /^The table tenant\.call has no index on \(account_id, id\) and \(assistant_id, id\)\. Without /,
    );
    expect(text?.split(': ').at(-1)).toBe(
      'CREATE INDEX "call_account_id_id" ON "tenant"."call" ("account_id", "id"); ' +
        'CREATE INDEX "call_assistant_id_id" ON "tenant"."call" ("assistant_id", "id");',
    );
  });

  it('gives an index a name that is no longer than PostgreSQL takes', async () => {
    const text = await told([BY_ID, OF_ASSISTANT], {
      path: 'calls_of_all_the_assistants_of_the_account',
    });
    expect(text).toContain(
      'CREATE INDEX "calls_of_all_the_assistants_of_the_account_account_id_starte" ON "calls_of_all_the_assistants_of_the_account" (',
    );
  });

  it('has nothing to tell of a view, or where all are there', async () => {
    expect(await told(undefined)).toBeUndefined();
    expect(await told([BY_ID, BY_START, OF_ASSISTANT])).toBeUndefined();
  });

  it.each<[string, string[]]>([
    ['with further columns', [...BY_ID, 'status']],
    ['in capitals', ['ACCOUNT_ID', 'Id']],
  ])('takes an index %s', async (_, index) => {
    expect(await missing([index, BY_START, OF_ASSISTANT])).toBeUndefined();
  });

  it('takes an index in small letters where the entity has capitals', async () => {
    const columns = { accountId: 'AccountId', id: 'ID' };
    const small = [['accountid', 'id'], ['accountid', 'started_at', 'id'], OF_ASSISTANT];
    expect(await missing(small, { columns })).toBeUndefined();
  });

  it.each<[string, string[]]>([
    ['has one column less', ['account_id']],
    ['has the columns in another order', ['id', 'account_id']],
    ['has another one between them', ['account_id', 'status', 'id']],
    ['has others', ['status', 'id']],
    ['has none', []],
  ])('takes no index that %s', async (_, index) => {
    expect(await missing([index, BY_START, OF_ASSISTANT])).toBe('(account_id, id)');
  });

  it('wants those of the order of creation where ids do not grow', async () => {
    expect(await missing([BY_ID, OF_ASSISTANT], { growing: 'createdAt' })).toBe(
      '(account_id, created_at, id) and (account_id, started_at, id) and (assistant_id, created_at, id)',
    );
  });

  it('wants none of assistants where there are none, or the database does not walk their calls', async () => {
    for (const table of [{ hasAssistants: false }, { scansByAssistant: false }]) {
      expect(await missing([], table)).toBe('(account_id, id) and (account_id, started_at, id)');
    }
  });
});
