import type { DataSource, ObjectLiteral, QueryRunner, SelectQueryBuilder } from 'typeorm';
import { MysqlDialect } from './mysql.dialect';

const mysql = new MysqlDialect();

const queryOf = (query: object) => query as unknown as SelectQueryBuilder<ObjectLiteral>;

describe('MysqlDialect.fetchRows', () => {
  const getQueryAndParameters = () => ['SELECT 1', ['parameter']];

  it('returns the rows of mysql2 as arrays and logs the query', async () => {
    const rows = [[1, 'a'], [2]];
    const requested: unknown[] = [];
    const promise = () => ({
      query: async (...of: unknown[]) => (requested.push(of), [rows, []]),
    });
    const runner = { connect: async () => ({ promise }) } as unknown as QueryRunner;
    const logged: unknown[] = [];
    const logger = { logQuery: (...of: unknown[]) => logged.push(of) };
    const source = { logger } as unknown as DataSource;
    expect(await mysql.fetchRows(queryOf({ getQueryAndParameters }), runner, source)).toBe(rows);
    expect(requested).toEqual([[{ sql: 'SELECT 1', rowsAsArray: true }, ['parameter']]]);
    expect(logged).toEqual([['SELECT 1', ['parameter'], runner]]);
  });

  it('converts row objects to arrays with another driver', async () => {
    const runner = { connect: async () => ({}) } as unknown as QueryRunner;
    const used: unknown[] = [];
    const query = queryOf({
      setQueryRunner(by: QueryRunner) {
        used.push(by);
        return this;
      },
      getRawMany: async () => [{ c0: 1, c1: 'a' }],
    });
    const rows = await mysql.fetchRows(query, runner, {} as DataSource);
    expect(rows).toEqual([[1, 'a']]);
    expect(used).toEqual([runner]);
  });
});

describe('MysqlDialect.cancel', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** A connection to cancel, and a query runner for the connection that sends KILL. */
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

  it('closes the connection, then kills the statement from another one', async () => {
    const { log, another, connection } = connections();
    await mysql.cancel(connection, another);
    expect(log).toEqual(['destroy connection', 'connect', 'KILL 42', 'release']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('only closes a connection without a thread id', async () => {
    const { log, another, connection } = connections();
    await mysql.cancel({ ...connection, threadId: undefined }, another);
    expect(log).toEqual(['destroy connection']);
    await mysql.cancel({}, another);
    expect(log).toEqual(['destroy connection']);
  });

  it('resolves and releases the other connection if KILL fails', async () => {
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

  it('closes the other connection if KILL gets no response for a second', async () => {
    let respond = () => {};
    const query = () => new Promise<void>((resolve) => (respond = resolve));
    const { log, another, connection } = connections({ query });
    const canceled = mysql.cancel(connection, another);
    await jest.advanceTimersByTimeAsync(999);
    expect(log).toEqual(['destroy connection', 'connect', 'KILL 42']);
    await jest.advanceTimersByTimeAsync(1);
    expect(log.at(-1)).toBe('destroy killer');
    respond();
    await canceled;
    expect(log.at(-1)).toBe('release');
  });
});

describe('MysqlDialect.abandon', () => {
  it('closes the connection', () => {
    const destroy = jest.fn();
    mysql.abandon({ destroy });
    expect(destroy).toHaveBeenCalledTimes(1);
    expect(() => mysql.abandon({})).not.toThrow();
  });
});
