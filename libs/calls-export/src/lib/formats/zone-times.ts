import type { ColumnDefinition } from '../model/export-column';
import type { TimeZone } from '../model/time-zone';
import type { Cell, TimeRange } from './file-format';

/** The years 1 to 9999 in UTC: those with four digits. */
const YEARS: TimeRange = {
  first: Date.parse('0001-01-01T00:00:00Z') / 1000,
  last: Date.parse('9999-12-31T23:59:59Z') / 1000,
};

/** See `CellWriter.time`. */
type WriteTime = (bytes: Buffer, at: number, seconds: number) => number;

/** Converts times from UTC to a time zone. */
export interface ZoneTimes {
  /** The times whose year is 1 to 9999 both in UTC and in the zone. */
  readonly range: TimeRange;
  /** Wraps a function that writes UTC times, so that it writes times in the zone. */
  writer(writeTime: WriteTime): WriteTime;
  /** Returns the rows with their times in the zone. */
  rows(rows: readonly Cell[][]): readonly Cell[][];
}

/**
 * Returns the converter for the time columns.
 *
 * @param zone undefined for UTC, which needs no conversion.
 */
export function zoneTimes(
  columns: readonly ColumnDefinition[],
  zone: TimeZone | undefined,
): ZoneTimes {
  if (!zone || zone.isUtc) {
    return { range: YEARS, writer: (writeTime) => writeTime, rows: (rows) => rows };
  }
  const isTime = columns.map(({ kind }) => kind === 'time');
  const convert = (row: readonly Cell[]): Cell[] =>
    row.map((cell, index) =>
      isTime[index] && typeof cell === 'string' ? textIn(zone, cell) : cell,
    );
  return {
    range: rangeIn(zone),
    writer: (writeTime) => (bytes, at, seconds) =>
      writeTime(bytes, at, seconds + zone.offset(seconds)),
    rows: (rows) => rows.map(convert),
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

/** Converts a cell such as `2023-10-30T10:00:00` to seconds since 1970-01-01T00:00:00Z. */
export function timeSeconds(cell: string): number {
  return Date.parse(`${cell}Z`) / 1000;
}

/** Converts seconds since 1970-01-01T00:00:00Z to a cell such as `2023-10-30T10:00:00`. */
export function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, -'.000Z'.length);
}
