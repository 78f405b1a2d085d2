import type { DataSource, ObjectLiteral, QueryRunner, SelectQueryBuilder } from 'typeorm';
import type { CallsEntities } from '../../entities/calls-entities';
import type { ColumnMetadata } from '../../entities/column-use';
import { UTC_CLOCK } from '../wall-clock';
import type { Driver } from './dialect';
import { mysqlIndexes } from './mysql-indexes';
import { MysqlDialect } from './mysql.dialect';

const mysql = new MysqlDialect();

const dataSource = (options: object) =>
  ({
    options,
    driver: {
      normalizeType: ({ type }: ColumnMetadata) => type,
      prepareHydratedValue: (value: unknown) => value,
    },
  }) as unknown as DataSource;

/** A query builder that records its calls as text. */
class FakeQuery {
  private readonly parts: string[] = [];
  readonly select = (sql: string, as: string) => this.add(`${sql} ${as}`);
  readonly addSelect = this.select;
  readonly where = (sql: string) => this.add(`WHERE ${sql}`);

  constructor(of: string) {
    this.add(of);
  }

  getQueryAndParameters() {
    return [this.parts.join(' | '), ['parameter']];
  }

  private add(part: string) {
    this.parts.push(part);
    return this;
  }
}
const asQuery = (query: FakeQuery) => query as unknown as SelectQueryBuilder<ObjectLiteral>;

describe('MysqlDialect', () => {
  it('has no COPY, no session variables and no scan of an index on the assistant', () => {
    const { mayCopy, hasSettings, scansByAssistant, indexes } = mysql;
    expect({ mayCopy, hasSettings, scansByAssistant }).toEqual({
      mayCopy: false,
      hasSettings: false,
      scansByAssistant: false,
    });
    expect(indexes).toBe(mysqlIndexes);
  });

  it('compares numbers as strings, and other values unchanged', () => {
    expect([42, '42', 7n, null, true].map((value) => mysql.comparable(value))).toEqual([
      '42',
      '42',
      7n,
      null,
      true,
    ]);
  });

  it('compares text by its bytes', () => {
    expect(mysql.asText('call.x')).toBe('CAST(call.x AS CHAR)');
    expect(mysql.isText('call.x', ':text', 'loose')).toBe(
      'CAST(CONVERT(CAST(call.x AS CHAR) USING utf8mb4) AS BINARY) = CAST(CONVERT(:text USING utf8mb4) AS BINARY)',
    );
  });

  it('compares keys column by column', () => {
    expect(mysql.compareLists(['a', 'b', 'c'], '<=', [':x', ':y', ':z'])).toBe(
      '(a < :x OR (a = :x AND (b < :y OR (b = :y AND c <= :z))))',
    );
    expect(mysql.compareLists(['a', 'b', 'c'], '>', [':x', ':y', ':z'])).toBe(
      '(a > :x OR (a = :x AND (b > :y OR (b = :y AND c > :z))))',
    );
  });

  it('selects the maximum with MAX', () => {
    const query = new FakeQuery('call');
    expect(mysql.selectMaximum(asQuery(query), 'call.id')).toBe(query);
    expect(query.getQueryAndParameters()[0]).toBe('call | (CAST(MAX(call.id) AS CHAR)) c0');
  });

  it('reads the pool size from poolSize and extra.connectionLimit', () => {
    expect(mysql.poolSize(dataSource({}))).toBe(10);
    expect(mysql.poolSize(dataSource({ poolSize: 4 }))).toBe(4);
    expect(mysql.poolSize(dataSource({ poolSize: 4, extra: { connectionLimit: '7' } }))).toBe(7);
    expect(mysql.poolSize(dataSource({ extra: { max: 7 } }))).toBe(10);
  });

  it('limits a driver to one replica and the primary', () => {
    const requested: unknown[] = [];
    const poolCluster = { getConnection: (...of: unknown[]) => requested.push(of) };
    const driver = { poolCluster, options: { type: 'mysql' } } as unknown as Driver;
    const replica = mysql.onReplica(driver, 1) as unknown as { poolCluster: typeof poolCluster };
    expect(replica).toMatchObject({ options: { type: 'mysql' } });
    const callback = () => {};
    replica.poolCluster.getConnection('SLAVE*', callback);
    replica.poolCluster.getConnection('MASTER', callback);
    expect(requested).toEqual([
      ['SLAVE1', callback],
      ['MASTER', callback],
    ]);
  });
});

