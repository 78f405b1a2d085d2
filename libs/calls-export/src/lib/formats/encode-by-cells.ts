import type { ColumnDefinition } from '../model/export-column';
import { type Cell, type CellWriter, TEXT_GROWTH_MAX } from './file-format';
import { Page } from './page';
import { writeConstant } from './write-bytes';
import { timeSeconds } from './zone-times';

const FIRST_BYTES = 64 * 1024;

/** Encodes rows by what writes cells, for a format that has no other way. */
export function encodeByCells(
  rows: readonly Cell[][],
  columns: readonly ColumnDefinition[],
  cells: CellWriter,
): string {
  const constants = [...cells.before, cells.end].reduce((sum, { length }) => sum + length, 0);
  const frameBytes = constants + columns.length * Math.max(cells.valueBytes, cells.null.length);
  const page = new Page(FIRST_BYTES);
  for (const row of rows) {
    const texts = row.map((cell) => (typeof cell === 'string' ? Buffer.from(cell) : undefined));
    const textBytes = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
    page.reserve(frameBytes + TEXT_GROWTH_MAX * textBytes);
    const { bytes } = page;
    let at = page.length;
    columns.forEach(({ kind }, index) => {
      const cell = row[index] ?? null;
      const text = texts[index];
      at = writeConstant(bytes, at, cells.before[index] as Uint8Array);
      if (cell === null) at = writeConstant(bytes, at, cells.null);
      else if (typeof cell === 'boolean') at = cells.boolean(bytes, at, cell);
      else if (!text) at = cells.integer(bytes, at, cell as number | bigint);
      else if (kind === 'time') at = cells.time(bytes, at, timeSeconds(String(cell)));
      else if (kind === 'decimal') at = cells.decimal(bytes, at, text);
      else at = cells.text(bytes, at, text, 0, text.length);
    });
    page.length = writeConstant(bytes, at, cells.end);
  }
  return page.bytes.toString('utf8', 0, page.length);
}
