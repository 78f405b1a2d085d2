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
  requireConstantOffset,
  timeOptions,
  TIMESTAMP_TYPE,
} from './mysql-times';
import { plainTime, poolSizeOf, StandardDialect } from './standard-dialect';

/** The part of a connection of mysql2 that is used here. */
interface Mysql2Connection {
  /** The server's id of the connection, for `KILL`. */
  readonly threadId: number;
  destroy(): void;
  promise(): {
    query(
      options: { sql: string; rowsAsArray: boolean },
      parameters: unknown[],
    ): Promise<[unknown[][], readonly { readonly columnType: number }[]]>;
  };
}

/** The part of mysql2's PoolCluster that TypeORM uses. */
interface PoolCluster {
  getConnection(pattern: string, callback: unknown): void;
}

/** The pattern with which TypeORM requests any replica. */
const ANY_REPLICA = 'SLAVE*';

/** How long to wait for `KILL`. */
const KILL_MS = 1_000;

/** The protocol's TINY, SHORT, LONG, LONGLONG and INT24 (MySQL's source, `enum_field_types`). */
const INTEGER_TYPES = [1, 2, 3, 8, 9];

/** MySQL and MariaDB. */
export class MysqlDialect extends StandardDialect {
  readonly mayCopy = false;
  override readonly scansByAssistant = false;
  readonly indexes = mysqlIndexes;

  override asText(expression: string): string {
    return `CAST(${expression} AS CHAR)`;
  }

  /**
   * Converts a number to a string, since MySQL compares text with a number as numbers and without an index
   * (MySQL manual, "Type Conversion in Expression Evaluation").
   */
  override comparable(value: unknown): unknown {
    return typeof value === 'number' ? String(value) : value;
  }

  /**
   * Compares bytes, since even the binary collations of text ignore trailing spaces (MySQL manual,
   * "The binary Collation").
   */
  isText(expression: string, value: string, _equality: Equality): string {
    const bytes = (text: string) => `CAST(CONVERT(${text} USING utf8mb4) AS BINARY)`;
    return `${bytes(this.asText(expression))} = ${bytes(value)}`;
  }

  /**
   * Uses AND and OR, since MySQL has no range scan for a row comparison (MySQL manual, "Range Optimization of
   * Row Constructor Expressions").
   */
  override compareLists(
    [column, ...columns]: readonly string[],
    operator: '>' | '<=',
    [value, ...values]: readonly string[],
  ): string {
    if (columns.length === 0) return `${column} ${operator} ${value}`;
    const rest = this.compareLists(columns, operator, values);
    return `(${column} ${operator === '>' ? '>' : '<'} ${value} OR (${column} = ${value} AND ${rest}))`;
  }

  /** Uses MAX, since for `ORDER BY … LIMIT 1` MySQL may scan the primary key across all accounts. */
  override selectMaximum(
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
    for (const [{ repository }, columns] of entities.usedColumns([])) {
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
      await requireConstantOffset(runner, calls.property(growing));
    }
    return {
      equality: (column) => (integers.has(column) ? 'exact' : 'loose'),
      clock: (column) => clockOf(column, dataSource),
    };
  }

  /** If the driver reads times as UTC, the server formats them, which saves a Date per value. */
  override rowCell(
    exported: ExportedValue,
    expression: string,
    column: ColumnMetadata,
    dataSource: DataSource,
  ): RowCell {
    const { typeCast } = timeOptions(dataSource);
    const { kind, mask } = exported;
    const isConverted = Boolean(column.transformer ?? mask);
    const isFormattable =
      kind === 'time' && !isConverted && !isReadAsText(column, dataSource) && !typeCast;
    if (!isFormattable || clockOf(column, dataSource) !== UTC_CLOCK) {
      return super.rowCell(exported, expression, column, dataSource);
    }
    return {
      sql: `DATE_FORMAT(${expression}, '%Y-%m-%dT%H:%i:%s')`,
      read: (value) => (value === null ? null : isDate(value) ? value : undefined),
    };
  }

  /** Uses mysql2 directly, since it can return rows as arrays. */
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

  /** Closes the connection first, which frees a slot in the pool for the connection that sends `KILL`. */
  override async cancel(connection: unknown, another: () => QueryRunner): Promise<void> {
    const { threadId } = connection as Partial<Mysql2Connection>;
    this.abandon(connection);
    if (threadId === undefined) return;
    const runner = another();
    let late: NodeJS.Timeout | undefined;
    try {
      const killer: unknown = await runner.connect();
      // This connection may be dead too. If so, it must not return to the pool.
      late = setTimeout(() => this.abandon(killer), KILL_MS);
      await runner.query(`KILL ${threadId}`);
    } catch {
      // The statement has finished, or the server is unreachable.
    } finally {
      clearTimeout(late);
      await runner.release();
    }
  }

  override abandon(connection: unknown): void {
    (connection as Partial<Mysql2Connection>).destroy?.();
  }
}

/** Whether a value is a valid date. In some SQL modes MySQL also stores others, such as `0000-00-00`. */
function isDate(value: unknown): value is string {
  return typeof value === 'string' && !/^0000|-00/.test(value);
}
