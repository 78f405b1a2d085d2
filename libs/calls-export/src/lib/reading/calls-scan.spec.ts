import type { DataSource } from 'typeorm';
import { entitiesOn, LOOSE, type OtherHost } from '../../../test/entities-on';
import type { CallsEntities } from '../entities/calls-entities';
import type { CallKey } from '../model/call-key';
import type { CallsFilter } from '../model/calls-filter';
import { CallsQuery } from './calls-query';
import { dialectOf } from './dialects/dialect-of';
import { UTC_CLOCK } from './wall-clock';

const PAGE_CALLS = 2;
const NIGHT_SHIFT = 3;

/** A call. Its times are seconds within one minute. */
interface Row {
  readonly id: string;
  readonly started?: number;
  readonly created: number;
  readonly assistant?: number;
  readonly account?: number;
}

const second = (n?: number) =>
  n === undefined ? 'NULL' : `'2023-10-30 10:00:${String(n).padStart(2, '0')}.000'`;

// The rows are stored in an order that no scan has. More calls than fit into a page share a second of
// creation and start.
const ROWS: readonly Row[] = [
  { id: 'f', started: 5, created: 20, assistant: NIGHT_SHIFT },
  { id: 'c', started: 5, created: 20, assistant: NIGHT_SHIFT },
  { id: 'x', started: 5, created: 20, account: 2, assistant: NIGHT_SHIFT },
  { id: 'a', started: 9, created: 20 },
  { id: 'e', started: 5, created: 20, assistant: NIGHT_SHIFT },
  { id: 'g', started: 1, created: 21, assistant: NIGHT_SHIFT },
  { id: 'b', created: 10, assistant: NIGHT_SHIFT },
  { id: 'd', started: 5, created: 10 },
  { id: 'h', started: 2, created: 30, assistant: NIGHT_SHIFT },
];

const TEXT = { type: 'varchar', length: '9' } as const;
const HOSTS: Readonly<Record<string, OtherHost>> = {
  'by id': { calls: { id: TEXT }, idsGrow: true },
  'by creation': {
    calls: { id: TEXT, createdAt: { type: 'datetime', nullable: true } },
    idsGrow: false,
  },
};
const ALL: CallsFilter = {};
const ASSISTANT: CallsFilter = { assistantId: NIGHT_SHIFT };
const DATES: CallsFilter = {
  startedFrom: new Date('2023-10-30T10:00:02Z'),
  startedBefore: new Date('2023-10-30T10:00:09Z'),
};

