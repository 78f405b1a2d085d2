/**
 * Selects calls of an account. If no member is set, selects all of its calls.
 *
 * @publicApi
 */
export interface CallsFilter {
  /** Only calls with this status. */
  readonly status?: string;
  /** Only calls of this assistant. Matches none if the assistant belongs to another account. */
  readonly assistantId?: number | bigint | string;
  /**
   * Only calls that started at this time or later: a Date, or a bigint of microseconds since
   * 1970-01-01T00:00:00Z.
   */
  readonly startedFrom?: Date | bigint;
  /** Only calls that started before this time; a Date or a bigint as in `startedFrom`. */
  readonly startedBefore?: Date | bigint;
  /**
   * Only calls after the call with this id, in the order of the file. That call need not match the filter.
   */
  readonly after?: number | bigint | string;
}
