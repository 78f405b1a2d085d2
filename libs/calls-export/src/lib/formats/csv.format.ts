import { unparse } from 'papaparse';
import type { ColumnDefinition } from '../model/export-column';
import {
  type Cell,
  type CellWriter,
  CSV_DELIMITERS,
  type CsvDelimiter,
  type FileFormat,
  isUnquoted,
} from './file-format';
import { FormulaGuard, LINE_BREAKS } from './formula-guard';
import {
  VALUE_BYTES_MAX,
  writeBoolean,
  writeConstant,
  writeInteger,
  writeTime,
  writeUuid,
} from './write-bytes';
import { type ZoneTimes, zoneTimes } from './zone-times';

const NEWLINE = '\r\n';
const BYTE_ORDER_MARK = '\ufeff';

/**
 * CSV (RFC 4180): texts and times are quoted, numbers and booleans are not, null is empty. Every line ends
 * with CRLF.
 */
export const csv: FileFormat = {
  mediaType: 'text/csv; charset=utf-8',
  extension: 'csv',
  schema: () => ({ type: 'string' }),

  encoder(columns, { formulaGuard, byteOrderMark, delimiter, zone }) {
    const header = unparse([columns.map(({ title }) => title)], { quotes: true, delimiter });
    const config = {
      quotes: columns.map(({ kind }) => !isUnquoted(kind)),
      delimiter,
      newline: NEWLINE,
    };
    const times = zoneTimes(columns, zone);
    const guard = formulaGuard ? new FormulaGuard(delimiter) : undefined;
    const isText = columns.map(({ kind }) => kind === 'text');
    const guardRow = (row: Cell[]): Cell[] =>
      guard
        ? row.map((cell, index) =>
            isText[index] && typeof cell === 'string' ? guard.guard(cell) : cell,
          )
        : row;
    return {
      head: (byteOrderMark ? BYTE_ORDER_MARK : '') + header + NEWLINE,
      beforeFirst: '',
      separator: '',
      afterLast: '',
      tail: '',
      encodeRows: (rows) =>
        rows.length > 0
          ? unparse(times.rows(rows).map(guardRow) as unknown[], config) + NEWLINE
          : '',
      cells: new CsvCells(columns, delimiter, guard, times),
    };
  },
};

const [QUOTE, APOSTROPHE] = [0x22, 0x27];
/**
 * 1 for each byte that may need another byte after it: quotes, and all separators, whatever the delimiter of
 * the file. A module constant, because it is faster to read than a field.
 */
const SPECIAL = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(['"', ...CSV_DELIMITERS, ...LINE_BREAKS].includes(String.fromCharCode(byte))),
);

class CsvCells implements CellWriter {
  readonly before: readonly Uint8Array[];
  readonly end = Buffer.from(NEWLINE);
  readonly null = Buffer.alloc(0);
  /** A quote is doubled; an apostrophe may follow a separator. */
  readonly textBytes: Uint8Array;
  readonly valueBytes = VALUE_BYTES_MAX;
  readonly integer = writeInteger;
  readonly decimal = writeConstant;
  readonly boolean = writeBoolean;
  readonly uuid = writeUuid;
  readonly times: CellWriter['times'];
  readonly time: CellWriter['time'];

  constructor(
    columns: readonly ColumnDefinition[],
    delimiter: CsvDelimiter,
    private readonly guard: FormulaGuard | undefined,
    { range, writer }: ZoneTimes,
  ) {
    this.times = range;
    this.time = writer(writeTime);
    this.before = columns.map((_, index) => Buffer.from(index === 0 ? '' : delimiter));
    this.textBytes = new Uint8Array(256).fill(1);
    this.textBytes[QUOTE] = 2;
    guard?.separators.forEach((byte) => (this.textBytes[byte] = 2));
  }

  text(bytes: Buffer, at: number, source: Buffer, start: number, end: number): number {
    bytes[at++] = QUOTE;
    if (this.guard?.startsWithFormula(source, start, end)) bytes[at++] = APOSTROPHE;
    const begin = at;
    let found = 0;
    // Most texts have no special byte, and a loop without a branch is faster.
    for (let from = start; from < end; from++) {
      const byte = source[from] as number;
      bytes[at++] = byte;
      found |= SPECIAL[byte] as number;
    }
    if (found !== 0) at = this.specialText(bytes, begin, source, start, end);
    bytes[at++] = QUOTE;
    return at;
  }

  /** Writes a text with special bytes, without the quotes around it. */
  private specialText(
    bytes: Buffer,
    at: number,
    source: Buffer,
    start: number,
    end: number,
  ): number {
    for (let from = start; from < end; from++) {
      const byte = source[from] as number;
      bytes[at++] = byte;
      if (SPECIAL[byte] === 0) continue;
      if (byte === QUOTE) bytes[at++] = QUOTE;
      else if (this.guard?.isBeforeFormula(source, from, end)) bytes[at++] = APOSTROPHE;
    }
    return at;
  }
}
