/**
 * The position of a call in an export: the values of the sort columns, as text in the database's own
 * notation, so that numbers and times lose no digits.
 */
export type CallKey = readonly string[];

/**
 * The calls after one key, up to and including another. Without `after` the range starts at the first call of
 * the export; without `to` it ends at the last.
 */
export interface CallRange {
  readonly after?: CallKey;
  readonly to?: CallKey;
}
