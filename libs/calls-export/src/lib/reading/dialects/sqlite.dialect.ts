import {
  clampMicros,
  compareRows,
  type Dialect,
  fetchObjects,
  hydratedTime,
  type SqlPiece,
  splitMicros,
} from './dialect';

/** SQLite, which is in this process. */
export class SqliteDialect implements Dialect {
  readonly mayCopy = false;
  readonly walksAssistants = true;
  readonly compareLists = compareRows;
  readonly timeCell = hydratedTime;
  readonly fetchRows = fetchObjects;

  asText(expression: string): string {
    return `CAST(${expression} AS text)`;
  }

  textCell(expression: string): string {
    return this.asText(expression);
  }

  /** Times are kept in milliseconds: the first one that is not before the instant. */
  instant(micros: bigint, name: string): SqlPiece {
    const [date, rest] = splitMicros(clampMicros(micros));
    return {
      sql: `:${name}`,
      parameters: { [name]: rest === 0n ? date : new Date(date.getTime() + 1) },
    };
  }

  abandon(): void {}
}
