import { unparse } from 'papaparse';
import type { CallRow } from './call-row';

const COLUMNS: readonly { title: string; value: (row: CallRow) => unknown; quoted: boolean }[] = [
  // A bigint and not text, so that it is written as the number it is.
  { title: 'Call ID', value: (row) => BigInt(row.id), quoted: false },
  { title: 'Call SID', value: (row) => row.call_sid, quoted: true },
  { title: 'Assistant Name', value: (row) => row.assistant_name, quoted: true },
  { title: 'Customer Phone', value: (row) => row.customer_phone_number, quoted: true },
  { title: 'Status', value: (row) => row.status, quoted: true },
  { title: 'Duration (seconds)', value: (row) => row.duration, quoted: false },
  { title: 'Started At', value: (row) => row.started_at, quoted: true },
  { title: 'Ended At', value: (row) => row.ended_at, quoted: true },
];

export const CSV_NEWLINE = '\r\n';
/** The names of the columns. */
export const CSV_HEADER = unparse([COLUMNS.map(({ title }) => title)], { quotes: true });
const QUOTED = COLUMNS.map(({ quoted }) => quoted);

/**
 * A text that a spreadsheet would run: one that begins, behind blanks, with `=`, `+`, `-`, `@` or its full-width twin, or
 * with a tab or a line break (OWASP, "CSV Injection"). An E.164 phone number (`+` and up to 15 digits) is none.
 */
const FORMULA = /^(?!\+[1-9]\d{1,14}$)(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;

/**
 * CSV lines after RFC 4180, with line ends between them: text and times in quotes, numbers bare, null as nothing.
 *
 * @param formulaGuard puts an apostrophe before formulas.
 */
export function encodeCsvRows(rows: CallRow[], formulaGuard: boolean): string {
  const cells = rows.map((row) => COLUMNS.map(({ value }) => value(row)));
  const escapeFormulae = formulaGuard && FORMULA;
  return unparse(cells, { quotes: QUOTED, escapeFormulae, newline: CSV_NEWLINE });
}
