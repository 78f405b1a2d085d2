import type { DataSource, QueryRunner } from 'typeorm';
import { type ColumnMetadata, typeOf } from '../../entities/column-use';
import { fixedClock, LOCAL_CLOCK, UTC_CLOCK, type WallClock } from '../wall-clock';

/** The `ConnectionOptions` of mysql2 that decide how it reads times. */
interface TimeOptions {
  readonly timezone?: string;
  readonly dateStrings?: boolean | readonly string[];
  readonly typeCast?: unknown;
}

/** Returns the options that TypeORM passes to mysql2. */
export function timeOptions({ options }: DataSource): TimeOptions {
  const { extra } = options as { extra?: TimeOptions };
  return { ...(options as TimeOptions), ...extra };
}

/** Whether mysql2 returns the times of a column as strings instead of Dates. */
export function isReadAsText(column: ColumnMetadata, dataSource: DataSource): boolean {
  const { dateStrings = false } = timeOptions(dataSource);
  if (typeof dateStrings === 'boolean') return dateStrings;
  // The type of a view's column is unknown.
  const type = typeOf(column, dataSource).toUpperCase();
  return type === '' ? dateStrings.length > 0 : dateStrings.includes(type);
}

/**
 * Returns the clock by which a column's times are read.
 *
 * mysql2 uses its option `timezone`. Times that it returns as strings are parsed by `new Date(text)`, so they
 * are local.
 */
export function clockOf(column: ColumnMetadata, dataSource: DataSource): WallClock {
  const { timezone = 'local' } = timeOptions(dataSource);
  if (timezone === 'local' || isReadAsText(column, dataSource)) return LOCAL_CLOCK;
  const [, sign, hours, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(timezone) ?? [];
  const ahead = 60 * Number(hours) + Number(minutes);
  return ahead ? fixedClock(sign === '-' ? -ahead : ahead) : UTC_CLOCK;
}

/** The protocol's number of the type TIMESTAMP (MySQL's source, `enum_field_types`). */
export const TIMESTAMP_TYPE = 7;

/** Mid-January and mid-July of each year in the range of TIMESTAMP, in seconds since 1970. */
const SAMPLE_TIMES = Array.from(
  { length: 2 * 67 },
  (_, half) => Date.UTC(1971, 6 * half, 15) / 1000,
);

/**
 * Checks that the session's time zone has a constant offset.
 *
 * MySQL compares a TIMESTAMP as local time of the session. When the clock goes back (DST), one hour is
 * ambiguous, and a scan would miss or repeat its calls.
 *
 * @throws Error if the offset of the zone changes.
 */
export async function requireConstantOffset(runner: QueryRunner, name: string): Promise<void> {
  const offsets = SAMPLE_TIMES.map(
    (time, index) =>
      `TIMESTAMPDIFF(SECOND, '1970-01-01', FROM_UNIXTIME(${time})) - ${time} AS o${index}`,
  );
  const [row] = await runner.query(`SELECT ${offsets.join(', ')}, @@session.time_zone AS zone`);
  const { zone, ...found } = row as Record<string, unknown>;
  if (new Set(Object.values(found).map(Number)).size === 1) return;
  throw new Error(
    `Calls can't be sorted by ${name}, a TIMESTAMP column, in the session's time zone ${String(zone)}, ` +
      "whose offset changes: SET time_zone = '+00:00' on each connection, or use a DATETIME column",
  );
}
