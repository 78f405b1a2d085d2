import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { Dialect } from './dialects/dialect';
import type { Since, WallClock } from './wall-clock';

/**
 * The half-open range of an export's dates: `from` <= start < `before`. Both are instants, in microseconds
 * since 1970-01-01T00:00:00Z.
 */
export interface DateRange {
  readonly from?: bigint;
  readonly before?: bigint;
}

/**
 * The date bounds of an export as SQL conditions on the start of calls.
 *
 * `http/date-interval.ts` has already turned a day into an interval: `date_to=2024-05-31` arrives here as
 * `before` = 2024-06-01T00:00, so the entire day is included.
 */
export class DateBounds {
  private readonly from: Since | undefined;
  private readonly before: Since | undefined;

  /** @param clock the wall clock whose times the column stores; undefined if it stores instants. */
  constructor(
    private readonly dialect: Pick<Dialect, 'compareTime' | 'timeText'>,
    private readonly clock: WallClock | undefined,
    { from, before }: DateRange,
  ) {
    const since = (instant: bigint): Since => clock?.since(instant) ?? { from: instant };
    this.from = from === undefined ? undefined : since(from);
    this.before = before === undefined ? undefined : since(before);
  }

  /**
   * Adds the conditions to a query.
   *
   * @param start the SQL expression of the column.
   */
  apply(query: SelectQueryBuilder<ObjectLiteral>, start: string): void {
    if (this.from) {
      const { from, except } = this.from;
      this.compare(query, start, '>=', 'since', from);
      if (except) this.exclude(query, start, 'since', except);
    }
    if (this.before) {
      const { from, except } = this.before;
      this.compare(query, start, '<', 'before', except ? except[1] : from);
      if (!except) return;
      const notBefore = [from, except[0]] as const;
      this.exclude(query, start, 'before', notBefore);
    }
  }

  private compare(
    query: SelectQueryBuilder<ObjectLiteral>,
    start: string,
    operator: '>=' | '<',
    name: string,
    time: bigint,
  ): void {
    query.andWhere(this.dialect.compareTime(start, operator, `:${name}`), {
      [name]: this.text(time),
    });
  }

  private exclude(
    query: SelectQueryBuilder<ObjectLiteral>,
    start: string,
    name: string,
    [begin, end]: readonly [bigint, bigint],
  ): void {
    const { dialect } = this;
    const isAfter = dialect.compareTime(start, '>=', `:${name}ExceptFrom`);
    const isBefore = dialect.compareTime(start, '<', `:${name}ExceptTo`);
    query.andWhere(`NOT (${isAfter} AND ${isBefore})`, {
      [`${name}ExceptFrom`]: this.text(begin),
      [`${name}ExceptTo`]: this.text(end),
    });
  }

  private text(time: bigint): string {
    return this.dialect.timeText(time, this.clock ? 'wall clock' : 'instant');
  }
}
