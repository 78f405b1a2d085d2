import type { CellWriter } from '../file-format';
import {
  VALUE_BYTES_MAX,
  writeConstant,
  writeInteger,
  writePlainTime,
  writePlainUuid,
} from '../write-bytes';
import type { ZoneTimes } from '../zone-times';
import { truncatedEnd } from './cell-limit';
import { isExactNumber } from './exact-number';
import { cellBegin, ROW_BEGIN } from './number-rows';
import { STYLES } from './workbook-parts';

/** Integers from here are written as text, because spreadsheets keep only 15 digits. */
const TEXT_FROM = 1e15;

const DAY_SECONDS = 86_400;
/** The serial number of 1970-01-01: spreadsheets count days from 1899-12-30. */
const EPOCH_DAY = 25_569;
/**
 * Times before this are written as text: programs disagree on them, because some treat 1900 as a leap year.
 */
const FIRST_DATE = Date.parse('1900-03-01T00:00:00Z') / 1000;
/** The resolution of a time of day, in parts of a day. */
const DAY_PARTS = 1e10;
/** Added to each time (0.2 ms), because LibreOffice 7.4 truncates some exact times to the previous second. */
const EXTRA_PARTS = 20;
const FRACTION_DIGITS = 10;

const TEXT_BEGIN = Buffer.from(' t="inlineStr"><is><t>');
/** Without `xml:space`, programs may drop white space at the start and the end of a text. */
const SPACED_TEXT_BEGIN = Buffer.from(' t="inlineStr"><is><t xml:space="preserve">');
const TEXT_END = Buffer.from('</t></is></c>');
const ELLIPSIS = Buffer.from('…');
const INTEGER_BEGIN = Buffer.from(` s="${STYLES.integer}"><v>`);
const DECIMAL_BEGIN = Buffer.from('><v>');
const TIME_BEGIN = Buffer.from(` s="${STYLES.time}"><v>`);
const NUMBER_END = Buffer.from('</v></c>');
const TRUE = Buffer.from(' t="b"><v>1</v></c>');
const FALSE = Buffer.from(' t="b"><v>0</v></c>');

const [TAB, LINE_FEED, SPACE, POINT, ZERO] = [0x09, 0x0a, 0x20, 0x2e, 0x30];
const [UNDERSCORE, LOWER_X] = [0x5f, 0x78];
/** The first byte of U+FFFE (EF BF BE) and U+FFFF (EF BF BF), which XML forbids. */
const HIGH = 0xef;

const escapeOf = (code: number): Buffer =>
  Buffer.from(`_x${code.toString(16).toUpperCase().padStart(4, '0')}_`);
/** Escapes for characters that XML forbids (ECMA-376, part 1, section 22.9.2.19, "ST_Xstring"). */
const [ESCAPED_UNDERSCORE, ESCAPED_FFFE, ESCAPED_FFFF] = [UNDERSCORE, 0xfffe, 0xffff].map(
  escapeOf,
) as [Buffer, Buffer, Buffer];

/** Parsers normalize a literal carriage return to a line feed (XML 1.0, section 2.11). */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#13;',
};

/** For each ASCII byte, what is written instead of it; undefined if it needs no escape. */
const REPLACEMENTS: readonly (Buffer | undefined)[] = Array.from({ length: 128 }, (_, byte) => {
  const entity = ENTITIES[String.fromCharCode(byte)];
  if (entity) return Buffer.from(entity);
  return byte < SPACE && byte !== TAB && byte !== LINE_FEED ? escapeOf(byte) : undefined;
});

/** For each byte value, the maximum number of bytes written. More than 1 if the byte may need an escape. */
const TEXT_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === UNDERSCORE) return ESCAPED_UNDERSCORE.length;
  // Together with the two bytes after it, it may become an escape.
  if (byte === HIGH) return ESCAPED_FFFE.length - 2;
  return REPLACEMENTS[byte]?.length ?? 1;
});

/** Writes the cells of a sheet: numbers, booleans, dates, and everything else as text. */
export class XlsxCells implements CellWriter {
  readonly before: readonly Uint8Array[];
  readonly end = Buffer.from('</row>');
  readonly null = Buffer.from('/>');
  readonly textBytes = TEXT_BYTES;
  readonly valueBytes =
    SPACED_TEXT_BEGIN.length + TEXT_END.length + Math.max(ELLIPSIS.length, VALUE_BYTES_MAX);

  readonly times: CellWriter['times'];
  readonly time: CellWriter['time'];

  constructor(columns: number, { range, writer }: ZoneTimes) {
    this.times = range;
    this.time = writer(writeDate);
    this.before = Array.from({ length: columns }, (_, index) =>
      Buffer.from((index === 0 ? ROW_BEGIN : '') + cellBegin(index)),
    );
  }

  integer(bytes: Buffer, at: number, value: number | bigint): number {
    const isText = value >= TEXT_FROM || value <= -TEXT_FROM;
    at = writeConstant(bytes, at, isText ? TEXT_BEGIN : INTEGER_BEGIN);
    at = writeInteger(bytes, at, value);
    return writeConstant(bytes, at, isText ? TEXT_END : NUMBER_END);
  }

