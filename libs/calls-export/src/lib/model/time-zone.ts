const DAY = 86_400;
const SECOND_MICROS = 1_000_000n;
const DAY_MICROS = BigInt(DAY) * SECOND_MICROS;

/**
 * How many days of offsets are cached: 179 years. A power of two, so that a bit mask gives a day's index.
 */
const CACHED_DAYS = 2 ** 16;
/** Added to each cached day number, so that no day of a JavaScript Date is 0, which marks an empty entry. */
const DAY_BIAS = 200_000_000;

/** How many zones are cached, because creating an `Intl.DateTimeFormat` is slow. */
const CACHED_ZONES = 32;
const zones = new Map<string, TimeZone>();

/**
 * `Intl` also accepts offsets (since Node.js 22) and ICU's own names, such as `BST`, which it resolves to
 * Asia/Dhaka.
 */
const NAME = /^(?!SystemV\/)[a-z][\w+/-]*$/i;
const THREE_LETTERS = /^[a-z]{3}$/i;
const IANA_THREE_LETTERS = 'CET EET EST GMT HST MET MST PRC ROC ROK UCT UTC WET'.split(' ');

export const TIME_ZONE_RULE = 'must be an IANA time zone name such as Europe/Berlin';

/** The formats of `Intl` for an offset: `GMT`, `GMT+02:00` or `GMT-00:44:30`. */
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/;

/**
 * A period with one UTC offset. All members are in microseconds, `from` and `to` since 1970-01-01T00:00:00Z.
 */
interface Period {
  readonly from: bigint;
  readonly to: bigint;
  readonly offset: bigint;
}

/** A time zone of the IANA database. Converts between local times and instants. */
export class TimeZone {
  /** Whether local time is UTC. */
  readonly isUtc: boolean;
  private readonly format: Intl.DateTimeFormat;

  /*
   * A cache of UTC days, indexed by the lowest bits of the day number: the day, the second of the day at
   * which the offset changes (0 if it does not), and the offsets before and after. No zone changes its offset
   * twice in a day.
   */
  private readonly days = new Int32Array(CACHED_DAYS);
  private readonly changes = new Int32Array(CACHED_DAYS);
  private readonly before = new Int32Array(CACHED_DAYS);
  private readonly after = new Int32Array(CACHED_DAYS);

  /** Use `of` instead, which checks the name. */
  constructor(readonly name: string) {
    // Requesting only the weekday avoids the default date, which takes twice as long to format.
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      timeZoneName: 'longOffset',
      weekday: 'narrow',
    });
    const { timeZone } = this.format.resolvedOptions();
    this.isUtc = ['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT'].includes(timeZone);
  }

  /**
   * Returns the zone of a name such as `Europe/Berlin`, case-insensitively.
   *
   * @returns undefined if the IANA database does not have the name.
   */
  static of(name: string): TimeZone | undefined {
    if (typeof name !== 'string' || !NAME.test(name)) return undefined;
    const key = name.toLowerCase();
    const known = zones.get(key);
    if (known) return known;
    if (THREE_LETTERS.test(name) && !IANA_THREE_LETTERS.includes(name.toUpperCase())) {
      return undefined;
    }
    let zone: TimeZone;
    try {
      zone = new TimeZone(name);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
    if (zones.size === CACHED_ZONES) zones.delete(zones.keys().next().value as string);
    zones.set(key, zone);
    return zone;
  }

  /**
   * Returns the UTC offset in seconds, positive east of Greenwich. Fast, because days are cached.
   *
   * @param seconds an integer, since 1970-01-01T00:00:00Z.
   */
  offset(seconds: number): number {
    const day = Math.floor(seconds / DAY);
    const index = this.cachedDay(day);
    const changed = seconds - day * DAY >= (this.changes[index] as number);
    return (changed ? this.after[index] : this.before[index]) as number;
  }

  /**
   * Returns the first instant whose local time is this one or later: the first occurrence of an ambiguous
   * local time, and the instant of the change for a skipped one.
   *
   * @param local microseconds since 1970-01-01T00:00:00 local time.
   * @returns microseconds since 1970-01-01T00:00:00Z.
   */
  firstAt(local: bigint): bigint {
    const endsAfter = ({ to, offset }: Period) => local < to + offset;
    const { from, offset } = this.periodsAround(local).find(endsAfter) as Period;
    return local - offset > from ? local - offset : from;
  }

  /** Returns the last instant whose local time is this one or earlier. Same units as `firstAt`. */
  lastAt(local: bigint): bigint {
    const startsBefore = ({ from, offset }: Period) => local >= from + offset;
    const { to, offset } = this.periodsAround(local).findLast(startsBefore) as Period;
    return local - offset < to ? local - offset : to - 1n;
  }

  /** Returns the periods of the days around a local time, in order. No offset reaches a whole day. */
  private periodsAround(local: bigint): Period[] {
    const periods: Period[] = [];
    const add = (from: number, to: number, offset = 0) => {
      periods.push({ from: micros(from), to: micros(to), offset: micros(offset) });
    };
    // The day of the local time, or the next day before 1970, because the division truncates towards zero.
    const middle = Number(local / DAY_MICROS);
    for (let day = middle - 2; day <= middle + 1; day++) {
      const index = this.cachedDay(day);
      const begin = day * DAY;
      const change = begin + (this.changes[index] as number);
      add(begin, change, this.before[index]);
      add(change, begin + DAY, this.after[index]);
    }
    return periods;
  }

  /** Caches a day unless it is cached already, and returns its index. */
  private cachedDay(day: number): number {
    const index = day & (CACHED_DAYS - 1);
    if (this.days[index] === day + DAY_BIAS) return index;
    const [begin, end] = [day * DAY, day * DAY + DAY - 1];
    const [before, after] = [this.readOffset(begin), this.readOffset(end)];
    this.before[index] = before;
    this.after[index] = after;
    this.changes[index] =
      before === after ? 0 : changeBetween((at) => this.readOffset(at), begin, end) - begin;
    this.days[index] = day + DAY_BIAS;
    return index;
  }

  /** Reads the offset from `Intl`, which is slow. */
  private readOffset(seconds: number): number {
    const formatted = this.format.format(seconds * 1000);
    const match = OFFSET.exec(formatted);
    if (!match) throw new Error(`Intl formats ${this.name} without an offset: ${formatted}`);
    const [, sign, hours = 0, minutes = 0, rest = 0] = match;
    const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
    return sign === '-' ? -size : size;
  }
}

/**
 * Finds the instant at which the offset changes between `begin` and `end`, by binary search.
 *
 * @param offsetAt returns the offset at an instant; it must differ at `begin` and `end`.
 */
export function changeBetween(
  offsetAt: (instant: number) => number,
  begin: number,
  end: number,
): number {
  const offsetBefore = offsetAt(begin);
  let [before, after] = [begin, end];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle) === offsetBefore) before = middle;
    else after = middle;
  }
  return after;
}

function micros(seconds: number): bigint {
  return BigInt(seconds) * SECOND_MICROS;
}
