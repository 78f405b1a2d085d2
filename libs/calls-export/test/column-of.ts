import type { ColumnKind, ExportColumn } from '../src/lib/model/export-column';

/** A column for tests; its title and field are the key too. */
export function columnOf(key: string, kind: ColumnKind): ExportColumn {
  return {
    key,
    title: key,
    of: 'call',
    field: key,
    kind,
    nullable: true,
    description: '',
    examples: [null, null],
  };
}
