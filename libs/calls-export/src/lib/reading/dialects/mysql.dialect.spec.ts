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

/** A query that says what it was told to be. */
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

describe('On MySQL', () => {
  it('there is neither COPY nor session variables, and assistants are not walked', () => {
    const { mayCopy, hasSettings, scansByAssistant, indexes } = mysql;
    expect({ mayCopy, hasSettings, scansByAssistant }).toEqual({
      mayCopy: false,
      hasSettings: false,
      scansByAssistant: false,
    });
    expect(indexes).toBe(mysqlIndexes);
  });

  it('numbers are compared as texts, and all else as it is', () => {
    expect([42, '42', 7n, null, true].map((value) => mysql.comparable(value))).toEqual([
      '42',
      '42',
      7n,
      null,
      true,
    ]);
  });

  it('a text is compared by its bytes', () => {
    expect(mysql.asText('call.x')).toBe('CAST(call.x AS CHAR)');
    expect(mysql.isText('call.x', ':text', 'loose')).toBe(
      'CAST(CONVERT(CAST(call.x AS CHAR) USING utf8mb4) AS BINARY) = CAST(CONVERT(:text USING utf8mb4) AS BINARY)',
    );
  });

  it('keys are compared column by column', () => {
    expect(mysql.compareLists(['a', 'b', 'c'], '<=', [':x', ':y', ':z'])).toBe(
      '(a < :x OR (a = :x AND (b < :y OR (b = :y AND c <= :z))))',
    );
    expect(mysql.compareLists(['a', 'b', 'c'], '>', [':x', ':y', ':z'])).toBe(
      '(a > :x OR (a = :x AND (b > :y OR (b = :y AND c > :z))))',
    );
  });

  it('the greatest value is found by MAX', () => {
    const query = new FakeQuery('call');
    expect(mysql.greatest(asQuery(query), 'call.id')).toBe(query);
    expect(query.getQueryAndParameters()[0]).toBe('call | (CAST(MAX(call.id) AS CHAR)) c0');
  });

  it('a pool has the connections that mysql2 is told', () => {
    expect(mysql.poolSize(dataSource({}))).toBe(10);
    expect(mysql.poolSize(dataSource({ poolSize: 4 }))).toBe(4);
    expect(mysql.poolSize(dataSource({ poolSize: 4, extra: { connectionLimit: '7' } }))).toBe(7);
    expect(mysql.poolSize(dataSource({ extra: { max: 7 } }))).toBe(10);
  });

  it('a driver sees one replica, and the primary', () => {
    const asked: unknown[] = [];
    const poolCluster = { getConnection: (...of: unknown[]) => asked.push(of) };
    const driver = { poolCluster, options: { type: 'mysql' } } as unknown as Driver;
    const replica = mysql.onReplica(driver, 1) as unknown as { poolCluster: typeof poolCluster };
    expect(replica).toMatchObject({ options: { type: 'mysql' } });
    const callback = () => {};
    replica.poolCluster.getConnection('SLAVE*', callback);
    replica.poolCluster.getConnection('MASTER', callback);
    expect(asked).toEqual([
      ['SLAVE1', callback],
      ['MASTER', callback],
    ]);
  });
});

/** Columns of entities, and how mysql2 says that the server keeps each. */
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
    used: (exported: unknown[]) => {
      expect(exported).toEqual([]);
      return [[{ repository }, columns]];
    },
    calls: { column, property: (name: string) => `call.${name}` },
    growing,
  } as unknown as CallsEntities;
  const facts = (by: object = connection) => mysql.facts(entities, [], runner, by);
  return { facts, described, column: (name: string) => column(name) as unknown as ColumnMetadata };
}

describe('The columns of MySQL', () => {
  // MYSQL_TYPE_TINY, SHORT, LONG, LONGLONG and INT24; DECIMAL, FLOAT, VARCHAR, BIT, VAR_STRING and STRING.
  it.each([
    ...[1, 2, 3, 8, 9].map((type) => [type, 'exact'] as const),
    ...[0, 4, 15, 16, 253, 254].map((type) => [type, 'loose'] as const),
  ])('of the type %i have %s values', async (type, equality) => {
    const { facts, column } = entitiesOf({ id: 8, accountId: type });
    const { equality: of, clock } = await facts();
    expect(of(column('accountId'))).toBe(equality);
    expect(of(column('id'))).toBe('exact');
    expect(clock(column('id'))).toBe(UTC_CLOCK);
  });

  it('are described by a query without rows', async () => {
    const { facts, described } = entitiesOf({ id: 8, accountId: 253 });
    await facts();
    const sql = 'described true | WHERE 1 = 0 | (described.id) c0 | (described.accountId) c1';
    expect(described).toEqual([{ sql, rowsAsArray: true }, ['parameter']]);
  });

  it('have texts as far as another driver than mysql2 says', async () => {
    const { facts, column } = entitiesOf({ id: 8 });
    expect((await facts({})).equality(column('id'))).toBe('loose');
  });

  it('have to be of a steady zone where a TIMESTAMP is walked', async () => {
    const [datetime, timestamp] = [12, 7];
    await entitiesOf({ id: 8, createdAt: timestamp }).facts();
    await entitiesOf({ id: 8, createdAt: datetime }, 'createdAt').facts();
    const scanned = entitiesOf({ id: 8, createdAt: timestamp }, 'createdAt');
    await expect(scanned.facts()).rejects.toThrow(
      "Calls can't be read in the order of call.createdAt, a TIMESTAMP, in the session's time zone SYSTEM",
    );
  });
});

