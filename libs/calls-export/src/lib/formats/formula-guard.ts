import { CSV_DELIMITERS, type CsvDelimiter } from './file-format';

/** What a spreadsheet takes for the beginning of a formula. */
const OPENERS = '=+\\-@＝＋－＠';
/** What a program may skip before it: blanks, and NUL, which LibreOffice drops. */
const BLANK = '[\\s\\0]';
/** A text that begins with a formula, a tab or a line break; it may be a phone number. */
const FORMULA = new RegExp(`^(?:[\\t\\r\\n]|${BLANK}*[${OPENERS}])`);

/** An E.164 phone number: a plus and 2 to 15 digits. */
const E164 = '\\+[1-9]\\d{1,14}';
const PHONE_NUMBER = new RegExp(`^${E164}$`);

/** They end a row in every import that does not see the quotes around them. */
export const LINE_BREAKS = ['\r', '\n'];
/** What may stand between a separator and a formula: quotes and, of the blanks, those that are never separators. */
const FILLERS =
  '"\\0\\v\\f \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';

const [PLUS, ZERO, NINE] = [0x2b, 0x30, 0x39];
/** The bytes of a phone number. */
const [E164_MIN, E164_MAX] = [3, 16];

/** What a byte of a text may be: a separator, a filler, or the beginning of a formula or of a filler that is not ASCII. */
const [SEPARATOR, FILLER, SUSPECT] = [1, 2, 3];

/**
 * Disarms texts of a CSV file that a spreadsheet would run as formulas (OWASP, "CSV Injection"), with an apostrophe.
 *
 * It guards the beginning of a cell and, within a cell, what follows a line break or a separator other than the file's own: an
 * import that splits there does not see that the cell is in quotes. Blanks and quotes may stand in between.
 *
 * A phone number stays as it is if it is the whole cell. Within a cell, the field must also end with it in every import in which
 * the field begins there: at the end of the cell, at a line feed, or at the same separator, unless that is a tab or a carriage
 * return, which may be a blank inside a formula.
 */
export class FormulaGuard {
  /** The bytes behind which an apostrophe may go. */
  readonly separators: readonly number[];
  private readonly kinds: Uint8Array;
  /** Faster than `openings`, and most texts have no separator. */
  private readonly separator: RegExp;
  private readonly openings: RegExp;
  private readonly opening: RegExp;

  /** @param delimiter of the file. */
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

  /** A cell's text with its apostrophes, if it needs any. */
  guard(text: string): string {
    const inside = this.separator.test(text) ? text.replace(this.openings, "$1'") : text;
    return FORMULA.test(text) && !PHONE_NUMBER.test(text) ? `'${inside}` : inside;
  }

  /** Whether an apostrophe goes before the text whose UTF-8 bytes `source` has from `start` to `end`. */
  guardsBeginning(source: Buffer, start: number, end: number): boolean {
    // What begins with a letter or a digit is told without a string, and so is a phone number.
    if (this.kinds[source[start] as number] === 0 || isPhoneNumber(source, start, end))
      return false;
    return FORMULA.test(source.toString('utf8', start, end));
  }

  /** Whether an apostrophe goes behind the separator at `at`, in a text that ends at `end`. */
  guardsBehind(source: Buffer, at: number, end: number): boolean {
    const { kinds } = this;
    let next = at + 1;
    while (next < end && kinds[source[next] as number] === FILLER) next++;
    if (next === end || kinds[source[next] as number] !== SUSPECT) return false;
    while (next < end && kinds[source[next] as number] !== SEPARATOR) next++;
    // What ends a phone number: the next separator, or two that are a line break.
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
