import type { DataSourceOptions } from 'typeorm';

const POSTGRES = ['postgres', 'cockroachdb', 'aurora-postgres'];
const MYSQL = ['mysql', 'mariadb', 'aurora-mysql'];

/** What the databases write differently, of the SQL that an export needs. */
export class SqlDialect {
  private readonly isPostgres: boolean;
  /** MySQL or MariaDB. */
  readonly isMysql: boolean;

  constructor(type: DataSourceOptions['type']) {
    this.isPostgres = POSTGRES.includes(type);
    this.isMysql = MYSQL.includes(type);
  }

  /** A value as text, which keeps all of a 64-bit number and of a time. */
  asText(expression: string): string {
    return `CAST(${expression} AS ${this.isMysql ? 'CHAR' : 'text'})`;
  }

  /** Compares first `a` with `x` and, where they are equal, `b` with `y`, in a way that an index on both serves. */
  comparePairs(a: string, b: string, operator: '>' | '<=', x: string, y: string): string {
    if (!this.isMysql) return `(${a}, ${b}) ${operator} (${x}, ${y})`;
    // MySQL finds no range in a comparison of rows (its manual, "Range Optimization of Row Constructor Expressions").
    const strict = operator === '>' ? '>' : '<';
    return `(${a} ${strict} ${x} OR (${a} = ${x} AND ${b} ${operator} ${y}))`;
  }

  /**
   * An instant to compare a column of times with.
   *
   * @param micros since 1970-01-01T00:00:00Z.
   * @param name of its parameter.
   */
  instant(micros: bigint, name: string): { sql: string; parameters: Record<string, unknown> } {
    if (this.isPostgres) return { sql: `:${name}`, parameters: { [name]: timestamptz(micros) } };
    // A Date, so that the driver writes it in the zone in which it keeps times.
    const inRange = micros < MIN_MICROS ? MIN_MICROS : micros > MAX_MICROS ? MAX_MICROS : micros;
    const [date, rest] = splitMicros(inRange);
    if (rest === 0n) return { sql: `:${name}`, parameters: { [name]: date } };
    if (this.isMysql) {
      const sql = `DATE_ADD(:${name}, INTERVAL :${name}Micros MICROSECOND)`;
      return { sql, parameters: { [name]: date, [`${name}Micros`]: Number(rest) } };
    }
    // Times are kept in milliseconds there; the first that is not before the instant.
    return { sql: `:${name}`, parameters: { [name]: new Date(date.getTime() + 1) } };
  }
}

/** The years that those databases have, a day short of either end for the zones. */
const MIN_MICROS = BigInt(Date.parse('0001-01-02T00:00:00Z')) * 1000n;
const MAX_MICROS = BigInt(Date.parse('9999-12-31T00:00:00Z')) * 1000n;

/** The whole milliseconds, as a date, and the microseconds that are left. */
function splitMicros(micros: bigint): [Date, bigint] {
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  return [new Date(Number((micros - rest) / 1000n)), rest];
}

/** As PostgreSQL reads it: it has no year 0, but 1 BC. */
function timestamptz(micros: bigint): string {
  const [date, rest] = splitMicros(micros);
  const year = date.getUTCFullYear();
  const yearOfEra = String(year > 0 ? year : 1 - year).padStart(4, '0');
  const monthToMillis = date.toISOString().slice(-20, -1);
  return `${yearOfEra}${monthToMillis}${String(rest).padStart(3, '0')}Z${year > 0 ? '' : ' BC'}`;
}
