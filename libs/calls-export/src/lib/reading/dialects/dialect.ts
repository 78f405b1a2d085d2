import type { DataSource, ObjectLiteral, QueryRunner, SelectQueryBuilder } from 'typeorm';
import type { CallsEntities } from '../../entities/calls-entities';
import type { ColumnMetadata, KeyForm } from '../../entities/column-use';
import type { Cell } from '../../formats/file-format';
import type { ExportColumn } from '../../model/export-column';
import type { WallClock } from '../wall-clock';

/** Which texts a comparison of a column takes for the same, as far as an exact one has to mind. */
export type Equality =
  /** The values are no texts: `=` takes none for another. */
  | 'exact'
  /** `=` may take texts for the same that are not. */
  | 'loose'
  /** Likewise; and a value is read with something around it that its text has not, such as the blanks of `char(n)`. Both are it. */
  | 'padded';

/** How columns keep values, as far as one can tell. */
export interface ColumnFacts {
  equality(column: ColumnMetadata): Equality;
  /**
   * The clock by which a column keeps times; undefined if it keeps instants.
   *
   * @throws Error if the driver reads the times in a way that filters can't follow.
   */
  clock(column: ColumnMetadata): WallClock | undefined;
}

/** Session variables, by their names. */
export type SessionSettings = Readonly<Record<string, string>>;

/** What the databases write and read differently, of what an export needs. */
export interface Dialect {
  /**
   * Whether `COPY … (FORMAT binary)` may be there, by which pages are read fastest. It still has to be tried, since other
   * databases speak PostgreSQL's protocol too.
   */
  readonly mayCopy: boolean;
  /** Whether policies of the database's can see session variables. */
  readonly hasSettings: boolean;
  /** Whether an assistant's calls are found along an index of theirs; else they are picked from a walk of the account's. */
  readonly scansByAssistant: boolean;

  /** A value as text, which keeps all of a 64-bit number and of a time. */
  asText(expression: string): string;

  /**
   * Compares two lists of values, first by their first values and, if these are equal, by the next ones, in a way that an
   * index on the columns serves.
   */
  compareLists(columns: readonly string[], operator: '>' | '<=', values: readonly string[]): string;

  /** A value as any column is compared with it by `=`. */
  comparable(value: unknown): unknown;

  /** Whether a key is one of the texts of the parameter `some`, whichever integers are among them. */
  isOneOf(expression: string, form: KeyForm | undefined): string;

  /**
   * Whether a column has exactly a text: byte by byte, whatever its collation takes for equal.
   *
   * @param value the placeholder of the text.
   */
  isText(expression: string, value: string, equality: Equality): string;

  /**
   * A time as a column is compared with it.
   *
   * @param micros since 1970-01-01T00:00:00, of an instant or as a wall clock shows it.
   */
  timeText(micros: bigint, what: 'instant' | 'wall clock'): string;

  /** Compares a column of times with one that `timeText` gives. */
  compareTime(expression: string, operator: '>=' | '<', value: string): string;

  /** Has a query give the greatest value of a column as text, as `c0`: no row or null if there is none. */
  greatest(
    query: SelectQueryBuilder<ObjectLiteral>,
    column: string,
  ): SelectQueryBuilder<ObjectLiteral>;

  /**
   * How the columns keep values, of the server of a connection, that an export has to do with.
   *
   * @param columns of the export.
   */
  facts(
    entities: CallsEntities,
    columns: readonly ExportColumn[],
    runner: QueryRunner,
    connection: unknown,
  ): Promise<ColumnFacts>;

  /**
   * The columns of each index by which a table can be walked, in their order, as the database's catalog has them: of whole tables, with the
   * primary key and with what an index implicitly ends with.
   *
   * @param tablePath as the metadata of an entity has it.
   * @returns undefined if there is no table of the name, but a view or nothing.
   */
  indexes(
    runner: QueryRunner,
    tablePath: string,
  ): Promise<readonly (readonly string[])[] | undefined>;

  /** How a row page reads a column. */
  rowCell(
    exported: ExportedValue,
    expression: string,
    column: ColumnMetadata,
    dataSource: DataSource,
  ): RowCell;

  /**
   * Works in a transaction in which the session is as an export needs it and has these variables; without one where nothing is needed.
   */
  transaction<T>(
    runner: QueryRunner,
    settings: SessionSettings,
    work: () => Promise<T>,
  ): Promise<T>;

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

/** What a column of the export does with the value of a property. */
export type ExportedValue = Pick<ExportColumn, 'kind' | 'mask'>;

/** How a row page reads a column. */
export interface RowCell {
  /** What is selected. */
  readonly sql: string;
  /** Makes a cell of what the driver gives; undefined if it can't be written. */
  read(value: unknown): Cell | undefined;
}
