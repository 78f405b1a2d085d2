import { changeBetween } from '../model/time-zone';

/**
 * How a column keeps times that say nothing of their zone: what a wall clock showed. All numbers are microseconds since 1970-01-01T00:00:00,
 * those of a clock as if it were in UTC.
 */
export interface WallClock {
  /** The instant that is meant where the clock showed this. */
  instantOf(shown: bigint): bigint;
  /** What the clock must show for an instant to be no earlier than this one. */
  since(instant: bigint): Since;
}

/** From a time of the clock on, but for a stretch of it. */
export interface Since {
  readonly from: bigint;
  /** From the first up to, but not including, the second. */
  readonly except?: readonly [bigint, bigint];
}

const MINUTE = 60_000_000n;
const HOUR_MS = 3_600_000;
/** No clock is further from UTC, and none is moved twice within so much. */
const AROUND_MS = 26 * HOUR_MS;

/** A clock that is so many minutes ahead of UTC all the year. */
export function fixedClock(minutes: number): WallClock {
  const ahead = BigInt(minutes) * MINUTE;
  return {
    instantOf: (shown) => shown - ahead,
    since: (instant) => ({ from: instant + ahead }),
  };
}

/** A clock that shows UTC. */
export const UTC_CLOCK = fixedClock(0);

/**
 * The clock of this process's time zone, as `new Date(year, month, …)` reads it: where it is put back, what it shows twice is meant the
 * first time; where it is put forward, what it never shows is what it would have shown (ECMA-262, "UTC(t)").
 */
export const LOCAL_CLOCK: WallClock = {
  instantOf(shown) {
    const [ms, micros] = splitMicros(shown);
    return BigInt(localInstant(ms)) * 1000n + micros;
  },

  since(instant) {
    const [ms] = splitMicros(instant);
    const [before, after] = [aheadAt(ms - AROUND_MS), aheadAt(ms + AROUND_MS)];
    const [earlier, later] = [instant + micros(before), instant + micros(after)];
    if (before === after) return { from: later };
    const moved = micros(changeBetween(aheadAt, ms - AROUND_MS, ms + AROUND_MS));
    if (instant <= moved) return { from: earlier };
    // What the clock shows when it has been moved.
    const shown = moved + micros(after);
    if (after < before) {
      const first = moved + micros(before);
      return { from: later > first ? later : first };
    }
    return later >= shown + micros(after - before)
      ? { from: later }
      : { from: earlier, except: [shown, later] };
  },
};

/**
 * The instant at which the clock of this process's time zone shows a time.
 *
 * @param shown in milliseconds since 1970-01-01T00:00:00, as if the clock were in UTC; so is what is returned.
 */
export function localInstant(shown: number): number {
  const utc = new Date(shown);
  const local = new Date(
    utc.getUTCFullYear(),
    utc.getUTCMonth(),
    utc.getUTCDate(),
    utc.getUTCHours(),
    utc.getUTCMinutes(),
    utc.getUTCSeconds(),
    utc.getUTCMilliseconds(),
  );
  // The constructor takes the years 0 to 99 for those of the twentieth century.
  if (utc.getUTCFullYear() < 100) local.setFullYear(utc.getUTCFullYear());
  return local.getTime();
}

/** The whole milliseconds, and the microseconds that are left. */
export function splitMicros(micros: bigint): [number, bigint] {
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  return [Number((micros - rest) / 1000n), rest];
}

function micros(ms: number): bigint {
  return BigInt(ms) * 1000n;
}

/** By how many milliseconds the clock is ahead of UTC. */
function aheadAt(instant: number): number {
  const local = new Date(instant);
  const shown = new Date(0);
  shown.setUTCFullYear(local.getFullYear(), local.getMonth(), local.getDate());
  shown.setUTCHours(
    local.getHours(),
    local.getMinutes(),
    local.getSeconds(),
    local.getMilliseconds(),
  );
  return shown.getTime() - instant;
}
