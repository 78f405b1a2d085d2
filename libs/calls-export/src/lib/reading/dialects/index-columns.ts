/** A column of an index, from the catalog. */
export interface IndexColumn {
  /** Null for an expression or a prefix of a column. */
  readonly name: string | null;
  readonly isDescending: boolean;
}

/**
 * Returns the leading columns of an index that a scan can use.
 *
 * All but the first must have the same direction. A scan has one value for the first, so its direction does
 * not matter.
 */
export function scannableColumns(columns: readonly IndexColumn[]): readonly string[] {
  const [, second] = columns;
  const names = columns.map(({ name, isDescending }, index) =>
    index === 0 || isDescending === second?.isDescending ? name : null,
  );
  const end = names.indexOf(null);
  return (end < 0 ? names : names.slice(0, end)) as string[];
}

/** Groups rows with one index column each by index, keeping their order. */
export function byIndex<Row>(
  rows: readonly Row[],
  indexOf: (row: Row) => string,
  columnOf: (row: Row) => IndexColumn,
): Map<string, IndexColumn[]> {
  const indexes = new Map<string, IndexColumn[]>();
  for (const row of rows) {
    const columns = indexes.get(indexOf(row)) ?? [];
    indexes.set(indexOf(row), [...columns, columnOf(row)]);
  }
  return indexes;
}
