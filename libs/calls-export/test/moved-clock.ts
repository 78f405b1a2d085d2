const RealDate = Date;

/**
 * Replaces `Date` by one whose UTC offset changes once, since a test can't change the time zone of its own
 * process. Local times are read as in ECMA-262, "UTC(t)".
 *
 * @param move the instant of the change.
 * @param before the offset before it, in minutes ahead of UTC.
 * @param after the offset from then on.
 * @returns a function that restores `Date`.
 */
export function withClockMovedAt(move: string, before: number, after: number): () => void {
  const moved = RealDate.parse(move);
  const ahead = (instant: number) => (instant < moved ? before : after) * 60_000;
  /**
   * The first of two instants if the local time is ambiguous; if it is skipped, the instant by the old
   * offset.
   */
  const instantOf = (shown: number) => {
    const [first, second] = [shown - before * 60_000, shown - after * 60_000];
    return first < moved || second < moved ? first : second;
  };

  class MovedDate extends RealDate {
    constructor(...values: number[]) {
      const [year = 0, month = 0, ...rest] = values;
      const isLocal = values.length > 1;
      super(...((isLocal ? [instantOf(RealDate.UTC(year, month, ...rest))] : values) as [number]));
    }

    private get shown(): Date {
      return new RealDate(this.getTime() + ahead(this.getTime()));
    }

    override getFullYear() {
      return this.shown.getUTCFullYear();
    }
    override getMonth() {
      return this.shown.getUTCMonth();
    }
    override getDate() {
      return this.shown.getUTCDate();
    }
    override getHours() {
      return this.shown.getUTCHours();
    }
    override getMinutes() {
      return this.shown.getUTCMinutes();
    }
    override getSeconds() {
      return this.shown.getUTCSeconds();
    }
    override getMilliseconds() {
      return this.shown.getUTCMilliseconds();
    }
    override setFullYear(year: number) {
      return this.setTime(instantOf(this.shown.setUTCFullYear(year)));
    }
  }

  globalThis.Date = MovedDate as unknown as DateConstructor;
  return () => {
    globalThis.Date = RealDate;
  };
}
