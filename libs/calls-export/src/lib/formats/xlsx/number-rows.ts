import { writeInteger } from '../write-bytes';

/** The maximum number of digits of a row number. */
const DIGITS = 7;
/**
 * The space for a row number, which is filled in later: the digits, the closing quote, and padding spaces.
 */
const PLACEHOLDER_BYTES = DIGITS + 1;
const PLACEHOLDER = `${'0'.repeat(DIGITS)}"`;

const [LESS, LOWER_C, LOWER_R, QUOTE, SPACE, ZERO] = [0x3c, 0x63, 0x72, 0x22, 0x20, 0x30];

/** The start of a row, with a placeholder for its number. */
export const ROW_BEGIN = `<row r="${PLACEHOLDER}>`;
const ROW_PREFIX_BYTES = '<row r="'.length;

/** Returns the start of a cell, with a placeholder for its row number. Columns count from 0. */
export function cellBegin(index: number): string {
  return `<c r="${columnName(index)}${PLACEHOLDER}`;
}

/** Returns the letters of a column: A for 0, AA after Z. */
export function columnName(index: number): string {
  const last = String.fromCharCode('A'.charCodeAt(0) + (index % 26));
  return index < 26 ? last : columnName(Math.floor(index / 26) - 1) + last;
}

/**
 * Replaces the placeholders in rows with row numbers. The schema makes them optional, but many programs
 * require them.
 *
 * @param first the number of the first row.
 * @param last the maximum row number.
 * @returns the end of the last row that got a number.
 */
export function numberRows(bytes: Uint8Array, first: number, last: number): number {
  const number = Buffer.alloc(PLACEHOLDER_BYTES);
  let row = first - 1;
  for (let at = 0; at < bytes.length; at++) {
    // Texts have no `<`, because it is escaped.
    if (bytes[at] !== LESS) continue;
    const tag = bytes[at + 1];
    if (tag === LOWER_R) {
      if (++row > last) return at;
      number.fill(SPACE);
      number[writeInteger(number, 0, row)] = QUOTE;
      at += ROW_PREFIX_BYTES;
    } else if (tag === LOWER_C) {
      // Skip the letters of the column.
      while (bytes[at] !== ZERO) at++;
    } else {
      continue;
    }
    for (let index = 0; index < PLACEHOLDER_BYTES; index++) bytes[at++] = number[index] as number;
  }
  return bytes.length;
}
