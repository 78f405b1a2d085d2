import type { CallsEntities } from '../entities/calls-entities';
import type { ExportColumn } from '../model/export-column';

/**
 * Which value of a row is the id of the call, by which an error names it: a column that has it as it is, or one more behind the columns.
 */
export function idIndexOf({ calls }: CallsEntities, columns: readonly ExportColumn[]): number {
  const index = columns.findIndex(({ of, field }) => of === 'call' && field === 'id');
  const isMade = calls.column('id').transformer ?? columns[index]?.mask;
  return index < 0 || isMade ? columns.length : index;
}