  decimal(bytes: Buffer, at: number, digits: Uint8Array): number {
    const isNumber = isExactNumber(digits);
    at = writeConstant(bytes, at, isNumber ? DECIMAL_BEGIN : TEXT_BEGIN);
    at = writeConstant(bytes, at, digits);
    return writeConstant(bytes, at, isNumber ? NUMBER_END : TEXT_END);
  }

  boolean(bytes: Buffer, at: number, value: boolean): number {
    return writeConstant(bytes, at, value ? TRUE : FALSE);
  }

  uuid(bytes: Buffer, at: number, source: Buffer, start: number): number {
    at = writeConstant(bytes, at, TEXT_BEGIN);
    at = writePlainUuid(bytes, at, source, start);
    return writeConstant(bytes, at, TEXT_END);
  }

  /** Writes a text. If it exceeds the limit of a cell, it is truncated with an ellipsis. */
  text(bytes: Buffer, at: number, source: Buffer, start: number, end: number): number {
    const isSpaced =
      end > start && ((source[start] as number) <= SPACE || (source[end - 1] as number) <= SPACE);
    at = writeConstant(bytes, at, isSpaced ? SPACED_TEXT_BEGIN : TEXT_BEGIN);
    const cut = truncatedEnd(source, start, end);
    at = writeText(bytes, at, source, start, cut);
    if (cut < end) at = writeConstant(bytes, at, ELLIPSIS);
    return writeConstant(bytes, at, TEXT_END);
  }

  /** Returns the XML of a cell with a text, after the start of the cell. */
  textOf(text: string): string {
    const source = Buffer.from(text);
    const bytes = Buffer.alloc(source.length * ESCAPED_UNDERSCORE.length + this.valueBytes);
    return bytes.toString('utf8', 0, this.text(bytes, 0, source, 0, source.length));
  }
}

/** Writes a time as days since 1899-12-30, or as text before 1900-03-01. */
function writeDate(bytes: Buffer, at: number, seconds: number): number {
  if (seconds < FIRST_DATE) {
    at = writeConstant(bytes, at, TEXT_BEGIN);
    at = writePlainTime(bytes, at, seconds);
    return writeConstant(bytes, at, TEXT_END);
  }
  const day = Math.floor(seconds / DAY_SECONDS);
  const ofDay = seconds - day * DAY_SECONDS;
  at = writeConstant(bytes, at, TIME_BEGIN);
  at = writeInteger(bytes, at, day + EPOCH_DAY);
  if (ofDay > 0) {
    bytes[at++] = POINT;
    at = writeFraction(bytes, at, Math.round((ofDay * DAY_PARTS) / DAY_SECONDS) + EXTRA_PARTS);
  }
  return writeConstant(bytes, at, NUMBER_END);
}

function writeText(bytes: Buffer, at: number, source: Buffer, start: number, end: number): number {
  const begin = at;
  let found = 1;
  // Most texts need no escapes, and a loop without a branch is faster.
  for (let from = start; from < end; from++) {
    const byte = source[from] as number;
    bytes[at++] = byte;
    found |= TEXT_BYTES[byte] as number;
  }
  return found === 1 ? at : writeEscapedText(bytes, begin, source, start, end);
}

function writeEscapedText(
  bytes: Buffer,
  at: number,
  source: Buffer,
  start: number,
  end: number,
): number {
  for (let from = start; from < end; from++) {
    const byte = source[from] as number;
    if (byte === UNDERSCORE && isEscape(source, from, end)) {
      at = writeConstant(bytes, at, ESCAPED_UNDERSCORE);
    } else if (byte === HIGH && isForbidden(source, from, end)) {
      at = writeConstant(bytes, at, source[from + 2] === 0xbe ? ESCAPED_FFFE : ESCAPED_FFFF);
      from += 2;
    } else {
      const replacement = REPLACEMENTS[byte];
      if (replacement) at = writeConstant(bytes, at, replacement);
      else bytes[at++] = byte;
    }
  }
  return at;
}

/**
 * Whether the text at `at` reads like an escape, such as `_x0041_`. Does not check for the last underscore,
 * because the escape of the next character may supply it.
 */
function isEscape(source: Buffer, at: number, end: number): boolean {
  const last = at + ESCAPED_UNDERSCORE.length - 1;
  if (last > end || source[at + 1] !== LOWER_X) return false;
  return /[\da-f]{4}/i.test(source.toString('latin1', at + 2, last));
}

function isForbidden(source: Buffer, at: number, end: number): boolean {
  return at + 2 < end && source[at + 1] === 0xbf && (source[at + 2] as number) >= 0xbe;
}

/** Writes a number with FRACTION_DIGITS digits, padded with zeros. */
function writeFraction(bytes: Buffer, at: number, value: number): number {
  let rest = value;
  for (let digit = at + FRACTION_DIGITS - 1; digit >= at; digit--) {
    const tenth = Math.floor(rest / 10);
    bytes[digit] = ZERO + (rest - 10 * tenth);
    rest = tenth;
  }
  return at + FRACTION_DIGITS;
}
