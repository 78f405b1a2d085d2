import type { Equality } from './dialect';
import { sqliteIndexes } from './sqlite-indexes';
import { plainTime, StandardDialect } from './standard-dialect';

const MICROS_PER_MS = 1000n;

/** SQLite, which runs in this process. */
export class SqliteDialect extends StandardDialect {
  readonly mayCopy = false;
  readonly indexes = sqliteIndexes;

  isText(expression: string, value: string, _equality: Equality): string {
    return `CAST(${expression} AS BLOB) = CAST(${value} AS BLOB)`;
  }

  /** Times are in UTC with millisecond precision, so a bound is rounded up to the next millisecond. */
  timeText(micros: bigint): string {
    const late = ((micros % MICROS_PER_MS) + MICROS_PER_MS) % MICROS_PER_MS;
    const next = late === 0n ? micros : micros - late + MICROS_PER_MS;
    return plainTime(next).slice(0, -'000'.length);
  }

  /**
   * Times are text in one of several formats (https://www.sqlite.org/lang_datefunc.html). They share only the
   * leading date, so a range of days uses the index and `strftime` compares exactly.
   */
  override compareTime(expression: string, operator: '>=' | '<', value: string): string {
    // `date` returns null after the year 9999.
    const day = `coalesce(date(${value}, '${operator === '<' ? '+2 days' : '-1 day'}'), ${value})`;
    const time = `strftime('%Y-%m-%d %H:%M:%f', ${expression})`;
    return `(${expression} ${operator} ${day} AND ${time} ${operator} ${value})`;
  }

  /** SQLite has no pool and runs one statement at a time, so there is nothing to limit. */
  poolSize(): number {
    return Infinity;
  }
}
