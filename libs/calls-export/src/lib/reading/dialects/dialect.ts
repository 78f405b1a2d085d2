import type { DataSource, ObjectLiteral, QueryRunner, SelectQueryBuilder } from 'typeorm';
import type { ColumnMetadata } from '../../entities/calls-entities';

/** A piece of SQL, and the parameters in it. */
export interface SqlPiece {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What the databases write and read differently, of what an export needs. */
export interface Dialect {
  /**
   * Whether `COPY … (FORMAT binary)` may be there, by which pages are read fastest. It still has to be tried, since other
   * databases speak PostgreSQL's protocol too.
   */
  readonly mayCopy: boolean;
  /** Whether an assistant's calls are found along an index of theirs; else they are picked from a walk of the account's. */
  readonly walksAssistants: boolean;

  /** A value as text, which keeps all of a 64-bit number and of a time. */
  asText(expression: string): string;

  /**
   * Compares two lists of values, first by their first values and, if these are equal, by the next ones, in a way that an
   * index on the columns serves.
   */
  compareLists(columns: readonly string[], operator: '>' | '<=', values: readonly string[]): string;

  /**
   * An instant to compare a column of times with.
   *
   * @param micros since 1970-01-01T00:00:00Z.
   * @param name of its parameter.
   */
  instant(micros: bigint, name: string): SqlPiece;

  /** How a row page reads a column of times. */
  timeCell(expression: string, column: ColumnMetadata, dataSource: DataSource): TimeCell;

  /** How a row page selects a text from a column, in a way that the driver gives it as a string. */
  textCell(expression: string, column: ColumnMetadata, dataSource: DataSource): string;

  /** The rows of a query, as lists of values in the order of what it selects. */
  fetchRows(
    query: SelectQueryBuilder<ObjectLiteral>,
    runner: QueryRunner,
    dataSource: DataSource,
  ): Promise<unknown[][]>;

  /** How many connections the pool of a server has. */
  poolSize(dataSource: DataSource): number;

  /** A driver as one sees it that has one replica, the one with this number. */
  onReplica(driver: Driver, replica: number): Driver;

  /**
   * Stops the statement that a connection works on, if the database can be told to. It may close the connection.
   *
   * @param another makes a query runner for another connection to the same server.
   * @returns a promise that is fulfilled when the database has been told, or can't be.
   */
  cancel(connection: unknown, another: () => QueryRunner): Promise<void>;

  /** Closes a connection that does not answer. */
  abandon(connection: unknown): void;
}

export type Driver = DataSource['driver'];

/** As many connections a pool has by default, of `pg` and of `mysql2`. */
const POOL_SIZE = 10;

/** @param name of the driver's own option for it. */
export function poolSizeOf({ options }: DataSource, name: string): number {
  const { extra, poolSize = POOL_SIZE } = options as {
    extra?: Record<string, unknown>;
    poolSize?: number;
  };
  return Number(extra?.[name] ?? poolSize);
}

/** How a column of times is read. */
export interface TimeCell {
  /** What is selected. */
  readonly sql: string;
  /** The time as `2023-10-30T10:00:00`, in UTC; undefined if it is not in the years 1 to 9999. */
  read(value: unknown): string | undefined;
}

/** Reads a column of times as the driver does for an entity, which knows in what zone it keeps them. */
export function hydratedTime(
  expression: string,
  column: ColumnMetadata,
  { driver }: DataSource,
): TimeCell {
  return {
    sql: expression,
    read(value) {
      // The infinite times of PostgreSQL come as numbers.
      const date = new Date(driver.prepareHydratedValue(value, column));
      const year = date.getUTCFullYear();
      return year >= 1 && year <= 9999 ? date.toISOString().slice(0, -5) : undefined;
    },
  };
}

/** The rows of a query, by TypeORM, which makes an object of each. */
export async function fetchObjects(
  query: SelectQueryBuilder<ObjectLiteral>,
  runner: QueryRunner,
): Promise<unknown[][]> {
  const rows = await query.setQueryRunner(runner).getRawMany<object>();
  return rows.map((row) => Object.values(row));
}

/** What a database does that keeps to the SQL standard, by TypeORM alone. */
export abstract class StandardDialect implements Dialect {
  abstract readonly mayCopy: boolean;
  readonly walksAssistants: boolean = true;
  readonly timeCell = hydratedTime;
  readonly fetchRows = fetchObjects;

  asText(expression: string): string {
    return `CAST(${expression} AS text)`;
  }

  textCell(expression: string): string {
    return this.asText(expression);
  }

  compareLists(
    columns: readonly string[],
    operator: '>' | '<=',
    values: readonly string[],
  ): string {
    return `(${columns.join(', ')}) ${operator} (${values.join(', ')})`;
  }

  abstract instant(micros: bigint, name: string): SqlPiece;

  abstract poolSize(dataSource: DataSource): number;

  onReplica(driver: Driver, _replica: number): Driver {
    return driver;
  }

  async cancel(_connection: unknown, _another: () => QueryRunner): Promise<void> {}

  abandon(_connection: unknown): void {}
}

/** The whole milliseconds, as a date, and the microseconds that are left. */
export function splitMicros(micros: bigint): [Date, bigint] {
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  return [new Date(Number((micros - rest) / 1000n)), rest];
}

/** The years that all databases but PostgreSQL have, a day short of either end for the zones. */
const MIN_MICROS = BigInt(Date.parse('0001-01-02T00:00:00Z')) * 1000n;
const MAX_MICROS = BigInt(Date.parse('9999-12-31T00:00:00Z')) * 1000n;

export function clampMicros(micros: bigint): bigint {
  return micros < MIN_MICROS ? MIN_MICROS : micros > MAX_MICROS ? MAX_MICROS : micros;
}
