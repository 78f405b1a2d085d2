import { begin, NEWEST, read } from '../../../test/begin-query';
import { EXACT, LOOSE, type OtherHost, told } from '../../../test/entities-on';
import type { ColumnFacts } from './dialects/dialect';

const failing = (code: string) => Object.assign(new Error('failed'), { code });

describe('A filter by assistant', () => {
  it('looks up the assistant once, and tests the id against the column of calls', async () => {
    const { statements } = await begin({ filter: { assistantId: 3 } });
    expect(statements.slice(1)).toEqual([
      'SELECT 1 AS own FROM assistants assistant WHERE assistant.account_id = 7 AND assistant.id = 3 LIMIT 1',
      'SELECT 1 AS any FROM calls call WHERE call.account_id = 7 AND 1 = 0 AND call.assistantId = 3',
    ]);
  });

  it("matches no call if the assistant is another account's", async () => {
    const { query, statements } = await begin({
      filter: { assistantId: 3, status: 'busy' },
      answers: [NEWEST, []],
    });
    expect(statements).toHaveLength(2);
    const none = 'FROM calls call WHERE call.account_id = 7 AND 1 = 0';
    expect(told(query.matches({}).select('1').getQueryAndParameters())).toBe(`SELECT 1 ${none}`);
    expect(told(query.keyAfter(undefined, 1).getQueryAndParameters())).toContain(none);
  });

  it('matches no call if calls and assistants store the id in different case', async () => {
    const text = '0B5C0A1E-0000-4000-8000-000000000001';
    const uuid = {
      calls: { assistantId: { type: 'uuid' } },
      assistants: { id: { type: 'varchar' } },
    } as const;
    const of = (assistantId: string) => read({ host: uuid, filter: { assistantId } });
    expect(await of(text)).toContain("call.id <= '41' AND 1 = 0 ORDER BY");
    expect(await of(text.toLowerCase())).toContain(
      `AND call.assistantId = '${text.toLowerCase()}'`,
    );
  });

  it('is rejected if there are no assistants', async () => {
    await expect(
      begin({ host: { assistants: false }, filter: { assistantId: 3 } }),
    ).rejects.toThrow(new TypeError('There are no assistants: leave assistantId out'));
  });
});

describe('A filter by status', () => {
  it.each(['busy', ' ~', ''])(
    'is not tested against the database if it is printable ASCII: %j',
    async (status) => {
      const { statements } = await begin({ filter: { status } });
      expect(statements).toHaveLength(1);
    },
  );

  it.each(['é', 'éa', 'aé', '\u007f', '\n'])(
    'is tested against the database if it has other characters: %j',
    async (status) => {
      const { statements } = await begin({ filter: { status } });
      expect(statements.slice(1)).toEqual([
        `SELECT 1 AS any FROM calls call WHERE call.account_id = 7 AND 1 = 0 AND CAST(call.status AS text) COLLATE C = '${status}'`,
      ]);
    },
  );

  it('matches no call if the transformer never produces the status', async () => {
    const lower = { to: (value: string) => value, from: (value: string) => value.toLowerCase() };
    const host: OtherHost = { calls: { status: { type: 'varchar', transformer: lower } } };
    expect(await read({ host, filter: { status: 'Busy' } })).toContain('AND 1 = 0 ORDER BY');
    expect(await read({ host, filter: { status: 'busy' } })).toContain("= 'busy' ORDER BY");
  });

  it("matches no call if the database can't represent the status", async () => {
    const answers = [NEWEST, failing('22P02')];
    expect(await read({ filter: { status: 'é' }, answers })).toBe(
      'SELECT 1 FROM calls call WHERE call.account_id = 7 AND 1 = 0',
    );
  });

  it('fails the export if the test fails for another reason', async () => {
    const failure = failing('42703');
    const answers = [NEWEST, failure];
    await expect(begin({ filter: { status: 'é' }, answers })).rejects.toThrow(failure);
  });
});

describe('The join of assistants', () => {
  const texts = { calls: { assistantId: { type: 'varchar' } } } as const;
  it.each<[string, OtherHost, ColumnFacts, string]>([
    ['compares the keys', {}, EXACT, 'assistant.id = call.x'],
    [
      'also compares the texts if the collation is loose',
      {},
      LOOSE,
      'assistant.id = call.x AND CAST(assistant.id AS text) COLLATE "C" = CAST(call.x AS text)',
    ],
    [
      'compares only the texts if the types differ',
      texts,
      EXACT,
      'CAST(assistant.id AS text) COLLATE "C" = CAST(call.x AS text)',
    ],
  ])('%s', async (_title, host, facts, condition) => {
    const { query } = await begin({ host, facts });
    expect(query.isAssistantOf('call.x')).toBe(condition);
  });

  it("includes the account's soft-deleted assistants, but no soft-deleted calls", async () => {
    const deletedAt = { type: 'timestamptz', nullable: true, deleteDate: true } as const;
    const { query } = await begin({ host: { assistants: { deletedAt }, calls: { deletedAt } } });
    expect(told(query.assistants().select('1').getQueryAndParameters())).toBe(
      'SELECT 1 FROM assistants assistant WHERE assistant.account_id = 7',
    );
    expect(told(query.matches({}).select('1').getQueryAndParameters())).toContain(
      'AND ( call.deletedAt IS NULL )',
    );
  });

  it('names fields by the properties of the entities', async () => {
    const { query } = await begin({});
    expect([query.call('accountId'), query.assistant('accountId')]).toEqual([
      'call.accountId',
      'assistant.accountId',
    ]);
  });
});

describe('A filter by date', () => {
  it.each(['startedFrom', 'startedBefore'])(
    'is rejected if the date is invalid: %s',
    async (name) => {
      await expect(begin({ filter: { [name]: new Date(NaN) } })).rejects.toThrow(
        new TypeError(`${name} is not a valid date`),
      );
    },
  );
});
