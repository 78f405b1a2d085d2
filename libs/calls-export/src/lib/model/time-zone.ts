const DAY = 86_400;
const SECOND_MICROS = 1_000_000n;
const DAY_MICROS = BigInt(DAY) * SECOND_MICROS;

/** Offsets are kept for so many days, which is 179 years: a power of two. */
const DAYS_KEPT = 2 ** 16;
/** Added to the number of a day, it leaves no day of JavaScript's 0, which is that of an empty place. */
const DAY_BIAS = 200_000_000;

/** So many zones are kept, since it takes a while to make one. */
const ZONES_KEPT = 32;
const zones = new Map<string, TimeZone>();

/** `Intl` also takes offsets (from Node.js 22 on), and names of ICU's own such as `BST`, which it says is in Dhaka. */
const NAME = /^(?!SystemV\/)[a-z][\w+/-]*$/i;
const THREE_LETTERS = /^[a-z]{3}$/i;
const IANA_THREE_LETTERS = 'CET EET EST GMT HST MET MST PRC ROC ROK UCT UTC WET'.split(' ');

/** What a name must be, as an error says it. */
export const TIME_ZONE_RULE = 'must be an IANA time zone name such as Europe/Berlin';

/** How `Intl` writes an offset: `GMT`, `GMT+02:00` or `GMT-00:44:30`. */
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/;

/** A stretch of time, in microseconds since 1970-01-01T00:00:00Z, in which a clock is so far ahead of UTC. */
interface Stretch {
  readonly from: bigint;
  readonly to: bigint;
  readonly ahead: bigint;
}

/** A time zone of the IANA database: what its clock shows, and when. */
export class TimeZone {
  /** Whether its clock shows UTC. */
  readonly isUtc: boolean;
  private readonly format: Intl.DateTimeFormat;

  /*
   * What is known of a day of UTC, in the place that the lowest bits of its number give: which day it is, the second of the day in which
   * the offset changes (0 if it does not), and the offsets before and after that. No clock changes twice in a day.
   */
  private readonly days = new Int32Array(DAYS_KEPT);
  private readonly changes = new Int32Array(DAYS_KEPT);
  private readonly before = new Int32Array(DAYS_KEPT);
  private readonly after = new Int32Array(DAYS_KEPT);

  /** Use `of`, which also says whether there is such a zone. */
  constructor(readonly name: string) {
    // The weekday stands for a longer date, which takes twice the time.
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      timeZoneName: 'longOffset',
      weekday: 'narrow',
    });
    const { timeZone } = this.format.resolvedOptions();
    this.isUtc = ['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT'].includes(timeZone);
  }

  /**
   * The zone of a name such as `Europe/Berlin`, in upper or lower case.
   *
   * @returns undefined if the IANA database has no such name.
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
    if (zones.size === ZONES_KEPT) zones.delete(zones.keys().next().value as string);
    zones.set(key, zone);
    return zone;
  }

  /**
   * By how many seconds the clock is ahead of UTC. This is fast: `Intl` is asked only for days that are not known yet.
   *
   * @param seconds whole ones since 1970-01-01T00:00:00Z.
   */
  offset(seconds: number): number {
    const day = Math.floor(seconds / DAY);
    const place = this.placeOf(day);
    const changed = seconds - day * DAY >= (this.changes[place] as number);
    return (changed ? this.after[place] : this.before[place]) as number;
  }

  /**
   * The first instant at which the clock shows this time or a later one. So it is the first occurrence of a time that occurs twice, and
   * the instant of the jump for a time that is skipped.
   *
   * @param shown in microseconds since 1970-01-01T00:00:00, as if the clock showed UTC; what is returned is since then in UTC.
   */
  firstAt(shown: bigint): bigint {
    const isAfter = ({ to, ahead }: Stretch) => shown < to + ahead;
    const { from, ahead } = this.stretchesAround(shown).find(isAfter) as Stretch;
    return shown - ahead > from ? shown - ahead : from;
  }

  /** The last instant at which the clock shows this time or an earlier one, likewise. */
  lastAt(shown: bigint): bigint {
    const isBefore = ({ from, ahead }: Stretch) => shown >= from + ahead;
    const { to, ahead } = this.stretchesAround(shown).findLast(isBefore) as Stretch;
    return shown - ahead < to ? shown - ahead : to - 1n;
  }

  /** The stretches of the days around a time that the clock shows, in their order. No clock is a day ahead of UTC, or behind it. */
  private stretchesAround(shown: bigint): Stretch[] {
    const stretches: Stretch[] = [];
    const add = (from: number, to: number, ahead = 0) => {
      stretches.push({ from: micros(from), to: micros(to), ahead: micros(ahead) });
    };
    // The day of the time, or before 1970 the one after it.
    const middle = Number(shown / DAY_MICROS);
    for (let day = middle - 2; day <= middle + 1; day++) {
      const place = this.placeOf(day);
      const begin = day * DAY;
      const change = begin + (this.changes[place] as number);
      add(begin, change, this.before[place]);
      add(change, begin + DAY, this.after[place]);
    }
    return stretches;
  }

  /** The place of a day, of which what is known is there then. */
  private placeOf(day: number): number {
    const place = day & (DAYS_KEPT - 1);
    if (this.days[place] === day + DAY_BIAS) return place;
    const [begin, end] = [day * DAY, day * DAY + DAY - 1];
    const [before, after] = [this.ask(begin), this.ask(end)];
    this.before[place] = before;
    this.after[place] = after;
    this.changes[place] =
      before === after ? 0 : changeBetween((at) => this.ask(at), begin, end) - begin;
    this.days[place] = day + DAY_BIAS;
    return place;
  }

  private ask(seconds: number): number {
    const written = this.format.format(seconds * 1000);
    const match = OFFSET.exec(written);
    if (!match) throw new Error(`Intl writes ${written}, without an offset, in ${this.name}`);
    const [, sign, hours = 0, minutes = 0, rest = 0] = match;
    const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
    return sign === '-' ? -size : size;
  }
}

/**
 * When a clock is moved, between two instants at which it is differently far ahead of UTC.
 *
 * @param aheadAt how far it is ahead at an instant.
 */
export function changeBetween(
  aheadAt: (instant: number) => number,
  begin: number,
  end: number,
): number {
  const before = aheadAt(begin);
  let [still, moved] = [begin, end];
  while (moved - still > 1) {
    const middle = Math.floor((still + moved) / 2);
    if (aheadAt(middle) === before) still = middle;
    else moved = middle;
  }
  return moved;
}

function micros(seconds: number): bigint {
  return BigInt(seconds) * SECOND_MICROS;
}
