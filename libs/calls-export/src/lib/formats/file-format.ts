import type { ColumnKind, ColumnDefinition } from '../model/export-column';
import type { TimeZone } from '../model/time-zone';

/**
 * A separator of CSV fields.
 *
 * @publicApi
 */
export type CsvDelimiter = ',' | ';' | '\t' | '|';

export const CSV_DELIMITERS: readonly CsvDelimiter[] = [',', ';', '\t', '|'];

/** Options of the encoders. A format ignores those that don't apply to it. */
export interface FormatOptions {
  /** CSV: whether to escape formulas. */
  readonly formulaGuard: boolean;
  /** CSV: whether the file starts with a byte order mark. */
  readonly byteOrderMark: boolean;
  /** CSV: the separator of fields. */
  readonly delimiter: CsvDelimiter;
  /** The time zone of the times in the file. Default UTC. */
  readonly zone?: TimeZone;
}

/** A file format of an export. */
export interface FileFormat {
  /** The media type, for the header `Content-Type`. */
  readonly mediaType: string;
  /** The file name extension, without a dot. */
  readonly extension: string;
  /**
   * Whether the file is binary: it is already compressed, and the OpenAPI document can't show an example.
   * Default false.
   */
  readonly isBinary?: boolean;
  /**
   * Returns the OpenAPI schema of a file. If it is a string, the document shows an example file verbatim,
   * otherwise its parsed JSON.
   *
   * @param call the schema of a call: an object with a property per column.
   */
  schema(call: object): { readonly type: string };
  /** Returns the encoder of files with these columns. */
  encoder(columns: readonly ColumnDefinition[], options: FormatOptions): FileEncoder;
}

/**
 * A value of a row: an integer, a decimal as a string, a boolean, a text, or a time in UTC such as
 * `2023-10-30T10:00:00`. null if the call has no value.
 */
export type Cell = number | bigint | string | boolean | null;

/** Whether values of this kind are written without quotes and escaping. */
export function isUnquoted(kind: ColumnKind): boolean {
  return kind !== 'text' && kind !== 'time';
}

/** A piece of a file. */
export interface EncodedCalls {
  /** UTF-8, unless the format is binary. */
  readonly bytes: Uint8Array;
  /** The number of calls in the piece. */
  readonly count: number;
}

/**
 * Writes a file: a frame, and rows in one of two ways, which produce the same bytes. `encodeRows` takes
 * values that the driver parsed; `cells` takes values as the database sends them, which is faster.
 */
export interface FileEncoder {
  /** The start of the file. */
  readonly head: string;
  /** Written before the first row, instead of `separator`. */
  readonly beforeFirst: string;
  /**
   * Written before every other row. Both ways of writing rows put it before each row; the caller removes it
   * from the first row of the file.
   */
  readonly separator: string;
  /** Written after the last row, if there is one. */
  readonly afterLast: string;
  /** The end of the file. */
  readonly tail: string;

  /** Encodes rows that have a cell per column, in order. */
  encodeRows(rows: readonly Cell[][]): string;
  /** Writes rows cell by cell, from the bytes that the database sends. */
  readonly cells: CellWriter;
  /**
   * Packs pages of rows into a file, if the format needs more than a frame around them. Yields nothing before
   * it has the first page, and no empty pieces. Closes `pages` when it ends or is closed.
   *
   * Default: puts the frame around the rows.
   */
  pack?(pages: AsyncGenerator<EncodedCalls, void>): AsyncGenerator<EncodedCalls, void>;
}

/** A range of times in seconds since 1970-01-01T00:00:00Z, inclusive. */
export interface TimeRange {
  readonly first: number;
  readonly last: number;
}

/** The maximum number of bytes that a format writes for one byte of a text: `_x001F_` in XLSX. */
export const TEXT_GROWTH_MAX = 7;

/**
 * Writes cells byte by byte, without creating an object or a string for any of them. Each function writes
 * into `bytes` from `at`, where the caller has reserved enough space, and returns the position after the last
 * byte written.
 */
export interface CellWriter {
  /** For each column, what is written before its cell. */
  readonly before: readonly Uint8Array[];
  /** Written after the last cell of a row. */
  readonly end: Uint8Array;
  /** Written for a null cell. */
  readonly null: Uint8Array;
  /**
   * For each byte value, the maximum number of bytes that `text` writes for it, in addition to `valueBytes`.
   */
  readonly textBytes: Uint8Array;
  /** The maximum number of bytes of a cell, except those of a text or of the digits of a decimal. */
  readonly valueBytes: number;
  integer(bytes: Buffer, at: number, value: number | bigint): number;
  /** @param digits a number in JSON notation. */
  decimal(bytes: Buffer, at: number, digits: Uint8Array): number;
  boolean(bytes: Buffer, at: number, value: boolean): number;
  /** Writes the text in `source` from `start` to `end`, in UTF-8. */
  text(bytes: Buffer, at: number, source: Buffer, start: number, end: number): number;
  /** Writes the UUID in the 16 bytes of `source` from `start`. */
  uuid(bytes: Buffer, at: number, source: Buffer, start: number): number;
  /** The times that the file can represent. */
  readonly times: TimeRange;
  /** @param seconds since 1970-01-01T00:00:00Z, within `times`. */
  time(bytes: Buffer, at: number, seconds: number): number;
}
