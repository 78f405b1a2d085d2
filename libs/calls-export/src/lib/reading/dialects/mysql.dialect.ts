import type { DataSource, ObjectLiteral, QueryRunner, SelectQueryBuilder } from 'typeorm';
import type { ColumnMetadata } from '../../entities/calls-entities';
import {
  clampMicros,
  type Dialect,
  type Driver,
  fetchObjects,
  hydratedTime,
  poolSizeOf,
  type SqlPiece,
  splitMicros,
  type TimeCell,
} from './dialect';

/** The part of a connection of mysql2 that is used here. */
interface Mysql2Connection {
  /** What the server calls it. */
  readonly threadId: number;
  destroy(): void;
  promise(): {
    query(
      options: { sql: string; rowsAsArray: boolean },
      parameters: unknown[],
    ): Promise<[unknown[][], unknown]>;
  };
}

/** The part of a cluster of pools that TypeORM uses. */
interface PoolCluster {
  getConnection(pattern: string, callback: unknown): void;
}

/** What TypeORM asks a cluster for where any replica will do. */
const ANY_REPLICA = 'SLAVE*';

/** So long a server may take to end a statement of another connection. */
const KILL_MS = 1_000;

/** Columns of these types come as strings by themselves. */
const TEXT_TYPES = ['varchar', 'char', 'text', 'tinytext', 'mediumtext', 'longtext', 'enum'];
const UTC = ['Z', '+00:00', '-00:00'];

/** MySQL and MariaDB. */
export class MysqlDialect implements Dialect {
  readonly mayCopy = false;
  readonly walksAssistants = false;

  asText(expression: string): string {
    return `CAST(${expression} AS CHAR)`;
  }

  textCell(expression: string, column: ColumnMetadata, { driver }: DataSource): string {
    const type = driver.normalizeType(column);
    return TEXT_TYPES.includes(type) ? expression : this.asText(expression);
  }

  /** Spelled out, since MySQL finds no range in a comparison of rows (its manual, "Range Optimization of Row Constructor Expressions"). */
  compareLists(
    [column, ...columns]: readonly string[],
    operator: '>' | '<=',
    [value, ...values]: readonly string[],
  ): string {
    if (columns.length === 0) return `${column} ${operator} ${value}`;
    const rest = this.compareLists(columns, operator, values);
    return `(${column} ${operator === '>' ? '>' : '<'} ${value} OR (${column} = ${value} AND ${rest}))`;
  }

  /** A Date, so that the driver writes it in the zone in which it keeps times. */
  instant(micros: bigint, name: string): SqlPiece {
    const [date, rest] = splitMicros(clampMicros(micros));
    if (rest === 0n) return { sql: `:${name}`, parameters: { [name]: date } };
    return {
      sql: `DATE_ADD(:${name}, INTERVAL :${name}Micros MICROSECOND)`,
      parameters: { [name]: date, [`${name}Micros`]: Number(rest) },
    };
  }

  /** If the driver takes times for UTC, the server writes them as they are exported, and no Date is made for any of them. */
  timeCell(expression: string, column: ColumnMetadata, dataSource: DataSource): TimeCell {
    const { timezone } = dataSource.options as { timezone?: string };
    if (timezone === undefined || !UTC.includes(timezone)) {
      return hydratedTime(expression, column, dataSource);
    }
    return {
      sql: `DATE_FORMAT(${expression}, '%Y-%m-%dT%H:%i:%s')`,
      read: (value) => (isDate(value) ? value : undefined),
    };
  }

  /** By mysql2 itself, which gives a row as a list if it is asked to. */
  async fetchRows(
    query: SelectQueryBuilder<ObjectLiteral>,
    runner: QueryRunner,
    { logger }: DataSource,
  ): Promise<unknown[][]> {
    const connection: Partial<Mysql2Connection> = await runner.connect();
    if (!connection.promise) return fetchObjects(query, runner);
    const [sql, parameters] = query.getQueryAndParameters();
    logger.logQuery(sql, parameters, runner);
    const [rows] = await connection.promise().query({ sql, rowsAsArray: true }, parameters);
    return rows;
  }

  poolSize(dataSource: DataSource): number {
    return poolSizeOf(dataSource, 'connectionLimit');
  }

  onReplica(driver: Driver, replica: number): Driver {
    const { poolCluster } = driver as unknown as { poolCluster: PoolCluster };
    const getConnection: PoolCluster['getConnection'] = (pattern, callback) =>
      poolCluster.getConnection(pattern === ANY_REPLICA ? `SLAVE${replica}` : pattern, callback);
    return Object.create(driver, { poolCluster: { value: { getConnection } } });
  }

  /** Closes the connection first, which the server does not notice, but which makes room in the pool for one that tells it. */
  async cancel(connection: unknown, another: () => QueryRunner): Promise<void> {
    const { threadId } = connection as Partial<Mysql2Connection>;
    this.abandon(connection);
    if (threadId === undefined) return;
    const runner = another();
    let late: NodeJS.Timeout | undefined;
    try {
      const killer: unknown = await runner.connect();
      // It may be cut off as well, and must not stay in the pool then.
      late = setTimeout(() => this.abandon(killer), KILL_MS);
      await runner.query(`KILL ${threadId}`);
    } catch {
      // It has ended by itself, or can't be reached.
    } finally {
      clearTimeout(late);
      await runner.release();
    }
  }

  abandon(connection: unknown): void {
    (connection as Partial<Mysql2Connection>).destroy?.();
  }
}

/** MySQL takes days that do not exist if it is told to: `0000-00-00`, or one in the month 00. */
function isDate(value: unknown): value is string {
  return typeof value === 'string' && !/^0000|-00/.test(value);
}
