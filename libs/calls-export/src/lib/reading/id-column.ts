import type { CallsEntities } from '../entities/calls-entities';
import type { ExportColumn } from '../model/export-column';

/**
 * Returns the index of the call's id among a row's values; errors name the call by it. If no column has the
 * unchanged id, it follows the columns as an additional value.
 */
export function idIndexOf({ calls }: CallsEntities, columns: readonly ExportColumn[]): number {
  const index = columns.findIndex(({ of, field }) => of === 'call' && field === 'id');
  const isChanged = calls.column('id').transformer ?? columns[index]?.mask;
  return index < 0 || isChanged ? columns.length : index;
}
