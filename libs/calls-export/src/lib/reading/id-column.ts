import type { CallsEntities } from '../entities/calls-entities';
import type { ExportColumn } from '../model/export-column';

/**
 * Returns the index of the call's id among a row's values. Errors name the call by this id. If no column has
 * the unchanged id, it is an additional value after the columns.
 */
export function idIndexOf({ calls }: CallsEntities, columns: readonly ExportColumn[]): number {
  const index = columns.findIndex(({ of, field }) => of === 'call' && field === 'id');
  const isChanged = calls.column('id').transformer ?? columns[index]?.mask;
  return index < 0 || isChanged ? columns.length : index;
}
