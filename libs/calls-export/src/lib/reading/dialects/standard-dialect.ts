import type { DataSource, ObjectLiteral, QueryRunner, SelectQueryBuilder } from 'typeorm';
import type { CallsEntities } from '../../entities/calls-entities';
import { type ColumnMetadata, isInteger, type KeyForm, typeOf } from '../../entities/column-use';
import type { ExportColumn } from '../../model/export-column';
import { selectValues } from '../select-values';
import { toCell } from '../to-cell';
import { splitMicros, UTC_CLOCK } from '../wall-clock';
import type {
  ColumnFacts,
  Dialect,
  Driver,
  Equality,
  ExportedValue,
  RowCell,
  SessionSettings,
} from './dialect';
import { hydrate } from './hydrate';

/** Column types whose strings TypeORM returns unchanged. */
const PLAIN_TEXT =
  /^(?:(?:tiny|medium|long)?text|n?(?:var)?char|character varying|character|citext|uuid)?$/;

/** The default behavior of a dialect: standard SQL through TypeORM. */
export abstract class StandardDialect implements Dialect {
  abstract readonly mayCopy: boolean;
  readonly hasSettings: boolean = false;
  readonly scansByAssistant: boolean = true;

  /** Uses TypeORM, which returns each row as an object. */
  async fetchRows(
    query: SelectQueryBuilder<ObjectLiteral>,
    runner: QueryRunner,
    _dataSource: DataSource,
  ): Promise<unknown[][]> {
    const rows = await query.setQueryRunner(runner).getRawMany<object>();
    return rows.map((row) => Object.values(row));
  }

  asText(expression: string): string {
    return `CAST(${expression} AS text)`;
  }

  compareLists(
    columns: readonly string[],
    operator: '>' | '<=',
    values: readonly string[],
  ): string {
    return `(${columns.join(', ')}) ${operator} (${values.join(', ')})`;
  }

  comparable(value: unknown): unknown {
    return value;
  }

  isOneOf(expression: string, _form: KeyForm | undefined): string {
    return `${expression} IN (:...some)`;
  }

  abstract indexes(
    runner: QueryRunner,
    tablePath: string,
  ): Promise<readonly (readonly string[])[] | undefined>;

  abstract isText(expression: string, value: string, equality: Equality): string;

  abstract timeText(micros: bigint, what: 'instant' | 'wall clock'): string;

  compareTime(expression: string, operator: '>=' | '<', value: string): string {
    return `${expression} ${operator} ${value}`;
  }

  selectMaximum(
    query: SelectQueryBuilder<ObjectLiteral>,
    column: string,
  ): SelectQueryBuilder<ObjectLiteral> {
    return selectValues(query.andWhere(`${column} IS NOT NULL`), [this.asText(column)])
      .orderBy(column, 'DESC')
      .limit(1);
  }

  async facts(
    _entities: CallsEntities,
    _columns: readonly ExportColumn[],
    _runner: QueryRunner,
    _connection: unknown,
  ): Promise<ColumnFacts> {
    return { equality: () => 'loose', clock: () => UTC_CLOCK };
  }

  /** Reads a column as TypeORM does, but casts integers to text, since a driver may lose digits. */
  rowCell(
    exported: ExportedValue,
    expression: string,
    column: ColumnMetadata,
    dataSource: DataSource,
  ): RowCell {
    const { kind, mask } = exported;
    const isConverted = Boolean(column.transformer ?? mask);
    if (kind === 'integer' && !isConverted && isInteger(column, dataSource)) {
      return { sql: this.asText(expression), read: (digits) => toCell(kind, digits) };
    }
    const read = hydrate(exported, column, dataSource);
    const isPlainText =
      kind === 'text' && !isConverted && PLAIN_TEXT.test(typeOf(column, dataSource));
    return {
      sql: expression,
      read: isPlainText ? (value) => (typeof value === 'string' ? value : read(value)) : read,
    };
  }

  transaction<T>(
    _runner: QueryRunner,
    _settings: SessionSettings,
    work: () => Promise<T>,
  ): Promise<T> {
    return work();
  }

  abstract poolSize(dataSource: DataSource): number;

  onReplica(driver: Driver, _replica: number): Driver {
    return driver;
  }

  async cancel(_connection: unknown, _another: () => QueryRunner): Promise<void> {}

  abandon(_connection: unknown): void {}
}

/** The default pool size of `pg` and `mysql2`. */
const POOL_SIZE = 10;

/**
 * Returns the pool size of a DataSource.
 *
 * @param name the driver's own option for the pool size.
 */
export function poolSizeOf({ options }: DataSource, name: string): number {
  const { extra, poolSize = POOL_SIZE } = options as {
    extra?: Record<string, unknown>;
    poolSize?: number;
  };
  return Number(extra?.[name] ?? poolSize);
}

/** The years that every database supports, less a day at either end for time zones. */
const MIN_MICROS = BigInt(Date.parse('0001-01-02T00:00:00Z')) * 1000n;
const MAX_MICROS = BigInt(Date.parse('9999-12-31T00:00:00Z')) * 1000n;

function clampMicros(micros: bigint): bigint {
  return micros < MIN_MICROS ? MIN_MICROS : micros > MAX_MICROS ? MAX_MICROS : micros;
}

/**
 * Formats a time as `2023-10-30 10:00:00.000001`, clamped to the years 1 to 9999.
 *
 * @param micros microseconds since 1970-01-01T00:00:00.
 */
export function plainTime(micros: bigint): string {
  const [ms, rest] = splitMicros(clampMicros(micros));
  const text = new Date(ms).toISOString().slice(0, -1).replace('T', ' ');
  return text + String(rest).padStart(3, '0');
}
