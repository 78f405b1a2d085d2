import {
  answering,
  entitiesOn,
  EXACT,
  LOOSE,
  type OtherHost,
  told,
} from '../../../test/entities-on';
import type { DatabaseType } from '../../../test/find/entities';
import type { CallsFilter } from '../model/calls-filter';
import { CallsQuery } from './calls-query';
import type { ColumnFacts } from './dialects/dialect';
import { dialectOf } from './dialects/dialect-of';
import { fixedClock } from './wall-clock';

const ACCOUNT = 7;
const NEWEST = [{ c0: '41' }];
const OWN = [{ own: 1 }];

const CREATED: OtherHost = { idsGrow: false, calls: { createdAt: { type: 'timestamptz' } } };

interface Export {
  readonly type?: DatabaseType;
  readonly host?: OtherHost;
  readonly filter?: CallsFilter;
  readonly facts?: ColumnFacts;
  /** What the connection answers to what the export begins with. */
  readonly answers?: readonly (object[] | Error)[];
}

async function begin({
  type = 'postgres',
  host,
  filter = {},
  facts = EXACT,
  answers = [NEWEST, OWN],
}: Export) {
  const entities = await entitiesOn(type, host);
  const { runner, statements } = answering(...answers);
  const dialect = dialectOf(type);
  const query = await CallsQuery.create(entities, dialect, facts, runner, ACCOUNT, filter);
  return { query, statements };
}

/** What an export reads of its first range. */
async function read(asked: Export): Promise<string> {
  const { query } = await begin(asked);
  return told(query.matches({}).select('1').getQueryAndParameters());
}

const failing = (code: string) => Object.assign(new Error('failed'), { code });

describe('The calls of a range', () => {
  const ONE = 'SELECT 1 FROM calls call WHERE call.account_id = 7 AND';

  it('are those after a key, up to another and the newest one, in the order of ids', async () => {
    const { query } = await begin({});
    const range = query.matches({ after: ['12'], to: ['34'] }).select('1');
    expect(told(range.getQueryAndParameters())).toBe(
      `${ONE} call.id <= '41' AND (call.id) > ('12') AND (call.id) <= ('34') ORDER BY call.id ASC`,
    );
  });

  it('begin behind the call that the filter names', async () => {
    const { query, statements } = await begin({
      filter: { after: 12 },
      answers: [NEWEST, [{ c0: '12' }]],
    });
    expect(statements[1]).toBe(
      'SELECT (CAST(call.id AS text)) AS c0 FROM calls call WHERE call.account_id = 7 AND call.id = 12 LIMIT 1',
    );
    const ranges = [{}, { after: ['15'] }].map((range) =>
      told(query.matches(range).select('1').getQueryAndParameters()),
    );
    expect(ranges).toEqual(
      [12, 15].map((id) => `${ONE} call.id <= '41' AND (call.id) > ('${id}') ORDER BY call.id ASC`),
    );
  });

  it('are walked by their creation where ids do not grow, and then by their ids', async () => {
    const { query } = await begin({ host: CREATED, answers: [NEWEST] });
    const range = query.matches({ after: ['t', '12'], to: ['u', '34'] }).select('1');
    expect(told(range.getQueryAndParameters())).toBe(
      `${ONE} call.createdAt <= '41'` +
        " AND call.createdAt >= 't' AND (call.createdAt, call.id) > ('t', '12')" +
        " AND call.createdAt <= 'u' AND (call.createdAt, call.id) <= ('u', '34')" +
        ' ORDER BY call.createdAt ASC, call.id ASC',
    );
  });

  it.each<[string, CallsFilter, string]>([
    ['from', { startedFrom: 0n }, ">= '1970-01-01T00:00:00.000000Z'"],
    ['to the microsecond before 1970', { startedFrom: -1n }, ">= '1969-12-31T23:59:59.999999Z'"],
    [
      'from a Date before 1970',
      { startedFrom: new Date('1969-07-20T20:17:39.001Z') },
      ">= '1969-07-20T20:17:39.001000Z'",
    ],
    ['before', { startedBefore: 1_000_001n }, "< '1970-01-01T00:00:01.000001Z'"],
    [
      'before a Date',
      { startedBefore: new Date('2023-10-30T10:00:00.999Z') },
      "< '2023-10-30T10:00:00.999000Z'",
    ],
  ])('are walked by their starts where these are bounded: %s', async (_title, filter, bound) => {
    expect(await read({ filter })).toBe(
      `${ONE} call.id <= '41' AND call.started_at ${bound} ORDER BY call.started_at ASC, call.id ASC`,
    );
  });

  it('have starts from one instant up to another, as the clock of their column shows them', async () => {
    const range = await read({
      filter: { startedFrom: 0n, startedBefore: 1n },
      facts: { equality: () => 'exact', clock: () => fixedClock(60) },
    });
    expect(range).toContain(
      "AND call.started_at >= '1970-01-01T01:00:00.000000' AND call.started_at < '1970-01-01T01:00:00.000001' ORDER",
    );
  });

  it('have a status, exactly', async () => {
    expect(await read({ filter: { status: 'busy' } })).toBe(
      `${ONE} call.id <= '41' AND CAST(call.status AS text) COLLATE C = 'busy' ORDER BY call.id ASC`,
    );
  });

  it("are the account's exactly, where its column takes other texts for the same", async () => {
    expect(await read({ facts: LOOSE })).toBe(
      `${ONE} CAST(call.account_id AS text) COLLATE C = '7' AND call.id <= '41' ORDER BY call.id ASC`,
    );
  });

  it('are none where the account has none, and nothing else is asked for', async () => {
    for (const answers of [[[]], [[{ c0: null }]]]) {
      const filter = { status: 'busy', startedFrom: 0n };
      const { query } = await begin({ filter, answers });
      const range = { after: ['t', '1'], to: ['u', '2'] };
      expect(told(query.keyAfter(range.after, 5, range.to).getQueryAndParameters())).toContain(
        'WHERE call.account_id = 7 AND 1 = 0 LIMIT 1 OFFSET 4',
      );
    }
  });
});

