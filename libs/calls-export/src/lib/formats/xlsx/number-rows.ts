import { writeInteger } from '../write-bytes';

/** The most digits that the number of a row has. */
const DIGITS = 7;
/** What is written over when the number is known: digits, a quotation mark, and blanks in the place of what is not needed. */
const STAMP_BYTES = DIGITS + 1;
const BLANK_STAMP = `${'0'.repeat(DIGITS)}"`;

const [LESS, LOWER_C, LOWER_R, QUOTE, SPACE, ZERO] = [0x3c, 0x63, 0x72, 0x22, 0x20, 0x30];

/** The beginning of a row whose number is not known yet. */
export const ROW_BEGIN = `<row r="${BLANK_STAMP}>`;
const ROW_STAMP = '<row r="'.length;

/** The beginning of a cell whose row is not known yet. @param index of the column, from 0 on. */
export function cellBegin(index: number): string {
  return `<c r="${columnName(index)}${BLANK_STAMP}`;
}

/** A, B, and so on; AA behind Z. */
export function columnName(index: number): string {
  const last = String.fromCharCode('A'.charCodeAt(0) + (index % 26));
  return index < 26 ? last : columnName(Math.floor(index / 26) - 1) + last;
}

/**
 * Writes the numbers of rows into their places, which many programs look for though the schema leaves them out.
 *
 * @param first the number of the first row.
 * @param last the number that no row may exceed.
 * @returns where the rows end that have numbers.
 */
export function numberRows(bytes: Uint8Array, first: number, last: number): number {
  const stamp = Buffer.alloc(STAMP_BYTES);
  let row = first - 1;
  for (let at = 0; at < bytes.length; at++) {
    // A text has none, since it is escaped.
    if (bytes[at] !== LESS) continue;
    const tag = bytes[at + 1];
    if (tag === LOWER_R) {
      if (++row > last) return at;
      stamp.fill(SPACE);
      stamp[writeInteger(stamp, 0, row)] = QUOTE;
      at += ROW_STAMP;
    } else if (tag === LOWER_C) {
      // Behind the letters of the column.
      while (bytes[at] !== ZERO) at++;
    } else {
      continue;
    }
    for (let index = 0; index < STAMP_BYTES; index++) bytes[at++] = stamp[index] as number;
  }
  return bytes.length;
}
