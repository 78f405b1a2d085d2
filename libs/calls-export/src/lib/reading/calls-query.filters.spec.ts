import { begin, NEWEST, read } from '../../../test/begin-query';
import { EXACT, LOOSE, type OtherHost, told } from '../../../test/entities-on';
import type { ColumnFacts } from './dialects/dialect';

const failing = (code: string) => Object.assign(new Error('failed'), { code });

describe('What an assistant is', () => {
  it('is asked for once, and whether the calls have a place for it', async () => {
    const { statements } = await begin({ filter: { assistantId: 3 } });
    expect(statements.slice(1)).toEqual([
      'SELECT 1 AS own FROM assistants assistant WHERE assistant.account_id = 7 AND assistant.id = 3 LIMIT 1',
      'SELECT 1 AS any FROM calls call WHERE call.account_id = 7 AND 1 = 0 AND call.assistantId = 3',
    ]);
  });

  it("is no other account's, or no call matches", async () => {
    const { query, statements } = await begin({
      filter: { assistantId: 3, status: 'busy' },
      answers: [NEWEST, []],
    });
    expect(statements).toHaveLength(2);
    const none = 'FROM calls call WHERE call.account_id = 7 AND 1 = 0';
    expect(told(query.matches({}).select('1').getQueryAndParameters())).toBe(`SELECT 1 ${none}`);
    expect(told(query.keyAfter(undefined, 1).getQueryAndParameters())).toContain(none);
  });

  it('is the same text to calls and to assistants, or no call matches', async () => {
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

  it('is refused where there are none', async () => {
    await expect(
      begin({ host: { assistants: false }, filter: { assistantId: 3 } }),
    ).rejects.toThrow(new TypeError('There are no assistants: leave assistantId out'));
  });
});

describe('A status', () => {
  it.each(['busy', ' ~', ''])('of printable ASCII is not asked for: %j', async (status) => {
    const { statements } = await begin({ filter: { status } });
    expect(statements).toHaveLength(1);
  });

  it.each(['é', 'éa', 'aé', '\u007f', '\n'])('of others is asked for: %j', async (status) => {
    const { statements } = await begin({ filter: { status } });
    expect(statements.slice(1)).toEqual([
      `SELECT 1 AS any FROM calls call WHERE call.account_id = 7 AND 1 = 0 AND CAST(call.status AS text) COLLATE C = '${status}'`,
    ]);
  });

  it('that no value of the database is read as matches no call', async () => {
    const lower = { to: (value: string) => value, from: (value: string) => value.toLowerCase() };
    const host: OtherHost = { calls: { status: { type: 'varchar', transformer: lower } } };
    expect(await read({ host, filter: { status: 'Busy' } })).toContain('AND 1 = 0 ORDER BY');
    expect(await read({ host, filter: { status: 'busy' } })).toContain("= 'busy' ORDER BY");
  });

  it('that the database has no place for matches no call', async () => {
    const answers = [NEWEST, failing('22P02')];
    expect(await read({ filter: { status: 'é' }, answers })).toBe(
      'SELECT 1 FROM calls call WHERE call.account_id = 7 AND 1 = 0',
    );
  });

  it("that can't be asked for fails the export", async () => {
    const failure = failing('42703');
    const answers = [NEWEST, failure];
    await expect(begin({ filter: { status: 'é' }, answers })).rejects.toThrow(failure);
  });
});

describe('The assistant of a call', () => {
  const texts = { calls: { assistantId: { type: 'varchar' } } } as const;
  it.each<[string, OtherHost, ColumnFacts, string]>([
    ['has the same key', {}, EXACT, 'assistant.id = call.x'],
    [
      'has the same text too, where a column takes others for it',
      {},
      LOOSE,
      'assistant.id = call.x AND CAST(assistant.id AS text) COLLATE "C" = CAST(call.x AS text)',
    ],
    [
      'has the same text where their types differ',
      texts,
      EXACT,
      'CAST(assistant.id AS text) COLLATE "C" = CAST(call.x AS text)',
    ],
  ])('%s', async (_title, host, facts, condition) => {
    const { query } = await begin({ host, facts });
    expect(query.isAssistantOf('call.x')).toBe(condition);
  });

  it('may be one that is marked as deleted, of the account', async () => {
    const deletedAt = { type: 'timestamptz', nullable: true, deleteDate: true } as const;
    const { query } = await begin({ host: { assistants: { deletedAt }, calls: { deletedAt } } });
    expect(told(query.assistants().select('1').getQueryAndParameters())).toBe(
      'SELECT 1 FROM assistants assistant WHERE assistant.account_id = 7',
    );
    expect(told(query.matches({}).select('1').getQueryAndParameters())).toContain(
      'AND ( call.deletedAt IS NULL )',
    );
  });

  it('and the call have fields by the names of the properties', async () => {
    const { query } = await begin({});
    expect([query.call('accountId'), query.assistant('accountId')]).toEqual([
      'call.accountId',
      'assistant.accountId',
    ]);
  });
});

describe('A date', () => {
  it.each(['startedFrom', 'startedBefore'])('is refused if it is invalid: %s', async (name) => {
    await expect(begin({ filter: { [name]: new Date(NaN) } })).rejects.toThrow(
      new TypeError(`${name} is not a valid date`),
    );
  });
});
