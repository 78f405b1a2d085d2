const RealDate = Date;

/**
 * Replaces `Date` by one whose local clock is moved once, until what is returned is called: a test can't set the zone of its
 * process. Local times are read as ECMA-262 says ("UTC(t)").
 *
 * @param move the instant. Before and after it the clock is so many minutes ahead of UTC.
 */
export function withClockMovedAt(move: string, before: number, after: number): () => void {
  const moved = RealDate.parse(move);
  const ahead = (instant: number) => (instant < moved ? before : after) * 60_000;
  /** Of two instants the first one; for a time that is skipped, the instant as if the clock had not been moved yet. */
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
