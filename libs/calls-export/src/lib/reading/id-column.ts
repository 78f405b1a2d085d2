import type { ExportColumn } from '../model/export-column';

/** Which value of a row is the id of the call, by which an error names it: one of the columns, or one more behind them. */
export function idIndexOf(columns: readonly ExportColumn[]): number {
  const index = columns.findIndex(({ of, field }) => of === 'call' && field === 'id');
  return index < 0 ? columns.length : index;
}
