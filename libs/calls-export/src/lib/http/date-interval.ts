import type { TimeZone } from '../model/time-zone';

/** The time range that a date or date-time denotes: a day, a minute, a second or a fraction of a second. */
export class DateInterval {
  constructor(
    /** The first instant, in microseconds since 1970-01-01T00:00:00Z. */
    readonly start: bigint,
    /** The first instant after the range, in the same unit. */
    readonly end: bigint,
  ) {}

  /**
   * Parses `YYYY-MM-DD`, or a date-time to the minute, the second or a fraction of a second, with `Z`,
   * an offset or neither.
   *
   * Accepts ISO 8601 calendar dates in extended format, and RFC 3339, which also allows a space for `T`
   * and lower-case `t` and `z`.
   *
   * @param zone the time zone of a date or date-time without `Z` or an offset. Default UTC.
   * @returns undefined if the text is anything else, such as a date that does not exist.
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
    // A day beyond the end of its month rolls over into the next.
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

/** A fraction has at most 18 digits. An offset's `+` that was not URL-encoded arrives as a space. */
const PATTERN = new RegExp(
  '^(?<year>\\d{4})-(?<month>\\d{2})-(?<day>\\d{2})' +
    '(?:[Tt ](?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d)(?::(?<second>[0-5]\\d)(?:[.,](?<fraction>\\d{1,18}))?)?' +
    '(?:(?<utc>[Zz])|(?<sign>[+ -])(?<offsetHour>[01]\\d|2[0-3])(?::?(?<offsetMinute>[0-5]\\d))?)?)?$',
);

/** Returns the length of the smallest unit given, for a time without a fraction. */
function lengthOf({ minute, second }: Partial<Record<string, string>>): bigint {
  if (second !== undefined) return SECOND;
  return minute !== undefined ? MINUTE : DAY;
}

/** Returns where a fraction begins and ends within its second, in microseconds. */
function fractionOf(digits: string): [bigint, bigint] {
  const scale = 10n ** BigInt(digits.length);
  const units = BigInt(digits);
  return [ceilDivide(units * SECOND, scale), ceilDivide((units + 1n) * SECOND, scale)];
}

/** Divides and rounds up: a bound between two microseconds moves to the later one. */
function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

/**
 * Converts an interval of local time to UTC. An ambiguous start means its first occurrence, an
 * ambiguous end its second. A skipped interval becomes the microsecond at which the clock jumps.
 *
 * @param start the local time, as if it were UTC. The same goes for `end`.
 */
function intervalIn(zone: TimeZone, start: bigint, end: bigint): DateInterval {
  const first = zone.firstAt(start);
  const isSkipped = zone.lastAt(start) < first;
  const after = zone.lastAt(end - 1n) + 1n;
  return new DateInterval(first, isSkipped && after === first ? first + 1n : after);
}
