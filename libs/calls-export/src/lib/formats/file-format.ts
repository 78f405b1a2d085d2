import type { ColumnKind, ColumnDefinition } from '../model/export-column';
import type { TimeZone } from '../model/time-zone';

/** What may separate the cells of a CSV file. */
export const CSV_DELIMITERS = [',', ';', '\t', '|'] as const;

/** What separates the cells of a CSV file. */
export type CsvDelimiter = (typeof CSV_DELIMITERS)[number];

/** How a format writes; what does not apply to it, it ignores. */
export interface FormatOptions {
  /** Put an apostrophe before what a spreadsheet would run as a formula in a text of a CSV file. */
  readonly formulaGuard: boolean;
  /** Begin a CSV file with a byte order mark. */
  readonly byteOrderMark: boolean;
  /** What separates the cells of a CSV file. */
  readonly delimiter: CsvDelimiter;
  /** The zone that times are written in. Default UTC. */
  readonly zone?: TimeZone;
}

/** A file format of an export. */
export interface FileFormat {
  /** Its media type, for the header `Content-Type`. */
  readonly mediaType: string;
  /** The ending of the file's name, without a dot. */
  readonly extension: string;
  /** Whether a file is no text: it is compressed already, and a document can't show it. Default false. */
  readonly isBinary?: boolean;
  /**
   * The OpenAPI schema of a file. Where it is that of a string, the document shows a file as it is, else the JSON in it.
   *
   * @param call the schema of a call, an object with the keys of the columns.
   */
  schema(call: object): { readonly type: string };
  /** What writes the files that have these columns. */
  encoder(columns: readonly ColumnDefinition[], options: FormatOptions): FileEncoder;
}

/**
 * A value of a row, by the kind of its column: an integer, the digits of a decimal, a boolean, a text, or a time in UTC as
 * `2023-10-30T10:00:00`.
 */
export type Cell = number | bigint | string | boolean | null;

/** Whether the cells of a kind are written as they are, without quotes and whatever a format does to texts. */
export function isBare(kind: ColumnKind): boolean {
  return kind !== 'text' && kind !== 'time';
}

/** Calls as they stand in a file. */
export interface EncodedCalls {
  /** In UTF-8. */
  readonly bytes: Uint8Array;
  /** How many calls they are. */
  readonly count: number;
}

/** Writes a file: a frame, and rows in two ways that give the same bytes. */
export interface FileEncoder {
  /** The beginning of the file. */
  readonly head: string;
  /** What stands before the first row. */
  readonly beforeFirst: string;
  /** What stands before every other row; both ways of writing rows put it before each row, the first of the file as well. */
  readonly separator: string;
  /** What follows the last row, if there is one. */
  readonly afterLast: string;
  /** The end of the file. */
  readonly tail: string;

  /** Rows whose values a driver has made, with a cell for each column in its order. */
  encodeRows(rows: readonly Cell[][]): string;
  /** Writes rows cell by cell from the bytes that a database sends. */
  readonly cells: CellWriter;
  /**
   * Packs pages of rows into a file that is more than a frame around them. No piece of it comes before the first page, and none is
   * empty. When it has ended or been left, so have the pages.
   *
   * Default: the frame is put around the rows.
   */
  pack?(pages: AsyncGenerator<EncodedCalls, void>): AsyncGenerator<EncodedCalls, void>;
}

/** Times in seconds since 1970-01-01T00:00:00Z, both ends among them. */
export interface TimeRange {
  readonly first: number;
  readonly last: number;
}

/** A text takes no more bytes in any format than so many for one of its own: `_x001F_` in a workbook. */
export const TEXT_GROWTH_MAX = 7;

/**
 * Writes the cells of rows, byte by byte and without an object or a string for any of them. The functions write into `bytes`
 * from `at` on, where the caller has made room, and return where the next byte goes.
 */
export interface CellWriter {
  /** What stands before the cell of each column. */
  readonly before: readonly Uint8Array[];
  /** What stands behind the last cell. */
  readonly end: Uint8Array;
  /** The cell that has no value. */
  readonly null: Uint8Array;
  /** How many bytes `text` writes at most for each byte of a text, by its value, beside `valueBytes`. */
  readonly textBytes: Uint8Array;
  /** How many bytes a cell takes at most, beside those of a text or a decimal in it. */
  readonly valueBytes: number;
  integer(bytes: Buffer, at: number, value: number | bigint): number;
  /** @param digits in the notation of JSON's numbers. */
  decimal(bytes: Buffer, at: number, digits: Uint8Array): number;
  boolean(bytes: Buffer, at: number, value: boolean): number;
  /** Writes the text whose UTF-8 bytes `source` has from `start` to `end`. */
  text(bytes: Buffer, at: number, source: Buffer, start: number, end: number): number;
  /** Writes a UUID, of which `source` has the 16 bytes from `start` on. */
  uuid(bytes: Buffer, at: number, source: Buffer, start: number): number;
  /** The times that the file can have. */
  readonly times: TimeRange;
  /** @param seconds since 1970-01-01T00:00:00Z, within `times`. */
  time(bytes: Buffer, at: number, seconds: number): number;
}
