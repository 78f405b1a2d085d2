/** A column of an index, as a catalog has it. */
export interface IndexColumn {
  /** Null if it is no column as it is, but an expression or a part of one. */
  readonly name: string | null;
  readonly isDescending: boolean;
}

/**
 * The columns by which an index serves a walk: whichever way the first one runs, since a walk has one value of it, the others have to run one
 * way. A column that does not ends them.
 */
export function scannableColumns(columns: readonly IndexColumn[]): readonly string[] {
  const [, second] = columns;
  const names = columns.map(({ name, isDescending }, index) =>
    index === 0 || isDescending === second?.isDescending ? name : null,
  );
  const end = names.indexOf(null);
  return (end < 0 ? names : names.slice(0, end)) as string[];
}

/** The columns of each index, of rows of which each has one of them, in their order. */
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
