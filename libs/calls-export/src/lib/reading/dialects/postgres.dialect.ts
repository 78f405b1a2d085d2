import type { DataSource, QueryRunner } from 'typeorm';
import type { CallsEntities } from '../../entities/calls-entities';
import { type KeyForm, typeOf } from '../../entities/column-use';
import type { ExportColumn } from '../../model/export-column';
import { cancelStatement } from '../postgres/cancel-statement';
import { PostgresColumns } from '../postgres/postgres-columns';
import { isPgClient } from '../postgres/pg-client';
import { OUTPUT_SETTINGS, PLAN_SETTINGS } from '../postgres/settings';
import { splitMicros, LOCAL_CLOCK } from '../wall-clock';
import type { ColumnFacts, Driver, Equality, SessionSettings } from './dialect';
import { postgresIndexes } from './postgres-indexes';
import { poolSizeOf, StandardDialect } from './standard-dialect';

/** The padded types (see `PostgresColumns`), by their names in the entity. */
const PADDED_TYPE = /^(?:char|character|inet|cidr)$/;

/** PostgreSQL and databases that speak its SQL. */
export class PostgresDialect extends StandardDialect {
  override readonly hasSettings = true;
  readonly indexes = postgresIndexes;

  constructor(readonly mayCopy: boolean) {
    super();
  }

  /** Casts to bigint: a bare parameter gets the column's type, which may be too small for the integers. */
  override isOneOf(expression: string, form: KeyForm | undefined): string {
    return form === 'integer'
      ? `${expression} = ANY(CAST(:some AS bigint[]))`
      : super.isOneOf(expression, form);
  }

  /**
   * Adds a range of the first column to the row comparison.
   *
   * The foreign data wrapper `postgres_fdw` pushes down the range but not the row comparison. Without the
   * range, each page would fetch all calls of the account from the remote server.
   */
  override compareLists(
    columns: readonly string[],
    operator: '>' | '<=',
    values: readonly string[],
  ): string {
    const rows = super.compareLists(columns, operator, values);
    if (columns.length === 1) return rows;
    return `${columns[0]} ${operator === '>' ? '>=' : operator} ${values[0]} AND ${rows}`;
  }

  isText(expression: string, value: string, equality: Equality): string {
    const text = this.asText(expression);
    if (equality !== 'padded') return `${text} COLLATE "C" = ${value}`;
    // concat gives the text that the server sends, which can differ from a cast to text.
    return `(${text} COLLATE "C" = ${value} OR concat(${expression}) COLLATE "C" = ${value})`;
  }

  /** PostgreSQL has no year 0 and writes 1 BC instead. */
  timeText(micros: bigint, what: 'instant' | 'wall clock'): string {
    const [ms, rest] = splitMicros(micros);
    const date = new Date(ms);
    const year = date.getUTCFullYear();
    const yearOfEra = String(year > 0 ? year : 1 - year).padStart(4, '0');
    const monthToMillis = date.toISOString().slice(-20, -1);
    const time = `${yearOfEra}${monthToMillis}${String(rest).padStart(3, '0')}`;
    return `${time}${what === 'instant' ? 'Z' : ''}${year > 0 ? '' : ' BC'}`;
  }

  override async facts(
    entities: CallsEntities,
    columns: readonly ExportColumn[],
    runner: QueryRunner,
    connection: unknown,
  ): Promise<ColumnFacts> {
    if (isPgClient(connection)) {
      return PostgresColumns.describe(entities, columns, runner, connection);
    }
    const { dataSource } = entities;
    return {
      equality: (column) => (PADDED_TYPE.test(typeOf(column, dataSource)) ? 'padded' : 'loose'),
      clock: (column) =>
        typeOf(column, dataSource) === 'timestamp without time zone' ? LOCAL_CLOCK : undefined,
    };
  }

  override async transaction<T>(
    runner: QueryRunner,
    settings: SessionSettings,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      await runner.query(`BEGIN;${OUTPUT_SETTINGS}${this.mayCopy ? PLAN_SETTINGS : ''}`);
      const variables = Object.entries(settings);
      if (variables.length > 0) {
        const calls = variables.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, true)`);
        await runner.query(`SELECT ${calls.join(', ')}`, variables.flat());
      }
      const result = await work();
      await runner.query('COMMIT');
      return result;
    } catch (error) {
      await runner.query('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  poolSize(dataSource: DataSource): number {
    return poolSizeOf(dataSource, 'max');
  }

  override onReplica(driver: Driver, replica: number): Driver {
    const { slaves } = driver as unknown as { slaves: unknown[] };
    return Object.create(driver, { slaves: { value: [slaves[replica]] } });
  }

  override cancel(connection: unknown): Promise<void> {
    return cancelStatement(connection);
  }

  override abandon(connection: unknown): void {
    void (connection as { end?(): Promise<void> }).end?.();
  }
}
