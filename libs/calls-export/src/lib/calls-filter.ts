import type { CallStatus } from '@calls/data-access';

/** Which of an account's calls to export; what is left out does not narrow them. */
export interface CallsFilter {
  readonly status?: CallStatus;
  /** Matches no call where the assistant is another account's. */
  readonly assistantId?: number;
  /** The earliest start, in microseconds since 1970-01-01T00:00:00Z. */
  readonly startedFrom?: bigint;
  /** The first instant that is too late for a start, likewise. */
  readonly startedBefore?: bigint;
}
