/**
 * Where a call stands in the order of an export: the values of the order's fields, as text in the database's own notation, so
 * that no digit of a number or a time is lost.
 */
export type CallKey = readonly string[];

/** The calls after one key, up to and including another. Without `after` it begins at the export's first call, without `to` it ends at the last. */
export interface CallRange {
  readonly after?: CallKey;
  readonly to?: CallKey;
}
