import { type Equality, plainTime, StandardDialect } from './dialect';

const MICROS_PER_MS = 1000n;

/** SQLite, which is in this process. */
export class SqliteDialect extends StandardDialect {
  readonly mayCopy = false;

  isText(expression: string, value: string, _equality: Equality): string {
    return `CAST(${expression} AS BLOB) = CAST(${value} AS BLOB)`;
  }

  /**
   * Times are kept as texts in UTC, to the millisecond at most: the first one that is not before it. Without its zeros, since a text that was
   * written without them stands before one with them.
   */
  timeText(micros: bigint): string {
    const late = ((micros % MICROS_PER_MS) + MICROS_PER_MS) % MICROS_PER_MS;
    const next = late === 0n ? micros : micros - late + MICROS_PER_MS;
    return plainTime(next).replace(/(?::00)?\.0+$|0+$/, '');
  }

  /** It has no pool: a statement is done before the next one begins. */
  poolSize(): number {
    return Infinity;
  }
}
