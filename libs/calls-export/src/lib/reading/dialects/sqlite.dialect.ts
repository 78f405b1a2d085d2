import { clampMicros, type SqlPiece, splitMicros, StandardDialect } from './dialect';

/** SQLite, which is in this process. */
export class SqliteDialect extends StandardDialect {
  readonly mayCopy = false;

  /** Times are kept in milliseconds: the first one that is not before the instant. */
  instant(micros: bigint, name: string): SqlPiece {
    const [date, rest] = splitMicros(clampMicros(micros));
    return {
      sql: `:${name}`,
      parameters: { [name]: rest === 0n ? date : new Date(date.getTime() + 1) },
    };
  }

  /** It has no pool: a statement is done before the next one begins. */
  poolSize(): number {
    return Infinity;
  }
}
