import type { EncodedCalls } from '../formats/file-format';
import type { CallKey, CallRange } from '../model/call-key';

/** Reads the calls of one export, encoded in its format. */
export interface PageReader {
  /** Whether something can be read now without making others wait for a connection. */
  readonly mayReadAhead: boolean;

  /**
   * The key of the `count`th call after another one, whether the calls match the filter or not.
   *
   * @param after without it, counting begins at the first call.
   * @param end the last call that counts, if given.
   * @returns undefined if there are fewer calls.
   */
  keyAfter(after: CallKey | undefined, count: number, end?: CallKey): Promise<CallKey | undefined>;

  /**
   * The calls of the range that match the filter, encoded.
   *
   * @throws PageTooLargeError
   */
  read(range: CallRange): Promise<EncodedCalls>;
}

/** A range has more bytes than a page may have; a range of `calls` calls would have fit. */
export class PageTooLargeError extends Error {
  constructor(readonly calls: number) {
    super(`More than ${calls} calls do not fit into a page`);
  }
}