describe("A walk of an assistant's calls", () => {
  const filter = { assistantId: 3 };
  const ASSISTANT = 'call.assistantId = 3';

  it.each<[string, Export, string]>([
    ['goes along them by id', {}, `call.id <= '41' AND ${ASSISTANT} AND`],
    [
      'goes along them by creation',
      { host: CREATED, answers: [NEWEST, [], OWN] },
      `call.createdAt <= '41' AND ${ASSISTANT} AND`,
    ],
  ])('%s', async (_title, asked, condition) => {
    const { query } = await begin({ ...asked, filter });
    const after = ['t', '1'];
    const statements = [query.keyAfter(after, 5), query.matches({ after })];
    for (const statement of statements) {
      expect(told(statement.getQueryAndParameters())).toContain(
        `WHERE call.account_id = 7 AND ${condition}`,
      );
    }
  });

  it.each<[string, Export]>([
    ['of a range of dates', { filter: { ...filter, startedFrom: 0n } }],
    ['on MySQL', { type: 'mariadb', filter }],
  ])("%s goes along the account's, and picks them", async (_title, asked) => {
    const { query } = await begin(asked);
    const key = told(query.keyAfter(undefined, 5).getQueryAndParameters());
    expect(key).not.toContain('assistantId');
    const matches = told(query.matches({}).select('1').getQueryAndParameters());
    expect(matches.match(/call\.assistantId/g)).toHaveLength(1);
    expect(matches).toMatch(/ AND call\.assistantId = '?3'? ORDER BY /);
  });

  it('has those of a status', async () => {
    expect(await read({ filter: { ...filter, status: 'busy' } })).toContain(
      `WHERE call.account_id = 7 AND call.id <= '41' AND ${ASSISTANT} AND CAST(call.status AS text) COLLATE C = 'busy' ORDER BY`,
    );
  });
});

describe('The key of a call', () => {
  it('is that of the one so many behind another, of all that are walked', async () => {
    const { query } = await begin({ filter: { status: 'busy' } });
    expect(told(query.keyAfter(['12'], 100, ['34']).getQueryAndParameters())).toBe(
      "SELECT (CAST(call.id AS text)) AS c0 FROM calls call WHERE call.account_id = 7 AND call.id <= '41'" +
        " AND (call.id) > ('12') AND (call.id) <= ('34') ORDER BY call.id ASC LIMIT 1 OFFSET 99",
    );
  });

  it('has each field of the order', async () => {
    const { query } = await begin({ filter: { startedFrom: 0n } });
    expect(told(query.keyAfter(undefined, 1).getQueryAndParameters())).toMatch(
      /^SELECT \(CAST\(call\.started_at AS text\)\) AS c0, \(CAST\(call\.id AS text\)\) AS c1 FROM .* LIMIT 1 OFFSET 0$/,
    );
  });
});

describe('The number of calls', () => {
  it('is counted without an order', async () => {
    const { query } = await begin({ filter: { status: 'busy' } });
    expect(told(query.count().getQueryAndParameters())).toBe(
      "SELECT COUNT(*) AS count FROM calls call WHERE call.account_id = 7 AND call.id <= '41' AND CAST(call.status AS text) COLLATE C = 'busy'",
    );
  });
});

describe('MySQL is told an index', () => {
  const named = (name: string, ...columns: string[]) => ({ name, columns });
  const indices = [
    named('too_long', 'accountId', 'id', 'status'),
    named('too_short', 'accountId'),
    named('others', 'accountId', 'status'),
    named('by_id', 'accountId', 'id'),
    named('by_start', 'accountId', 'startedAt', 'id'),
  ];

  it.each<[string, CallsFilter, string]>([
    ['ids', { assistantId: 3 }, 'by_id'],
    ['starts', { startedFrom: 0n }, 'by_start'],
  ])('of the account by %s', async (_title, filter, index) => {
    expect(await read({ type: 'mariadb', host: { indices }, filter })).toContain(
      `FROM calls call USE INDEX (${index}) WHERE`,
    );
  });

  it('unless the entity has none', async () => {
    expect(await read({ type: 'mariadb' })).toContain('FROM calls call WHERE');
  });
});

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
