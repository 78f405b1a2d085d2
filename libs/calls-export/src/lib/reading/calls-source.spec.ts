import { Logger } from '@nestjs/common';
import { columnOf } from '../../../test/column-of';
import { entitiesOn } from '../../../test/entities-on';
import type { DatabaseType } from '../../../test/find/entities';
import type { CallsEntities } from '../entities/calls-entities';
import { csv } from '../formats/csv.format';
import type { CallsFilter } from '../model/calls-filter';
import { CallsSource, type ReadingSettings } from './calls-source';
import type { SessionSettings } from './dialects/dialect';
import { PostgresReader } from './postgres/postgres-reader';
import { tryCopy } from './postgres/try-copy';
import { RowReader } from './row-reader';

jest.mock('./postgres/try-copy');
const copy = jest.mocked(tryCopy);

const ENCODER = csv.encoder([], { formulaGuard: true, byteOrderMark: false, delimiter: ',' });
const SETTINGS: ReadingSettings = {
  queryTimeout: 5,
  copy: true,
  primaryFallback: false,
  pageBytes: 1000,
};

const signal = () => new AbortController().signal;
const open = (source: CallsSource) => source.open(7, {}, [], ENCODER, signal());

/** A source on PostgreSQL with fake clients of `pg` that return no rows, and the statements they receive. */
async function postgres(settings: Partial<ReadingSettings> = {}, connection?: object) {
  const entities = await entitiesOn('postgres');
  const statements: [sql: string, parameters: unknown][] = [];
  const client = connection ?? { connection: { on() {}, off() {} }, escapeLiteral: String };
  Object.assign(entities.dataSource, {
    createQueryRunner: () => ({
      connect: async () => client,
      release: async () => {},
      async query(sql: string, parameters: unknown, isStructured = false) {
        statements.push([sql, parameters]);
        const rows = sql.includes('client_encoding') ? [{ encoding: 'UTF8' }] : [];
        return isStructured ? { records: rows } : rows;
      },
    }),
  });
  return { source: new CallsSource(entities, { ...SETTINGS, ...settings }), statements };
}

let warnings: unknown[];
beforeEach(() => {
  warnings = [];
  jest.spyOn(Logger.prototype, 'warn').mockImplementation((warning) => warnings.push(warning));
  copy.mockReset().mockResolvedValue(undefined);
});
afterEach(() => jest.restoreAllMocks());

describe('The reader of an export', () => {
  it('uses binary COPY if it works, which is tried once', async () => {
    const { source } = await postgres();
    expect(await open(source)).toBeInstanceOf(PostgresReader);
    expect(await open(source)).toBeInstanceOf(PostgresReader);
    expect(copy).toHaveBeenCalledTimes(1);
    expect(warnings).toEqual([]);
  });

  it('reads rows if COPY does not work, and warns once', async () => {
    copy.mockRejectedValue(new Error('the server sent no COPY data'));
    const { source } = await postgres();
    expect(await open(source)).toBeInstanceOf(RowReader);
    expect(await open(source)).toBeInstanceOf(RowReader);
    expect(copy).toHaveBeenCalledTimes(1);
    expect(warnings).toEqual([
      'Binary COPY is not available, so calls are read row by row, which is slower: the server sent no COPY data',
    ]);
  });

  it('tries COPY again in the next export after a transient error', async () => {
    const failure = Object.assign(new Error('shutting down'), { code: '57P01' });
    copy.mockRejectedValueOnce(failure);
    const { source } = await postgres();
    await expect(open(source)).rejects.toBe(failure);
    expect(await open(source)).toBeInstanceOf(PostgresReader);
    expect(copy).toHaveBeenCalledTimes(2);
    expect(warnings).toEqual([]);
  });

  it('reads rows on a connection that is not a client of pg, even if COPY worked on another one', async () => {
    const { source } = await postgres({}, {});
    expect(await open(source)).toBeInstanceOf(RowReader);
  });

  it('reads rows if the option `copy` is false', async () => {
    const { source } = await postgres({ copy: false });
    expect(await open(source)).toBeInstanceOf(RowReader);
    expect(copy).not.toHaveBeenCalled();
    expect(warnings).toEqual([]);
  });
});

