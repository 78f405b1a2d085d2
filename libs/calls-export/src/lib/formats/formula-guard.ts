import { CSV_DELIMITERS, type CsvDelimiter } from './file-format';

/** Characters that start a formula in a spreadsheet. */
const OPENERS = '=+\\-@＝＋－＠';
/** Characters that a program may skip before a formula: white space, and NUL, which LibreOffice drops. */
const BLANK = '[\\s\\0]';
/** A text that starts with a formula, a tab or a line break. Also matches phone numbers. */
const FORMULA = new RegExp(`^(?:[\\t\\r\\n]|${BLANK}*[${OPENERS}])`);

/** An E.164 phone number: a plus and 2 to 15 digits. */
const E164 = '\\+[1-9]\\d{1,14}';
const PHONE_NUMBER = new RegExp(`^${E164}$`);

/** These end a row in an import that ignores the quotes around them. */
export const LINE_BREAKS = ['\r', '\n'];
/**
 * Characters that may be between a separator and a formula: quotes, and white space that is never a
 * separator.
 */
const FILLERS =
  '"\\0\\v\\f \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';

const [PLUS, ZERO, NINE] = [0x2b, 0x30, 0x39];
/** The length of a phone number in bytes. */
const [E164_MIN, E164_MAX] = [3, 16];

/**
 * The classes of bytes. SUSPECT is the first byte of a formula or of any non-ASCII character, which may be a
 * filler.
 */
const [SEPARATOR, FILLER, SUSPECT] = [1, 2, 3];

/**
 * Escapes text in CSV that a spreadsheet would run as a formula, with an apostrophe (OWASP, "CSV Injection").
 *
 * It checks the start of a cell. Within the cell, it checks what follows a line break or any separator except
 * the file's own: an import that ignores quotes splits there. White space and quotes may come before the
 * formula.
 *
 * A phone number is not escaped if it is the complete cell. Within a cell, it must also be the complete field
 * in every import whose field starts there. So it must end at the end of the cell, at a line feed or at the
 * same separator. A tab or a lone carriage return does not end it, because that may be white space inside a
 * formula.
 */
export class FormulaGuard {
  /** The bytes after which an apostrophe may be needed. */
  readonly separators: readonly number[];
  private readonly kinds: Uint8Array;
  /** Checked before `openings`, because it is faster and most texts have no separator. */
  private readonly separator: RegExp;
  private readonly openings: RegExp;
  private readonly opening: RegExp;

  /** @param delimiter the delimiter of the file. */
  constructor(delimiter: CsvDelimiter) {
    const separators = [...CSV_DELIMITERS, ...LINE_BREAKS].filter((each) => each !== delimiter);
    const fillers = delimiter === '\t' ? `${FILLERS}\\t` : FILLERS;
    const numberEnd = '(?:(?![\\t\\r])\\1|\\r?\\n|$)';
    const separator = `[${separators.join('')}]`;
    const opening = `(${separator})(?!${E164}${numberEnd})(?=[${fillers}]*[${OPENERS}])`;
    this.separator = new RegExp(separator);
    this.openings = new RegExp(opening, 'g');
    this.opening = new RegExp(`^${opening}`);
    this.separators = separators.map((each) => each.charCodeAt(0));
    const isFiller = new RegExp(`[${fillers}]`);
    const isOpener = new RegExp(`[${OPENERS}]`);
    this.kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
      const character = String.fromCharCode(byte);
      if (separators.includes(character)) return SEPARATOR;
      if (byte >= 0x80 || isOpener.test(character)) return SUSPECT;
      return isFiller.test(character) ? FILLER : 0;
    });
  }

  /** Returns the text of a cell with apostrophes where needed. */
  guard(text: string): string {
    const inside = this.separator.test(text) ? text.replace(this.openings, "$1'") : text;
    return FORMULA.test(text) && !PHONE_NUMBER.test(text) ? `'${inside}` : inside;
  }

  /** Whether the text in `source` from `start` to `end` (UTF-8) needs an apostrophe before it. */
  startsWithFormula(source: Buffer, start: number, end: number): boolean {
    // Avoids a string for phone numbers, and for texts that start with a letter or a digit.
    if (this.kinds[source[start] as number] === 0 || isPhoneNumber(source, start, end))
      return false;
    return FORMULA.test(source.toString('utf8', start, end));
  }

  /** Whether the separator at `at`, in a text that ends at `end`, needs an apostrophe after it. */
  isBeforeFormula(source: Buffer, at: number, end: number): boolean {
    const { kinds } = this;
    let next = at + 1;
    while (next < end && kinds[source[next] as number] === FILLER) next++;
    if (next === end || kinds[source[next] as number] !== SUSPECT) return false;
    while (next < end && kinds[source[next] as number] !== SEPARATOR) next++;
    // Includes what ends a phone number: the next separator, or CRLF.
    return this.opening.test(source.toString('utf8', at, Math.min(next + 2, end)));
  }
}

function isPhoneNumber(source: Buffer, start: number, end: number): boolean {
  if (end - start < E164_MIN || end - start > E164_MAX) return false;
  if (source[start] !== PLUS || source[start + 1] === ZERO) return false;
  for (let at = start + 1; at < end; at++) {
    const byte = source[at] as number;
    if (byte < ZERO || byte > NINE) return false;
  }
  return true;
}
