import type { DataSource, QueryRunner } from 'typeorm';
import { type ColumnMetadata, typeOf } from '../../entities/column-use';
import { fixedClock, LOCAL_CLOCK, UTC_CLOCK, type WallClock } from '../wall-clock';

/** What tells mysql2 how to read times (its `ConnectionOptions`). */
interface TimeOptions {
  readonly timezone?: string;
  readonly dateStrings?: boolean | readonly string[];
  readonly typeCast?: unknown;
}

/** What TypeORM gives mysql2. */
export function timeOptions({ options }: DataSource): TimeOptions {
  const { extra } = options as { extra?: TimeOptions };
  return { ...(options as TimeOptions), ...extra };
}

/** Whether mysql2 leaves the times of a column as they are sent; TypeORM makes them dates then, or whoever reads them. */
export function isReadAsText(column: ColumnMetadata, dataSource: DataSource): boolean {
  const { dateStrings = false } = timeOptions(dataSource);
  if (typeof dateStrings === 'boolean') return dateStrings;
  // The type of a column is not known where its entity is of a view.
  const type = typeOf(column, dataSource).toUpperCase();
  return type === '' ? dateStrings.length > 0 : dateStrings.includes(type);
}

/** The clock by which mysql2 reads a column's times: by the option `timezone`; or, where it leaves them as texts, `new Date(text)` does. */
export function clockOf(column: ColumnMetadata, dataSource: DataSource): WallClock {
  const { timezone = 'local' } = timeOptions(dataSource);
  if (timezone === 'local' || isReadAsText(column, dataSource)) return LOCAL_CLOCK;
  const [, sign, hours, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(timezone) ?? [];
  const ahead = 60 * Number(hours) + Number(minutes);
  return ahead ? fixedClock(sign === '-' ? -ahead : ahead) : UTC_CLOCK;
}

/** Of MySQL's protocol (MySQL's source, `enum_field_types`). */
export const TIMESTAMP_TYPE = 7;

/** Midwinter and midsummer of all the years that a TIMESTAMP has, in seconds since 1970. */
const SEASONS = Array.from({ length: 2 * 67 }, (_, half) => Date.UTC(1971, 6 * half, 15) / 1000);

/**
 * A TIMESTAMP is compared as the clock of the session's zone shows it. Where that is put back, an hour is there twice, and a walk would lose
 * calls of it or give them twice.
 *
 * @throws Error if the session's zone puts its clock back.
 */
export async function requireSteadyZone(runner: QueryRunner, name: string): Promise<void> {
  const offsets = SEASONS.map(
    (time, index) =>
      `TIMESTAMPDIFF(SECOND, '1970-01-01', FROM_UNIXTIME(${time})) - ${time} AS o${index}`,
  );
  const [row] = await runner.query(`SELECT ${offsets.join(', ')}, @@session.time_zone AS zone`);
  const { zone, ...found } = row as Record<string, unknown>;
  if (new Set(Object.values(found).map(Number)).size === 1) return;
  throw new Error(
    `Calls can't be read in the order of ${name}, a TIMESTAMP, in the session's time zone ${String(zone)}, which puts its clock back: ` +
      "SET time_zone = '+00:00' on each connection, or keep it in a DATETIME",
  );
}