describe.each(Object.entries(HOSTS))('A scan %s', (order, host) => {
  let entities: CallsEntities;
  let dataSource: DataSource;

  beforeAll(async () => {
    entities = await entitiesOn('sqljs', host);
    ({ dataSource } = entities);
  });
  afterAll(() => dataSource.destroy());

  beforeEach(async () => {
    await dataSource.query('DELETE FROM calls');
    await dataSource.query('DELETE FROM assistants');
    await dataSource.query(`INSERT INTO assistants (id, account_id) VALUES (${NIGHT_SHIFT}, 1)`);
    await insert(ROWS);
  });

  async function insert(rows: readonly Row[]): Promise<void> {
    const columns = 'id, account_id, callSid, assistantId, started_at';
    const values = rows.map(({ id, started, created, assistant = null, account = 1 }) => {
      const times = order === 'by creation' ? [started, created] : [started];
      return `('${id}', ${account}, 'CA', ${assistant}, ${times.map(second).join(', ')})`;
    });
    await dataSource.query(
      `INSERT INTO calls (${columns}${order === 'by creation' ? ', createdAt' : ''}) VALUES ${values.join()}`,
    );
  }

  /**
   * Reads an export page by page, so that tests can write in between. A page is the ids of its calls as text.
   */
  async function* pages(filter: CallsFilter): AsyncGenerator<string, void, void> {
    const runner = dataSource.createQueryRunner();
    const facts = { ...LOOSE, clock: () => UTC_CLOCK };
    const query = await CallsQuery.create(entities, dialectOf('sqljs'), facts, runner, 1, filter);
    let after: CallKey | undefined;
    for (;;) {
      const found = await query.keyAfter(after, PAGE_CALLS).getRawOne<Record<string, string>>();
      const to: CallKey | undefined = found && Object.values(found);
      const rows = await query.matches({ after, to }).select('call.id', 'id').getRawMany();
      yield rows.map(({ id }) => id as string).join('');
      if (!to) return;
      after = to;
    }
  }

  /** Reads all pages of an export. After each page, `work` is called with the pages read so far. */
  async function read(
    filter: CallsFilter,
    work?: (read: readonly string[]) => Promise<unknown>,
  ): Promise<string> {
    const read: string[] = [];
    for await (const page of pages(filter)) {
      read.push(page);
      await work?.(read);
    }
    return read.join('|');
  }

  const expected: Readonly<Record<string, readonly [all: string, assistant: string]>> = {
    'by id': ['ab|cd|ef|gh|', 'bc|ef|gh|'],
    'by creation': ['bd|ac|ef|gh|', 'bc|ef|gh|'],
  };
  const [all, assistant] = expected[order] as readonly [string, string];

  it.each<[string, CallsFilter, string]>([
    ['all calls', ALL, all],
    ['those of an assistant', ASSISTANT, assistant],
    ['those of a range of dates', DATES, 'hc|de|f'],
    ['those of an assistant in a range of dates', { ...DATES, ...ASSISTANT }, 'hc|e|f'],
  ])('returns each call once: %s', async (_title, filter, found) => {
    expect(await read(filter)).toBe(found);
  });

  it.each<[string, CallsFilter, string]>([
    ['all calls', { ...ALL, after: 'e' }, 'fg|h'],
    ['those of an assistant', { ...ASSISTANT, after: 'e' }, 'fg|h'],
    [
      'those of an assistant, after a call of another one',
      { ...ASSISTANT, after: 'd' },
      order === 'by id' ? 'ef|gh|' : 'ce|fg|h',
    ],
    ['those of a range of dates', { ...DATES, after: 'd' }, 'ef|'],
  ])('starts after the call that `after` names: %s', async (_title, filter, found) => {
    expect(await read(filter)).toBe(found);
  });

  it.each<[string, CallsFilter, string]>([
    ['all calls', ALL, all],
    ['those of an assistant', ASSISTANT, assistant],
    ['those of a range of dates', DATES, 'hc|de|f'],
  ])('leaves out calls created after it started, and ends: %s', async (_title, filter, found) => {
    let created = 0;
    // More than a page of calls, both before and after the position of a scan by start.
    const create = () =>
      insert(
        [1, 2, 3, 4, 5, 6].map((started) => ({
          id: `i${++created}`,
          started,
          created: 30 + created,
          assistant: NIGHT_SHIFT,
        })),
      );
    expect(await read(filter, create)).toBe(found);
    expect(created).toBeGreaterThanOrEqual(12);
  });

  it.each<[string, CallsFilter, string]>([
    ['all calls', ALL, order === 'by id' ? 'ab|cf|h' : 'bd|ac|fh|'],
    ['those of an assistant', ASSISTANT, 'bc|fh|'],
    ['those of a range of dates', DATES, 'hc|f'],
  ])(
    'returns the other calls once if some are deleted meanwhile: %s',
    async (_title, filter, found) => {
      const remove = (pages: readonly string[]) =>
        pages.length === 1
          ? dataSource.query("DELETE FROM calls WHERE id IN ('b', 'd', 'e', 'g')")
          : Promise.resolve();
      expect(await read(filter, remove)).toBe(found);
    },
  );

  it('of an assistant returns each call at most once if calls change their assistant meanwhile', async () => {
    const change = async (pages: readonly string[]) => {
      if (pages.length > 1) return;
      await dataSource.query("UPDATE calls SET assistantId = NULL WHERE id IN ('c', 'f')");
      await dataSource.query(
        `UPDATE calls SET assistantId = ${NIGHT_SHIFT} WHERE id IN ('a', 'd')`,
      );
    };
    expect(await read(ASSISTANT, change)).toBe(order === 'by id' ? 'bc|de|gh|' : 'bc|eg|h');
  });

  it("of another account's assistant returns no calls", async () => {
    await dataSource.query('UPDATE assistants SET account_id = 2');
    expect(await read(ASSISTANT)).toBe('');
  });

  it('of an account without calls returns none', async () => {
    await dataSource.query('DELETE FROM calls');
    expect(await read(ALL)).toBe('');
  });
});
