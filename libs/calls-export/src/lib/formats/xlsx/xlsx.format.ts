import type { ColumnDefinition, ColumnKind } from '../../model/export-column';
import { encodeByCells } from '../encode-by-cells';
import type { FileFormat } from '../file-format';
import { columnName } from './number-rows';
import { zoneTimes } from '../zone-times';
import { packWorkbook } from './pack-workbook';
import { STYLES } from './workbook-parts';
import { XlsxCells } from './xlsx-cells';

/** How many characters wide a column is, by its kind, if its title and its examples are not wider. */
const WIDTHS: Readonly<Record<ColumnKind, number>> = {
  integer: 12,
  decimal: 12,
  boolean: 8,
  text: 24,
  time: 20,
};
/** The widest that a column is. */
const WIDTH_MAX = 60;
/** Beside the text of a cell. */
const MARGIN = 2;

/** A workbook of Office Open XML (ECMA-376, part 1, "SpreadsheetML"). */
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

/** What a sheet begins with: a frozen first row, with the titles, and the columns' widths. */
function headOf(columns: readonly ColumnDefinition[], cells: XlsxCells): string {
  const widths = columns.map((column, index) => {
    const place = `min="${index + 1}" max="${index + 1}"`;
    return `<col ${place} width="${widthOf(column)}" customWidth="1"/>`;
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
  // An example that is null is narrower than any column.
  const longest = Math.max(...[title, ...(examples ?? [])].map((text) => String(text).length));
  return Math.max(WIDTHS[kind], Math.min(longest + MARGIN, WIDTH_MAX));
}
