import type { TimeZone } from '../model/time-zone';

/** The stretch of time that a date or a date-time denotes: a whole day, minute or second, or a fraction of one. */
export class DateInterval {
  constructor(
    /** Its first instant, in microseconds since 1970-01-01T00:00:00Z, the resolution of a database's timestamps. */
    readonly start: bigint,
    /** The first instant after it, likewise. */
    readonly end: bigint,
  ) {}

  /**
   * Reads `YYYY-MM-DD`, or a date-time to the minute, the second or a fraction of it, with `Z`, an offset or neither: ISO 8601 (calendar
   * dates in extended format), or RFC 3339, which also has a blank instead of `T`, `t` and `z`. Anything else, dates that no calendar has
   * among them, gives undefined.
   *
   * @param zone of a date, and of a date-time with neither `Z` nor an offset. Default UTC.
   */
  static parse(text: string, zone?: TimeZone): DateInterval | undefined {
    const groups = PATTERN.exec(text)?.groups;
    if (!groups) return undefined;
    const {
      year,
      month,
      day,
      hour,
      minute,
      second,
      fraction,
      utc,
      sign,
      offsetHour,
      offsetMinute,
    } = groups as Partial<Record<string, string>>;

    const date = new Date(0);
    date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
    // A day that its month lacks is in another one.
    if (date.getUTCMonth() !== Number(month) - 1) return undefined;
    date.setUTCHours(Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0));
    const offset = Number(offsetHour ?? 0) * 60 + Number(offsetMinute ?? 0);
    const ahead = sign === '-' ? -offset : offset;
    const start = BigInt(date.getTime() - ahead * 60_000) * 1000n;
    const [from, to] = fraction === undefined ? [0n, lengthOf(groups)] : fractionOf(fraction);
    const isInZone = zone !== undefined && utc === undefined && sign === undefined;
    return isInZone
      ? intervalIn(zone, start + from, start + to)
      : new DateInterval(start + from, start + to);
  }
}

const SECOND = 1_000_000n;
const MINUTE = 60n * SECOND;
const DAY = 24n * 60n * MINUTE;

/** A fraction has at most 18 digits. A `+` in a query string that was not encoded arrives as a space. */
const PATTERN = new RegExp(
  '^(?<year>\\d{4})-(?<month>\\d{2})-(?<day>\\d{2})' +
    '(?:[Tt ](?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d)(?::(?<second>[0-5]\\d)(?:[.,](?<fraction>\\d{1,18}))?)?' +
    '(?:(?<utc>[Zz])|(?<sign>[+ -])(?<offsetHour>[01]\\d|2[0-3])(?::?(?<offsetMinute>[0-5]\\d))?)?)?$',
);

/** How long the unit is in which a time without a fraction is written. */
function lengthOf({ minute, second }: Partial<Record<string, string>>): bigint {
  if (second !== undefined) return SECOND;
  return minute !== undefined ? MINUTE : DAY;
}

/** Where a fraction begins and ends in its second. */
function fractionOf(digits: string): [bigint, bigint] {
  const scale = 10n ** BigInt(digits.length);
  const units = BigInt(digits);
  return [ceilDivide(units * SECOND, scale), ceilDivide((units + 1n) * SECOND, scale)];
}

/** Instants are whole microseconds, so a bound between two of them begins at the later one. */
function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

/**
 * From the first time that a zone's clock shows what an interval begins with, to the last time that it shows what it ends with. An
 * interval that the clock skips is the instant of the jump.
 *
 * @param start as if the clock showed UTC, and `end` likewise.
 */
function intervalIn(zone: TimeZone, start: bigint, end: bigint): DateInterval {
  const first = zone.firstAt(start);
  const isSkipped = zone.lastAt(start) < first;
  const behind = zone.lastAt(end - 1n) + 1n;
  return new DateInterval(first, isSkipped && behind === first ? first + 1n : behind);
}
