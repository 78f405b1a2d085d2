import type { DataSource, ObjectLiteral, QueryRunner, SelectQueryBuilder } from 'typeorm';
import type { CallsEntities } from '../../entities/calls-entities';
import type { ColumnMetadata, KeyForm } from '../../entities/column-use';
import type { Cell } from '../../formats/file-format';
import type { ExportColumn } from '../../model/export-column';
import type { WallClock } from '../wall-clock';

/** How strictly `=` compares the values of a column, which decides how to test for an exact match. */
export type Equality =
  /** `=` is exact, since the values are not text. */
  | 'exact'
  /** `=` may match different texts, for example ones that differ in case. */
  | 'loose'
  /** Like `loose`; the driver also adds to the text, for example pads `char(n)`. Both forms match. */
  | 'padded';

/** How the database stores the values of columns, as far as that can be detected. */
export interface ColumnFacts {
  equality(column: ColumnMetadata): Equality;
  /**
   * Returns the clock of a column of local times, or undefined if the column stores instants.
   *
   * @throws Error if the driver reads the times in a way that filters can't reproduce.
   */
  clock(column: ColumnMetadata): WallClock | undefined;
}

/** Session variables by name. */
export type SessionSettings = Readonly<Record<string, string>>;

/** The SQL and driver behavior that differs between databases. Expressions and conditions are SQL. */
export interface Dialect {
  /**
   * Whether the database may support `COPY … (FORMAT binary)`, the fastest way to read a page.
   *
   * It must still be tried, since other databases speak PostgreSQL's protocol too.
   */
  readonly mayCopy: boolean;
  /** Whether the database has session variables, for example for row-level security policies. */
  readonly hasSettings: boolean;
  /** Whether an export of one assistant scans an index on the assistant, not all calls of the account. */
  readonly scansByAssistant: boolean;

  /** Casts a value to text, which keeps every digit of a 64-bit number or a time. */
  asText(expression: string): string;

  /**
   * Returns the condition that compares two lists of values in lexicographic order. It can use an index on
   * the columns.
   */
  compareLists(columns: readonly string[], operator: '>' | '<=', values: readonly string[]): string;

  /** Converts a value so that any column can be compared with it by `=`. */
  comparable(value: unknown): unknown;

  /** Returns the condition that a key is in the parameter `some`, a list of strings. */
  isOneOf(expression: string, form: KeyForm | undefined): string;

  /**
   * Returns the condition that a column equals a text byte by byte, regardless of its collation.
   *
   * @param value the placeholder of the text.
   */
  isText(expression: string, value: string, equality: Equality): string;

  /**
   * Formats a time for a comparison with a column.
   *
   * @param micros microseconds since 1970-01-01T00:00:00, of an instant or of a wall clock.
   */
  timeText(micros: bigint, what: 'instant' | 'wall clock'): string;

  /** Returns the condition that compares a time column with the result of `timeText`. */
  compareTime(expression: string, operator: '>=' | '<', value: string): string;

  /** Makes a query select a column's maximum as text, named `c0`. If there is none: no row, or null. */
  selectMaximum(
    query: SelectQueryBuilder<ObjectLiteral>,
    column: string,
  ): SelectQueryBuilder<ObjectLiteral>;

  /**
   * Returns how the server stores the columns that an export uses.
   *
   * @param columns the exported columns.
   */
  facts(
    entities: CallsEntities,
    columns: readonly ExportColumn[],
    runner: QueryRunner,
    connection: unknown,
  ): Promise<ColumnFacts>;

  /**
   * Reads from the catalog, for each index of a table, the columns that a scan can use, in order.
   *
   * Includes the primary key and the columns that an index implicitly ends with, and leaves out partial
   * indexes.
   *
   * @param tablePath the `tablePath` of the entity's metadata.
   * @returns undefined if there is no such table, or if it is a view.
   */
  indexes(
    runner: QueryRunner,
    tablePath: string,
  ): Promise<readonly (readonly string[])[] | undefined>;

  /** Returns how to read a column without COPY. */
  rowCell(
    exported: ExportedValue,
    expression: string,
    column: ColumnMetadata,
    dataSource: DataSource,
  ): RowCell;

  /**
   * Runs `work` in a transaction with the session settings of an export and these variables. Databases that
   * need neither run it without a transaction.
   */
  transaction<T>(
    runner: QueryRunner,
    settings: SessionSettings,
    work: () => Promise<T>,
  ): Promise<T>;

  /** Runs a query and returns its rows as arrays, in the order of the selected values. */
  fetchRows(
    query: SelectQueryBuilder<ObjectLiteral>,
    runner: QueryRunner,
    dataSource: DataSource,
  ): Promise<unknown[][]>;

  /** Returns the number of connections in the pool of a server. */
  poolSize(dataSource: DataSource): number;

  /** Returns a view of the driver that uses only the replica with this index. */
  onReplica(driver: Driver, replica: number): Driver;

  /**
   * Cancels the running statement of a connection, if the database supports that. May close the connection.
   *
   * @param another creates a query runner for another connection to the same server.
   * @returns a promise that resolves when the cancel request was sent or has failed.
   */
  cancel(connection: unknown, another: () => QueryRunner): Promise<void>;

  /** Closes a connection that does not respond. */
  abandon(connection: unknown): void;
}

export type Driver = DataSource['driver'];

/** What an exported column does with the value of a property. */
export type ExportedValue = Pick<ExportColumn, 'kind' | 'mask'>;

/** How to read a column without COPY. */
export interface RowCell {
  /** The expression to select. */
  readonly sql: string;
  /** Converts the driver's value to a cell, or undefined if it can't be exported. */
  read(value: unknown): Cell | undefined;
}
