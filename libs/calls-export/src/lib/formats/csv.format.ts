import { unparse } from 'papaparse';
import type { ExportColumn } from '../model/export-column';
import type { CellWriter, FileFormat } from './file-format';
import { writeInteger, writeTime, writeUuid } from './write-bytes';

const NEWLINE = '\r\n';
/** By which some programs know that a file is UTF-8. */
const BYTE_ORDER_MARK = '\ufeff';

/**
 * A text that a spreadsheet would run: one that begins, behind blanks, with `=`, `+`, `-`, `@` or its full-width twin, or
 * with a tab or a line break (OWASP, "CSV Injection"). An E.164 phone number (`+` and up to 15 digits) is none.
 */
const FORMULA = /^(?!\+[1-9]\d{1,14}$)(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;

/** CSV after RFC 4180: text and times in quotes, numbers bare, null as nothing; every line ends with CRLF. */
export const csv: FileFormat = {
  mediaType: 'text/csv; charset=utf-8',
  extension: 'csv',
  schema: () => ({ type: 'string' }),

  encoder(columns, { formulaGuard, byteOrderMark }) {
    const header = unparse([columns.map(({ title }) => title)], { quotes: true });
    const config = {
      quotes: columns.map(({ kind }) => kind !== 'integer'),
      escapeFormulae: formulaGuard && FORMULA,
      newline: NEWLINE,
    };
    return {
      head: (byteOrderMark ? BYTE_ORDER_MARK : '') + header + NEWLINE,
      beforeFirst: '',
      separator: '',
      afterLast: '',
      tail: '',
      encodeRows: (rows) => (rows.length > 0 ? unparse(rows as unknown[], config) + NEWLINE : ''),
      cells: new CsvCells(columns, formulaGuard),
    };
  },
};

const [QUOTE, APOSTROPHE, PLUS, ZERO, NINE] = [0x22, 0x27, 0x2b, 0x30, 0x39];
/** A phone number's plus and digits. */
const [E164_MIN, E164_MAX] = [3, 16];
const TEXT_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => (byte === QUOTE ? 2 : 1));

class CsvCells implements CellWriter {
  readonly before: readonly Uint8Array[];
  readonly end = Buffer.from(NEWLINE);
  readonly null = Buffer.alloc(0);
  readonly textBytes = TEXT_BYTES;
  readonly integer = writeInteger;
  readonly uuid = writeUuid;
  readonly time = writeTime;

  constructor(
    columns: readonly ExportColumn[],
    private readonly formulaGuard: boolean,
  ) {
    this.before = columns.map((_, index) => Buffer.from(index === 0 ? '' : ','));
  }

  text(bytes: Buffer, at: number, source: Buffer, start: number, end: number): number {
    bytes[at++] = QUOTE;
    if (this.formulaGuard && isFormula(source, start, end)) bytes[at++] = APOSTROPHE;
    for (let from = start; from < end; from++) {
      const byte = source[from] as number;
      if (byte === QUOTE) bytes[at++] = QUOTE;
      bytes[at++] = byte;
    }
    bytes[at++] = QUOTE;
    return at;
  }
}

/** Asks `FORMULA` only where the first byte does not tell already: a letter, a digit, or the plus of a phone number. */
function isFormula(source: Buffer, start: number, end: number): boolean {
  const first = source[start] as number;
  if (start === end || isDigit(first) || isLetter(first)) return false;
  if (first === PLUS && isPhoneNumber(source, start, end)) return false;
  return FORMULA.test(source.toString('utf8', start, end));
}

function isPhoneNumber(source: Buffer, start: number, end: number): boolean {
  if (end - start < E164_MIN || end - start > E164_MAX || source[start + 1] === ZERO) return false;
  for (let at = start + 1; at < end; at++) if (!isDigit(source[at] as number)) return false;
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
