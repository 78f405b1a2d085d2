import { changeBetween } from '../model/time-zone';

/**
 * The clock whose local times a column without time zone stores.
 *
 * All numbers are microseconds since 1970-01-01T00:00:00. Local times are counted as if they were in UTC.
 */
export interface WallClock {
  /** Returns the instant that a local time stands for. */
  instantOf(shown: bigint): bigint;
  /** Returns the local times that stand for this instant or a later one. */
  since(instant: bigint): Since;
}

/** The local times from `from` on, without those in `except`. */
export interface Since {
  readonly from: bigint;
  /** A half-open range: the first time, and the first one after it. */
  readonly except?: readonly [bigint, bigint];
}

const MINUTE = 60_000_000n;
const HOUR_MS = 3_600_000;
/** No clock is further from UTC than this, and none changes twice within it. */
const AROUND_MS = 26 * HOUR_MS;

/** Returns a clock without DST that is this many minutes ahead of UTC. */
export function fixedClock(minutes: number): WallClock {
  const ahead = BigInt(minutes) * MINUTE;
  return {
    instantOf: (shown) => shown - ahead,
    since: (instant) => ({ from: instant + ahead }),
  };
}

export const UTC_CLOCK = fixedClock(0);

/**
 * The clock of the process's time zone, as `new Date(year, month, …)` reads it (ECMA-262, "UTC(t)"): an
 * ambiguous local time stands for its first occurrence, and a skipped one is read with the offset before the
 * change.
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
    // The local time right after the change.
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
 * Converts a local time of the process's time zone to an instant, in milliseconds since 1970-01-01T00:00:00Z.
 *
 * @param shown the local time, in milliseconds since 1970-01-01T00:00:00 as if it were in UTC.
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
  // The constructor maps the years 0 to 99 to 1900 to 1999.
  if (utc.getUTCFullYear() < 100) local.setFullYear(utc.getUTCFullYear());
  return local.getTime();
}

/** Splits microseconds into whole milliseconds and the remaining microseconds. */
export function splitMicros(micros: bigint): [number, bigint] {
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  return [Number((micros - rest) / 1000n), rest];
}

function micros(ms: number): bigint {
  return BigInt(ms) * 1000n;
}

/** Returns how many milliseconds the process's time zone is ahead of UTC at an instant. */
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
