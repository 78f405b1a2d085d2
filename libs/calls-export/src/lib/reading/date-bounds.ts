import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { Dialect } from './dialects/dialect';
import type { Since, WallClock } from './wall-clock';

/** An interval of starts. Both bounds are instants, in microseconds since 1970-01-01T00:00:00Z. */
export interface DateRange {
  /** The earliest start. */
  readonly from?: bigint;
  /** The first instant that is too late. */
  readonly before?: bigint;
}

/** Restricts queries to an interval of starts, as their column stores them. */
export class DateBounds {
  private readonly from: Since | undefined;
  private readonly before: Since | undefined;

  /** @param clock of the column; undefined if it stores instants. */
  constructor(
    private readonly dialect: Pick<Dialect, 'compareTime' | 'timeText'>,
    private readonly clock: WallClock | undefined,
    { from, before }: DateRange,
  ) {
    const since = (instant: bigint): Since => clock?.since(instant) ?? { from: instant };
    this.from = from === undefined ? undefined : since(from);
    this.before = before === undefined ? undefined : since(before);
  }

  /** @param start the column, as the query names it. */
  apply(query: SelectQueryBuilder<ObjectLiteral>, start: string): void {
    if (this.from) {
      const { from, except } = this.from;
      this.keep(query, start, '>=', 'since', from);
      if (except) this.leaveOut(query, start, 'since', except);
    }
    if (this.before) {
      const { from, except } = this.before;
      this.keep(query, start, '<', 'before', except ? except[1] : from);
      if (!except) return;
      const early = [from, except[0]] as const;
      this.leaveOut(query, start, 'before', early);
    }
  }

  private keep(
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

  private leaveOut(
    query: SelectQueryBuilder<ObjectLiteral>,
    start: string,
    name: string,
    [begin, end]: readonly [bigint, bigint],
  ): void {
    const { dialect } = this;
    const isAfter = dialect.compareTime(start, '>=', `:${name}Not`);
    const isBefore = dialect.compareTime(start, '<', `:${name}Again`);
    query.andWhere(`NOT (${isAfter} AND ${isBefore})`, {
      [`${name}Not`]: this.text(begin),
      [`${name}Again`]: this.text(end),
    });
  }

  private text(time: bigint): string {
    return this.dialect.timeText(time, this.clock ? 'wall clock' : 'instant');
  }
}
