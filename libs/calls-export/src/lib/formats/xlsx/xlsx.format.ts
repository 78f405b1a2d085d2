import type { ColumnDefinition, ColumnKind } from '../../model/export-column';
import { encodeByCells } from '../encode-by-cells';
import type { FileFormat } from '../file-format';
import { columnName } from './number-rows';
import { zoneTimes } from '../zone-times';
import { packWorkbook } from './pack-workbook';
import { STYLES } from './workbook-parts';
import { XlsxCells } from './xlsx-cells';

/** The minimum width of a column in characters. It is wider if its title or an example is longer. */
const WIDTHS: Readonly<Record<ColumnKind, number>> = {
  integer: 12,
  decimal: 12,
  boolean: 8,
  text: 24,
  time: 20,
};
/** The maximum width of a column in characters. */
const WIDTH_MAX = 60;
/** Characters in addition to the longest text. */
const MARGIN = 2;

/** An Office Open XML workbook (ECMA-376, part 1, "SpreadsheetML"). */
export const xlsx: FileFormat = {
  mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  extension: 'xlsx',
  isBinary: true,
  schema: () => ({ type: 'string', format: 'binary' }),

  encoder(columns, { zone }) {
    const cells = new XlsxCells(columns.length, zoneTimes(columns, zone));
    const sheet = { head: headOf(columns, cells), tail: '</sheetData></worksheet>' };
    return {
      ...sheet,
      beforeFirst: '',
      separator: '',
      afterLast: '',
      encodeRows: (rows) => encodeByCells(rows, columns, cells),
      cells,
      pack: (pages) => packWorkbook(sheet, pages),
    };
  },
};

/** Returns the start of a sheet: the column widths, and the titles in a frozen first row. */
function headOf(columns: readonly ColumnDefinition[], cells: XlsxCells): string {
  const widths = columns.map((column, index) => {
    const range = `min="${index + 1}" max="${index + 1}"`;
    return `<col ${range} width="${widthOf(column)}" customWidth="1"/>`;
  });
  const titles = columns.map(
    ({ title }, index) => `<c r="${columnName(index)}1" s="${STYLES.header}"${cells.textOf(title)}`,
  );
  return (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' +
    '<sheetViews><sheetView workbookViewId="0">' +
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' +
    '</sheetView></sheetViews>' +
    `<cols>${widths.join('')}</cols><sheetData><row r="1">${titles.join('')}</row>`
  );
}

function widthOf({ kind, title, examples }: ColumnDefinition): number {
  // A null example counts as "null", which is narrower than any column.
  const longest = Math.max(...[title, ...(examples ?? [])].map((text) => String(text).length));
  return Math.max(WIDTHS[kind], Math.min(longest + MARGIN, WIDTH_MAX));
}
