import type { ColumnDefinition } from '../model/export-column';
import type { TimeZone } from '../model/time-zone';
import type { Cell, TimeRange } from './file-format';

/** The years 1 to 9999 in UTC, which have four digits. */
const YEARS: TimeRange = {
  first: Date.parse('0001-01-01T00:00:00Z') / 1000,
  last: Date.parse('9999-12-31T23:59:59Z') / 1000,
};

/** Writes a time into bytes, as `CellWriter.time` does. */
type WriteTime = (bytes: Buffer, at: number, seconds: number) => number;

/** What makes times in UTC those of a zone. */
export interface ZoneTimes {
  /** The times that are in the years 1 to 9999 both in UTC and in the zone. */
  readonly range: TimeRange;
  /** The function for times in the zone that writes them as the given one does those in UTC. */
  writer(writeTime: WriteTime): WriteTime;
  /** The rows with their times in the zone. */
  rows(rows: readonly Cell[][]): readonly Cell[][];
}

/**
 * The times of the columns in a zone.
 *
 * @param zone undefined for UTC, in which times are left as they are.
 */
export function zoneTimes(
  columns: readonly ColumnDefinition[],
  zone: TimeZone | undefined,
): ZoneTimes {
  if (!zone || zone.isUtc) {
    return { range: YEARS, writer: (writeTime) => writeTime, rows: (rows) => rows };
  }
  const isTime = columns.map(({ kind }) => kind === 'time');
  const shifted = (row: readonly Cell[]): Cell[] =>
    row.map((cell, index) =>
      isTime[index] && typeof cell === 'string' ? textIn(zone, cell) : cell,
    );
  return {
    range: rangeIn(zone),
    writer: (writeTime) => (bytes, at, seconds) =>
      writeTime(bytes, at, seconds + zone.offset(seconds)),
    rows: (rows) => rows.map(shifted),
  };
}

function rangeIn(zone: TimeZone): TimeRange {
  const micros = (seconds: number) => BigInt(seconds) * 1_000_000n;
  const seconds = (at: bigint) => Number(at / 1_000_000n);
  return {
    first: Math.max(YEARS.first, seconds(zone.firstAt(micros(YEARS.first)))),
    last: Math.min(YEARS.last, seconds(zone.lastAt(micros(YEARS.last)))),
  };
}

function textIn(zone: TimeZone, text: string): string {
  const seconds = timeSeconds(text);
  return timeText(seconds + zone.offset(seconds));
}

/** The seconds since 1970-01-01T00:00:00Z of a cell such as `2023-10-30T10:00:00`. */
export function timeSeconds(cell: string): number {
  return Date.parse(`${cell}Z`) / 1000;
}

/** The cell of a time: `2023-10-30T10:00:00`. */
export function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, -'.000Z'.length);
}