describe('A time of MySQL', () => {
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
  const WRITTEN = "DATE_FORMAT(call.x, '%Y-%m-%dT%H:%i:%s')";

  it('is written by the server where mysql2 takes it for UTC', () => {
    expect(cell({}, {}).sql).toBe(WRITTEN);
    // Of another type than the one of the column.
    expect(cell({}, { dateStrings: ['TIMESTAMP'] }).sql).toBe(WRITTEN);
  });

  it.each<[string, ReturnType<typeof cell>]>([
    ['a transformer', cell({ transformer: { from: String, to: String } }, {})],
    ['a mask', cell({}, {}, { kind: 'time', mask: () => null })],
    ['a typeCast', cell({}, { typeCast: () => null })],
    ['texts for times', cell({}, { dateStrings: true })],
    ['another zone', cell({}, { timezone: '+01:00' })],
    ['the local zone', cell({}, { timezone: 'local' })],
    ['another kind', cell({}, {}, { kind: 'text' })],
  ])('is read as TypeORM does with %s', (_, { sql }) => {
    expect(sql).toBe('call.x');
  });

  it('is none in the year 0, the month 0 or on the day 0', () => {
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

describe('Rows of MySQL', () => {
  const query = () => asQuery(new FakeQuery('SELECT 1'));

  it('are lists that mysql2 gives, by a query that the log has', async () => {
    const rows = [[1, 'a'], [2]];
    const asked: unknown[] = [];
    const promise = () => ({
      query: async (...of: unknown[]) => (asked.push(of), [rows, []]),
    });
    const runner = { connect: async () => ({ promise }) } as unknown as QueryRunner;
    const logged: unknown[] = [];
    const logger = { logQuery: (...of: unknown[]) => logged.push(of) };
    const source = { logger } as unknown as DataSource;
    expect(await mysql.fetchRows(query(), runner, source)).toBe(rows);
    expect(asked).toEqual([[{ sql: 'SELECT 1', rowsAsArray: true }, ['parameter']]]);
    expect(logged).toEqual([['SELECT 1', ['parameter'], runner]]);
  });

  it('are made of objects with another driver', async () => {
    const runner = { connect: async () => ({}) } as unknown as QueryRunner;
    const used: unknown[] = [];
    const plain = Object.assign(new FakeQuery('SELECT 1'), {
      setQueryRunner(by: QueryRunner) {
        used.push(by);
        return this;
      },
      getRawMany: async () => [{ c0: 1, c1: 'a' }],
    });
    const rows = await mysql.fetchRows(asQuery(plain), runner, dataSource({}));
    expect(rows).toEqual([[1, 'a']]);
    expect(used).toEqual([runner]);
  });
});

describe('A statement of MySQL', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** The connection that is cancelled, and another one by which the server is told. */
  function connections({ connect = async () => {}, query = async () => {} } = {}) {
    const log: string[] = [];
    const destroy = (name: string) => () => log.push(`destroy ${name}`);
    const another = () =>
      ({
        connect: async () => {
          log.push('connect');
          await connect();
          return { destroy: destroy('killer') };
        },
        query: async (sql: string) => {
          log.push(sql);
          await query();
        },
        release: async () => void log.push('release'),
      }) as unknown as QueryRunner;
    return { log, another, connection: { threadId: 42, destroy: destroy('connection') } };
  }

  it('is killed by another connection, after its own one has made room', async () => {
    const { log, another, connection } = connections();
    await mysql.cancel(connection, another);
    expect(log).toEqual(['destroy connection', 'connect', 'KILL 42', 'release']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is only closed where the server has no number for it', async () => {
    const { log, another, connection } = connections();
    await mysql.cancel({ ...connection, threadId: undefined }, another);
    expect(log).toEqual(['destroy connection']);
    await mysql.cancel({}, another);
    expect(log).toEqual(['destroy connection']);
  });

  it('is taken for cancelled where that fails, and the connection is given back', async () => {
    const refused = () => Promise.reject(new Error('refused'));
    for (const [failing, steps] of [
      [{ connect: refused }, ['destroy connection', 'connect', 'release']],
      [{ query: refused }, ['destroy connection', 'connect', 'KILL 42', 'release']],
    ] as const) {
      const { log, another, connection } = connections(failing);
      await mysql.cancel(connection, another);
      expect(log).toEqual(steps);
      expect(jest.getTimerCount()).toBe(0);
    }
  });

  it('is left alone after a second by a connection that is cut off as well', async () => {
    let give = () => {};
    const query = () => new Promise<void>((resolve) => (give = resolve));
    const { log, another, connection } = connections({ query });
    const cancelled = mysql.cancel(connection, another);
    await jest.advanceTimersByTimeAsync(999);
    expect(log).toEqual(['destroy connection', 'connect', 'KILL 42']);
    await jest.advanceTimersByTimeAsync(1);
    expect(log.at(-1)).toBe('destroy killer');
    give();
    await cancelled;
    expect(log.at(-1)).toBe('release');
  });

  it('ends with its connection', () => {
    const { log, connection } = connections();
    mysql.abandon(connection);
    expect(log).toEqual(['destroy connection']);
    expect(() => mysql.abandon({})).not.toThrow();
  });
});
