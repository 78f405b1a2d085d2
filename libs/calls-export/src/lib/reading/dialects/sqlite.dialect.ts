import type { Equality } from './dialect';
import { sqliteIndexes } from './sqlite-indexes';
import { plainTime, StandardDialect } from './standard-dialect';

const MICROS_PER_MS = 1000n;

/** SQLite, which is in this process. */
export class SqliteDialect extends StandardDialect {
  readonly mayCopy = false;
  readonly indexes = sqliteIndexes;

  isText(expression: string, value: string, _equality: Equality): string {
    return `CAST(${expression} AS BLOB) = CAST(${value} AS BLOB)`;
  }

  /** Times are kept in UTC, to the millisecond at most: the first one that is not before it. */
  timeText(micros: bigint): string {
    const late = ((micros % MICROS_PER_MS) + MICROS_PER_MS) % MICROS_PER_MS;
    const next = late === 0n ? micros : micros - late + MICROS_PER_MS;
    return plainTime(next).slice(0, -'000'.length);
  }

  /** Times are texts in one of several notations (https://www.sqlite.org/lang_datefunc.html), of which an index serves the days alone. */
  override compareTime(expression: string, operator: '>=' | '<', value: string): string {
    // SQLite has no day after the year 9999.
    const day = `coalesce(date(${value}, '${operator === '<' ? '+2 days' : '-1 day'}'), ${value})`;
    const time = `strftime('%Y-%m-%d %H:%M:%f', ${expression})`;
    return `(${expression} ${operator} ${day} AND ${time} ${operator} ${value})`;
  }

  /** It has no pool: a statement is done before the next one begins. */
  poolSize(): number {
    return Infinity;
  }
}
