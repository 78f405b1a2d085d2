/** The stretch of time that a date or a date-time denotes: a whole day, minute or second, or a fraction of one. */
export class DateInterval {
  constructor(
    /** Its first instant, in microseconds since 1970-01-01T00:00:00Z, the resolution of a database's timestamps. */
    readonly start: bigint,
    /** The first instant after it, likewise. */
    readonly end: bigint,
  ) {}

  /**
   * Reads `YYYY-MM-DD`, or a date-time to the minute, the second or a fraction of it (ISO 8601, calendar dates in
   * extended format), with `Z`, an offset or neither, which means UTC. Anything else, dates that no calendar has
   * among them, gives undefined.
   */
  static parse(text: string): DateInterval | undefined {
    const groups = PATTERN.exec(text)?.groups;
    if (!groups) return undefined;
    const { year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute } =
      groups as Partial<Record<string, string>>;

    const date = new Date(0);
    date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
    if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
      return undefined;
    }
    date.setUTCHours(Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0));
    const offset =
      (Number(offsetHour ?? 0) * 60 + Number(offsetMinute ?? 0)) * (sign === '-' ? -1 : 1);
    const start = BigInt(date.getTime() - offset * 60_000) * 1000n;

    if (fraction !== undefined) {
      const scale = 10n ** BigInt(fraction.length);
      const units = BigInt(fraction);
      return new DateInterval(
        start + ceilDivide(units * SECOND, scale),
        start + ceilDivide((units + 1n) * SECOND, scale),
      );
    }
    const length = second !== undefined ? SECOND : minute !== undefined ? MINUTE : DAY;
    return new DateInterval(start, start + length);
  }
}

const SECOND = 1_000_000n;
const MINUTE = 60n * SECOND;
const DAY = 24n * 60n * MINUTE;

/** A fraction has at most 18 digits. A `+` in a query string that was not encoded arrives as a space. */
const PATTERN = new RegExp(
  '^(?<year>\\d{4})-(?<month>\\d{2})-(?<day>\\d{2})' +
    '(?:T(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d)(?::(?<second>[0-5]\\d)(?:[.,](?<fraction>\\d{1,18}))?)?' +
    '(?:Z|(?<sign>[+ -])(?<offsetHour>[01]\\d|2[0-3])(?::?(?<offsetMinute>[0-5]\\d))?)?)?$',
);

/** Instants are whole microseconds, so a bound between two of them begins at the later one. */
function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