describe('The option settings', () => {
  const NONE =
    "CallsExportModule option settings must return an object of strings, such as { 'app.tenant': '42' }, got ";

  it('sets the session variables of the account', async () => {
    const settings = (accountId: unknown) => ({ 'app.tenant': String(accountId) });
    const { source, statements } = await postgres({ settings });
    await open(source);
    await source.count(8, {}, signal());
    const set = statements.filter(([sql]) => sql.includes('set_config($1'));
    expect(set.map(([, parameters]) => parameters)).toEqual([
      ['app.tenant', '7'],
      ['app.tenant', '8'],
      ['app.tenant', '8'],
    ]);
  });

  it('may return no variables', async () => {
    const { source, statements } = await postgres({ settings: () => ({}) });
    await open(source);
    expect(statements.filter(([sql]) => sql.includes('set_config($1'))).toEqual([]);
  });

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['app.tenant', "'app.tenant'"],
    [['42'], "[ '42' ]"],
    [{ 'app.tenant': 42 }, "{ 'app.tenant': 42 }"],
    [
      { 'app.tenant': '42', 'app.user': undefined },
      "{ 'app.tenant': '42', 'app.user': undefined }",
    ],
    [Promise.resolve({}), 'Promise {'],
  ])('must return an object of strings, not %j', async (given, shown) => {
    const { source } = await postgres({ settings: () => given as SessionSettings });
    const message = expect.stringContaining(NONE + shown) as string;
    const refusal = { name: 'TypeError', message };
    await expect(open(source)).rejects.toMatchObject(refusal);
    await expect(source.count(7, {}, signal())).rejects.toMatchObject(refusal);
  });

  it.each<DatabaseType>(['mariadb', 'sqljs'])('is rejected on %s', async (type) => {
    const entities = await entitiesOn(type);
    expect(() => new CallsSource(entities, { ...SETTINGS, settings: () => ({}) })).toThrow(
      new Error(`CallsExportModule option settings requires PostgreSQL, got ${type}: leave it out`),
    );
  });
});

describe('A source on SQLite', () => {
  let entities: CallsEntities;
  let source: CallsSource;
  beforeAll(async () => {
    entities = await entitiesOn('sqljs');
    source = new CallsSource(entities, SETTINGS);
    await entities.dataSource.query(
      "INSERT INTO calls (id, account_id, callSid, status) VALUES (1, 7, 'CA1', 'busy'), (2, 7, 'CA2', 'completed'), (3, 8, 'CA3', 'busy'), (4, 7, 'CA4', 'busy')",
    );
  });
  afterAll(() => entities.dataSource.destroy());

  it.each<[CallsFilter, number]>([
    [{}, 3],
    [{ status: 'busy' }, 2],
    [{ status: 'busy', after: 1 }, 1],
    [{ assistantId: 1 }, 0],
  ])('counts the calls of an account that match %j', async (filter, count) => {
    expect(await source.count(7, filter, signal())).toBe(count);
  });

  it('stops counting if the signal is aborted', async () => {
    const stop = new AbortController();
    const reason = new Error('the client has left');
    stop.abort(reason);
    await expect(source.count(7, {}, stop.signal)).rejects.toBe(reason);
  });

  it('reads rows without trying COPY', async () => {
    const columns = [columnOf('id', 'integer'), columnOf('status', 'text')];
    const encoder = csv.encoder(columns, {
      formulaGuard: true,
      byteOrderMark: false,
      delimiter: ',',
    });
    const stop = new AbortController();
    const reader = await source.open(7, { status: 'busy' }, columns, encoder, stop.signal);
    expect(reader).toBeInstanceOf(RowReader);
    expect(copy).not.toHaveBeenCalled();
    const { bytes } = await reader.read({});
    expect(Buffer.from(bytes).toString()).toBe('1,"busy"\r\n4,"busy"\r\n');
    const reason = new Error('the client has left');
    stop.abort(reason);
    await expect(reader.read({})).rejects.toBe(reason);
  });

  it('returns the columns of a view by name', async () => {
    const status = columnOf('status', 'text');
    const views = new Map([
      ['default', [status]],
      ['short', []],
    ]);
    const viewed = new CallsSource(Object.create(entities, { views: { value: views } }), SETTINGS);
    expect(viewed.views).toBe(views);
    expect(viewed.columns('default')).toEqual([status]);
    expect(viewed.columns('short')).toEqual([]);
    expect(() => viewed.columns('long')).toThrow(
      new TypeError('view must be one of default, short, got long'),
    );
  });

  it('returns the rules for valid ids', () => {
    expect(source.callIds).toEqual(entities.callIds);
    expect(source.callIds).toMatchObject({ form: 'integer' });
    expect(source.assistantIds).toMatchObject({ form: 'integer', min: 1n });
  });

  it('reports missing indexes', async () => {
    expect(await source.missingIndexes()).toMatch(
      /^The table calls has no index on \(account_id, id\) and /,
    );
  });
});
