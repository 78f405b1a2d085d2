import type { EncodedCalls } from '../formats/file-format';
import type { CallKey, CallRange } from '../model/call-key';

/** Reads the calls of one export page by page, encoded in the export's format. */
export interface PageReader {
  /** Whether a connection is free, so that reading ahead makes no other export wait. */
  readonly mayReadAhead: boolean;

  /**
   * Returns the key of the `count`th call after `after`. Calls count whether they match the filter or not.
   *
   * @param after Default: count from the first call.
   * @param end the last call to count. Default: the last call of the export.
   * @returns undefined if there are fewer calls.
   */
  keyAfter(after: CallKey | undefined, count: number, end?: CallKey): Promise<CallKey | undefined>;

  /**
   * Reads and encodes the calls of a range that match the filter.
   *
   * @throws PageTooLargeError if they exceed the page's byte limit.
   */
  read(range: CallRange): Promise<EncodedCalls>;
}

/** The calls of a range exceed the page's byte limit. */
export class PageTooLargeError extends Error {
  /** @param calls how many calls would fit. */
  constructor(readonly calls: number) {
    super(`The page exceeds its byte limit (calls that fit: ${calls})`);
  }
}
