import type { DataSource } from 'typeorm';
import { cancelStatement } from '../postgres/cancel-statement';
import { type Driver, poolSizeOf, type SqlPiece, splitMicros, StandardDialect } from './dialect';

/** PostgreSQL, and what speaks its SQL. */
export class PostgresDialect extends StandardDialect {
  constructor(readonly mayCopy: boolean) {
    super();
  }

  instant(micros: bigint, name: string): SqlPiece {
    return { sql: `:${name}`, parameters: { [name]: timestamptz(micros) } };
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

/** As PostgreSQL reads it: it has no year 0, but 1 BC. */
function timestamptz(micros: bigint): string {
  const [date, rest] = splitMicros(micros);
  const year = date.getUTCFullYear();
  const yearOfEra = String(year > 0 ? year : 1 - year).padStart(4, '0');
  const monthToMillis = date.toISOString().slice(-20, -1);
  return `${yearOfEra}${monthToMillis}${String(rest).padStart(3, '0')}Z${year > 0 ? '' : ' BC'}`;
}
