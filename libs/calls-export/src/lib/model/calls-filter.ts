/** Which of an account's calls to export; what is left out does not narrow them. */
export interface CallsFilter {
  readonly status?: string;
  /** Matches no call where the assistant is another account's. */
  readonly assistantId?: number | bigint | string;
  /** The earliest start, as a Date or, more exactly, in microseconds since 1970-01-01T00:00:00Z. */
  readonly startedFrom?: Date | bigint;
  /** The first instant that is too late for a start, likewise. */
  readonly startedBefore?: Date | bigint;
  /** The id of a call: only those behind it in the file's order. Whether that call matches the filter does not matter. */
  readonly after?: number | bigint | string;
}
