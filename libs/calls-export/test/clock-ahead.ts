/**
 * Runs work with a `Date` whose local time is this many minutes ahead of UTC.
 * A test can't change the time zone of its own process.
 */
export function withClockAhead<T>(minutes: number, work: () => T): T {
  const Plain = Date;
  const instantOf = (shown: number) => shown - 60_000 * minutes;
  class LocalDate extends Plain {
    constructor(...parts: unknown[]) {
      const [value] = parts;
      const isLocal = typeof value === 'string' && / \d\d:\d\d:\d\d(?:\.\d+)?$/.test(value);
      if (parts.length > 1) super(instantOf(Plain.UTC(...(parts as [number, number]))));
      else if (isLocal) super(instantOf(Plain.parse(`${value}Z`)));
      else super(value as number);
    }
  }
  globalThis.Date = LocalDate as DateConstructor;
  try {
    return work();
  } finally {
    globalThis.Date = Plain;
  }
}