/** Entities with columns of these protocol types, as mysql2 reports them. */
function entitiesOf(types: Record<string, number>, growing = 'id') {
  const described: unknown[] = [];
  const columns = Object.keys(types).map((propertyPath) => ({ propertyPath, type: 'datetime' }));
  const runner = {
    query: async () => [{ o0: 0, o1: 3600, zone: 'SYSTEM' }],
  } as unknown as QueryRunner;
  const repository = {
    createQueryBuilder: (alias: string, by: QueryRunner) =>
      new FakeQuery(`${alias} ${by === runner}`),
  };
  const connection = {
    promise: () => ({
      query: async (query: unknown, parameters: unknown[]) => {
        described.push(query, parameters);
        const fields = Object.values(types).map((columnType) => ({ columnType }));
        return [[], fields] as [unknown[][], { columnType: number }[]];
      },
    }),
  };
  const column = (name: string) => columns.find(({ propertyPath }) => propertyPath === name);
  const entities = {
    dataSource: dataSource({ timezone: 'Z' }),
    usedColumns: (exported: unknown[]) => {
      expect(exported).toEqual([]);
      return [[{ repository }, columns]];
    },
    calls: { column, property: (name: string) => `call.${name}` },
    growing,
  } as unknown as CallsEntities;
  const facts = (by: object = connection) => mysql.facts(entities, [], runner, by);
  return { facts, described, column: (name: string) => column(name) as unknown as ColumnMetadata };
}

describe('MysqlDialect.facts', () => {
  // MYSQL_TYPE_TINY, SHORT, LONG, LONGLONG and INT24; DECIMAL, FLOAT, VARCHAR, BIT, VAR_STRING and STRING.
  it.each([
    ...[1, 2, 3, 8, 9].map((type) => [type, 'exact'] as const),
    ...[0, 4, 15, 16, 253, 254].map((type) => [type, 'loose'] as const),
  ])('reports columns of the protocol type %i as %s', async (type, equality) => {
    const { facts, column } = entitiesOf({ id: 8, accountId: type });
    const { equality: of, clock } = await facts();
    expect(of(column('accountId'))).toBe(equality);
    expect(of(column('id'))).toBe('exact');
    expect(clock(column('id'))).toBe(UTC_CLOCK);
  });

  it('describes the columns with a query without rows', async () => {
    const { facts, described } = entitiesOf({ id: 8, accountId: 253 });
    await facts();
    const sql = 'described true | WHERE 1 = 0 | (described.id) c0 | (described.accountId) c1';
    expect(described).toEqual([{ sql, rowsAsArray: true }, ['parameter']]);
  });

  it('reports columns as loose with a driver other than mysql2', async () => {
    const { facts, column } = entitiesOf({ id: 8 });
    expect((await facts({})).equality(column('id'))).toBe('loose');
  });

  it('throws if calls are sorted by a TIMESTAMP and the offset of the zone changes', async () => {
    const [datetime, timestamp] = [12, 7];
    await entitiesOf({ id: 8, createdAt: timestamp }).facts();
    await entitiesOf({ id: 8, createdAt: datetime }, 'createdAt').facts();
    const sorted = entitiesOf({ id: 8, createdAt: timestamp }, 'createdAt');
    await expect(sorted.facts()).rejects.toThrow(
      "Calls can't be sorted by call.createdAt, a TIMESTAMP column, in the session's time zone SYSTEM",
    );
  });
});

describe('MysqlDialect.rowCell for a time', () => {
  const cell = (
    column: object,
    options: object,
    exported: Parameters<MysqlDialect['rowCell']>[0] = { kind: 'time' },
  ) =>
    mysql.rowCell(
      exported,
      'call.x',
      { type: 'datetime', ...column } as ColumnMetadata,
      dataSource({ timezone: 'Z', ...options }),
    );
  const FORMATTED = "DATE_FORMAT(call.x, '%Y-%m-%dT%H:%i:%s')";

  it('lets the server format the time if mysql2 reads it as UTC', () => {
    expect(cell({}, {}).sql).toBe(FORMATTED);
    // dateStrings without the type of the column.
    expect(cell({}, { dateStrings: ['TIMESTAMP'] }).sql).toBe(FORMATTED);
  });

  it.each<[string, ReturnType<typeof cell>]>([
    ['a transformer', cell({ transformer: { from: String, to: String } }, {})],
    ['a mask', cell({}, {}, { kind: 'time', mask: () => null })],
    ['a typeCast', cell({}, { typeCast: () => null })],
    ['dateStrings', cell({}, { dateStrings: true })],
    ['another zone', cell({}, { timezone: '+01:00' })],
    ['the local zone', cell({}, { timezone: 'local' })],
    ['another kind', cell({}, {}, { kind: 'text' })],
  ])('reads the time through TypeORM with %s', (_, { sql }) => {
    expect(sql).toBe('call.x');
  });

  it('returns undefined for a year, month or day of 0', () => {
    const { read } = cell({}, {});
    expect(read('2023-10-30T10:00:00')).toBe('2023-10-30T10:00:00');
    expect(read('1000-01-01T00:00:00')).toBe('1000-01-01T00:00:00');
    expect(read('0001-01-01T00:00:00')).toBe('0001-01-01T00:00:00');
    expect(read('2023-10-30T00:00:00')).toBe('2023-10-30T00:00:00');
    expect(read(null)).toBeNull();
    for (const none of [
      '0000-00-00T00:00:00',
      '0000-01-01T00:00:00',
      '2023-00-10T00:00:00',
      '2023-10-00T00:00:00',
      undefined,
      20231030,
      new Date(0),
    ]) {
      expect(read(none)).toBeUndefined();
    }
  });
});
