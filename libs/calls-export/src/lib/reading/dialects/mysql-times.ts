import type { DataSource } from 'typeorm';
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
