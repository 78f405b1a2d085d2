import {
  compareRows,
  type Dialect,
  fetchObjects,
  hydratedTime,
  type SqlPiece,
  splitMicros,
} from './dialect';

/** PostgreSQL, and what speaks its SQL. */
export class PostgresDialect implements Dialect {
  readonly walksAssistants = true;
  readonly compareLists = compareRows;
  readonly timeCell = hydratedTime;
  readonly fetchRows = fetchObjects;

  constructor(readonly mayCopy: boolean) {}

  asText(expression: string): string {
    return `CAST(${expression} AS text)`;
  }

  textCell(expression: string): string {
    return this.asText(expression);
  }

  instant(micros: bigint, name: string): SqlPiece {
    return { sql: `:${name}`, parameters: { [name]: timestamptz(micros) } };
  }

  abandon(connection: unknown): void {
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
