import type { DataSource, ObjectLiteral, QueryRunner, SelectQueryBuilder } from 'typeorm';
import type { CallsEntities } from '../../entities/calls-entities';
import type { ColumnMetadata } from '../../entities/column-use';
import type { ExportColumn } from '../../model/export-column';
import { selectValues } from '../select-values';
import { UTC_CLOCK } from '../wall-clock';
import type { ColumnFacts, Driver, Equality, ExportedValue, RowCell } from './dialect';
import { mysqlIndexes } from './mysql-indexes';
import {
  clockOf,
  isReadAsText,
  requireSteadyZone,
  timeOptions,
  TIMESTAMP_TYPE,
} from './mysql-times';
import { plainTime, poolSizeOf, StandardDialect } from './standard-dialect';

/** The part of a connection of mysql2 that is used here. */
interface Mysql2Connection {
  /** What the server calls it. */
  readonly threadId: number;
  destroy(): void;
  promise(): {
    query(
      options: { sql: string; rowsAsArray: boolean },
      parameters: unknown[],
    ): Promise<[unknown[][], readonly { readonly columnType: number }[]]>;
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

/** Of MySQL's protocol: tiny, short, long, long long and medium integers (MySQL's source, `enum_field_types`). */
const INTEGER_TYPES = [1, 2, 3, 8, 9];

/** MySQL and MariaDB. */
export class MysqlDialect extends StandardDialect {
  readonly mayCopy = false;
  override readonly scansByAssistant = false;
  readonly indexes = mysqlIndexes;

  override asText(expression: string): string {
    return `CAST(${expression} AS CHAR)`;
  }

  /** A number as a text: MySQL compares texts with numbers as numbers, and without an index (its manual, "Type Conversion in Expression Evaluation"). */
  override comparable(value: unknown): unknown {
    return typeof value === 'number' ? String(value) : value;
  }

  /** As bytes: even the binary collations of texts take blanks at the end for nothing (its manual, "The binary Collation"). */
  isText(expression: string, value: string, _equality: Equality): string {
    const bytes = (text: string) => `CAST(CONVERT(${text} USING utf8mb4) AS BINARY)`;
    return `${bytes(this.asText(expression))} = ${bytes(value)}`;
  }

  /** Spelled out, since MySQL finds no range in a comparison of rows (its manual, "Range Optimization of Row Constructor Expressions"). */
  override compareLists(
    [column, ...columns]: readonly string[],
    operator: '>' | '<=',
    [value, ...values]: readonly string[],
  ): string {
    if (columns.length === 0) return `${column} ${operator} ${value}`;
    const rest = this.compareLists(columns, operator, values);
    return `(${column} ${operator === '>' ? '>' : '<'} ${value} OR (${column} = ${value} AND ${rest}))`;
  }

  /** An order by a text or a number may have MySQL walk the primary key, past the calls of all other accounts. */
  override greatest(
    query: SelectQueryBuilder<ObjectLiteral>,
    column: string,
  ): SelectQueryBuilder<ObjectLiteral> {
    return selectValues(query, [this.asText(`MAX(${column})`)]);
  }

  timeText(micros: bigint): string {
    return plainTime(micros);
  }

  override async facts(
    entities: CallsEntities,
    _columns: readonly ExportColumn[],
    runner: QueryRunner,
    connection: Partial<Mysql2Connection>,
  ): Promise<ColumnFacts> {
    const { dataSource } = entities;
    const integers = new Set<ColumnMetadata>();
    const timestamps = new Set<ColumnMetadata>();
    for (const [{ repository }, columns] of entities.used([])) {
      const query = repository.createQueryBuilder('described', runner).where('1 = 0');
      const values = columns.map(({ propertyPath }) => `described.${propertyPath}`);
      const [sql, parameters] = selectValues(query, values).getQueryAndParameters();
      const [, fields = []] =
        (await connection.promise?.().query({ sql, rowsAsArray: true }, parameters)) ?? [];
      fields.forEach(({ columnType }, index) => {
        const column = columns[index] as ColumnMetadata;
        if (INTEGER_TYPES.includes(columnType)) integers.add(column);
        if (columnType === TIMESTAMP_TYPE) timestamps.add(column);
      });
    }
    const { calls, growing } = entities;
    if (timestamps.has(calls.column(growing))) {
      await requireSteadyZone(runner, calls.property(growing));
    }
    return {
      equality: (column) => (integers.has(column) ? 'exact' : 'loose'),
      clock: (column) => clockOf(column, dataSource),
    };
  }

  /** If the driver takes times for UTC, the server writes them as they are exported, and no Date is made for any of them. */
  override rowCell(
    exported: ExportedValue,
    expression: string,
    column: ColumnMetadata,
    dataSource: DataSource,
  ): RowCell {
    const { typeCast } = timeOptions(dataSource);
    const { kind, mask } = exported;
    const isMade = Boolean(column.transformer ?? mask);
    const isPlain = kind === 'time' && !isMade && !isReadAsText(column, dataSource) && !typeCast;
    if (!isPlain || clockOf(column, dataSource) !== UTC_CLOCK) {
      return super.rowCell(exported, expression, column, dataSource);
    }
    return {
      sql: `DATE_FORMAT(${expression}, '%Y-%m-%dT%H:%i:%s')`,
      read: (value) => (value === null ? null : isDate(value) ? value : undefined),
    };
  }

  /** By mysql2 itself, which gives a row as a list if it is asked to. */
  override async fetchRows(
    query: SelectQueryBuilder<ObjectLiteral>,
    runner: QueryRunner,
    dataSource: DataSource,
  ): Promise<unknown[][]> {
    const connection: Partial<Mysql2Connection> = await runner.connect();
    if (!connection.promise) return super.fetchRows(query, runner, dataSource);
    const [sql, parameters] = query.getQueryAndParameters();
    dataSource.logger.logQuery(sql, parameters, runner);
    const [rows] = await connection.promise().query({ sql, rowsAsArray: true }, parameters);
    return rows;
  }

  poolSize(dataSource: DataSource): number {
    return poolSizeOf(dataSource, 'connectionLimit');
  }

  override onReplica(driver: Driver, replica: number): Driver {
    const { poolCluster } = driver as unknown as { poolCluster: PoolCluster };
    const getConnection: PoolCluster['getConnection'] = (pattern, callback) =>
      poolCluster.getConnection(pattern === ANY_REPLICA ? `SLAVE${replica}` : pattern, callback);
    return Object.create(driver, { poolCluster: { value: { getConnection } } });
  }

  /** Closes the connection first, which the server does not notice, but which makes room in the pool for one that tells it. */
  override async cancel(connection: unknown, another: () => QueryRunner): Promise<void> {
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

  override abandon(connection: unknown): void {
    (connection as Partial<Mysql2Connection>).destroy?.();
  }
}

/** MySQL takes days that do not exist if it is told to: `0000-00-00`, or one in the month 00. */
function isDate(value: unknown): value is string {
  return typeof value === 'string' && !/^0000|-00/.test(value);
}
