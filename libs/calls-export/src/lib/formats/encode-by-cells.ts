import type { ColumnDefinition } from '../model/export-column';
import { type Cell, type CellWriter, TEXT_GROWTH_MAX } from './file-format';
import { Page } from './page';
import { writeConstant } from './write-bytes';
import { frameBytes, prepareCell, sourceBytes, writeCell } from './write-cell';

const FIRST_BYTES = 65_536;

/** Encodes rows with a `CellWriter`, for formats without a faster way. */
export function encodeByCells(
  rows: readonly Cell[][],
  columns: readonly ColumnDefinition[],
  cells: CellWriter,
): string {
  const frame = frameBytes(cells);
  const page = new Page(FIRST_BYTES);
  for (const row of rows) {
    const prepared = columns.map(({ kind }, index) => prepareCell(row[index] ?? null, kind));
    const textBytes = prepared.reduce((sum: number, cell) => sum + sourceBytes(cell), 0);
    page.reserve(frame + TEXT_GROWTH_MAX * textBytes);
    const { bytes } = page;
    let at = page.length;
    columns.forEach(({ kind }, index) => {
      at = writeConstant(bytes, at, cells.before[index] as Uint8Array);
      at = writeCell(cells, kind, bytes, at, prepared[index] ?? null);
    });
    page.length = writeConstant(bytes, at, cells.end);
  }
  return page.bytes.toString('utf8', 0, page.length);
}
