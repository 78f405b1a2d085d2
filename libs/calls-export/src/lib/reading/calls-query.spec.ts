import { begin, type Export, NEWEST, OWN, read } from '../../../test/begin-query';
import { answering, LOOSE, type OtherHost, told } from '../../../test/entities-on';
import type { CallsFilter } from '../model/calls-filter';
import { fixedClock } from './wall-clock';

const CREATED: OtherHost = { idsGrow: false, calls: { createdAt: { type: 'timestamptz' } } };

describe('The query of a page', () => {
  const ONE = 'SELECT 1 FROM calls call WHERE call.account_id = 7 AND';

  it('selects the calls between two keys up to the newest one, ordered by id', async () => {
    const { query } = await begin({});
    const range = query.matches({ after: ['12'], to: ['34'] }).select('1');
    expect(told(range.getQueryAndParameters())).toBe(
      `${ONE} call.id <= '41' AND (call.id) > ('12') AND (call.id) <= ('34') ORDER BY call.id ASC`,
    );
  });

  it('starts after the call that `after` names', async () => {
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

  it('orders calls by creation and id if ids do not grow', async () => {
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
  ])('orders calls by start and id if there are dates: %s', async (_title, filter, bound) => {
    expect(await read({ filter })).toBe(
      `${ONE} call.id <= '41' AND call.started_at ${bound} ORDER BY call.started_at ASC, call.id ASC`,
    );
  });

  it('compares starts with local times if the column stores those', async () => {
    const range = await read({
      filter: { startedFrom: 0n, startedBefore: 1n },
      facts: { equality: () => 'exact', clock: () => fixedClock(60) },
    });
    expect(range).toContain(
      "AND call.started_at >= '1970-01-01T01:00:00.000000' AND call.started_at < '1970-01-01T01:00:00.000001' ORDER",
    );
  });

  it('matches a status exactly', async () => {
    expect(await read({ filter: { status: 'busy' } })).toBe(
      `${ONE} call.id <= '41' AND CAST(call.status AS text) COLLATE C = 'busy' ORDER BY call.id ASC`,
    );
  });

  it('selects only the calls of the account, also without an entity of assistants', async () => {
    expect(await read({ host: { assistants: false } })).toBe(
      `${ONE} call.id <= '41' ORDER BY call.id ASC`,
    );
  });

  it("ignores the entity's default order", async () => {
    const { query } = await begin({ host: { orderBy: { status: 'DESC' } } });
    expect(query.matches({}).select('1').getQuery()).toMatch(/ ORDER BY "call"\."id" ASC$/);
    expect(query.count().getQuery()).not.toContain('ORDER BY');
  });

  it('bypasses the query cache of the host app', async () => {
    const { query } = await begin({});
    const getFromCache = jest.fn();
    const { dataSource } = query.entities;
    Object.assign(dataSource, {
      queryResultCache: { getFromCache },
      options: { ...dataSource.options, cache: { alwaysEnabled: true } },
    });
    const { runner } = answering([{ x: 1 }]);
    expect(await query.matches({}).select('1').setQueryRunner(runner).getRawMany()).toEqual([
      { x: 1 },
    ]);
    expect(getFromCache).not.toHaveBeenCalled();
  });

  it('compares the account as text if the collation is loose', async () => {
    expect(await read({ facts: LOOSE })).toBe(
      `${ONE} CAST(call.account_id AS text) COLLATE C = '7' AND call.id <= '41' ORDER BY call.id ASC`,
    );
  });

  it('has no condition except the account and `1 = 0` if the account has no calls', async () => {
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

describe("A scan of an assistant's calls", () => {
  const filter = { assistantId: 3 };
  const ASSISTANT = 'call.assistantId = 3';

  it.each<[string, Export, string]>([
    ['uses the index of the assistant, by id', {}, `call.id <= '41' AND ${ASSISTANT} AND`],
    [
      'uses the index of the assistant, by creation',
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
    ['with dates', { filter: { ...filter, startedFrom: 0n } }],
    ['on MySQL', { type: 'mariadb', filter }],
  ])("%s uses the account's index, and filters by assistant", async (_title, asked) => {
    const { query } = await begin(asked);
    const key = told(query.keyAfter(undefined, 5).getQueryAndParameters());
    expect(key).not.toContain('assistantId');
    const matches = told(query.matches({}).select('1').getQueryAndParameters());
    expect(matches.match(/call\.assistantId/g)).toHaveLength(1);
    expect(matches).toMatch(/ AND call\.assistantId = '?3'? ORDER BY /);
  });

  it('filters by status', async () => {
    expect(await read({ filter: { ...filter, status: 'busy' } })).toContain(
      `WHERE call.account_id = 7 AND call.id <= '41' AND ${ASSISTANT} AND CAST(call.status AS text) COLLATE C = 'busy' ORDER BY`,
    );
  });
});

describe('The query of a key', () => {
  it('counts calls whether they match the filter or not', async () => {
    const { query } = await begin({ filter: { status: 'busy' } });
    expect(told(query.keyAfter(['12'], 100, ['34']).getQueryAndParameters())).toBe(
      "SELECT (CAST(call.id AS text)) AS c0 FROM calls call WHERE call.account_id = 7 AND call.id <= '41'" +
        " AND (call.id) > ('12') AND (call.id) <= ('34') ORDER BY call.id ASC LIMIT 1 OFFSET 99",
    );
  });

  it('selects each field of the order', async () => {
    const { query } = await begin({ filter: { startedFrom: 0n } });
    expect(told(query.keyAfter(undefined, 1).getQueryAndParameters())).toMatch(
      /^SELECT \(CAST\(call\.started_at AS text\)\) AS c0, \(CAST\(call\.id AS text\)\) AS c1 FROM .* LIMIT 1 OFFSET 0$/,
    );
  });
});

describe('The query of the number of calls', () => {
  it('has no order', async () => {
    const { query } = await begin({ filter: { status: 'busy' } });
    expect(told(query.count().getQueryAndParameters())).toBe(
      "SELECT COUNT(*) AS count FROM calls call WHERE call.account_id = 7 AND call.id <= '41' AND CAST(call.status AS text) COLLATE C = 'busy'",
    );
  });
});

describe('The index hint on MySQL', () => {
  const named = (name: string, ...columns: string[]) => ({ name, columns });
  const indices = [
    named('too_long', 'accountId', 'id', 'status'),
    named('too_short', 'accountId'),
    named('others', 'accountId', 'status'),
    named('by_id', 'accountId', 'id'),
    named('by_start', 'accountId', 'startedAt', 'id'),
  ];

  it.each<[string, CallsFilter, string]>([
    ['id', { assistantId: 3 }, 'by_id'],
    ['start', { startedFrom: 0n }, 'by_start'],
  ])('names the index of the account by %s', async (_title, filter, index) => {
    expect(await read({ type: 'mariadb', host: { indices }, filter })).toContain(
      `FROM calls call USE INDEX (${index}) WHERE`,
    );
  });

  it('is left out if the entity declares no such index', async () => {
    expect(await read({ type: 'mariadb' })).toContain('FROM calls call WHERE');
  });
});
