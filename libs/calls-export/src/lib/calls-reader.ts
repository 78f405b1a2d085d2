import type { CallKey, CallRange } from './calls-query';

/** Text, or its bytes in UTF-8. */
export type Text = string | Uint8Array;

/** Calls as they stand in a file. */
export interface EncodedCalls {
  readonly text: Text;
  /** How many they are. */
  readonly count: number;
}

/** Reads the calls of one export, encoded in its format. */
export interface CallsReader {
  /**
   * The key of the last of the next `count` calls, matching or not, up to `to` where that is given; undefined where none is
   * left.
   */
  lastKey(after: CallKey | undefined, count: number, to?: CallKey): Promise<CallKey | undefined>;

  /**
   * The range's calls that match, encoded, with the format's separator between them; empty where none does.
   *
   * @throws PageTooLargeError
   */
  read(range: CallRange): Promise<EncodedCalls>;
}

/** A range has more text than is held in memory at once; a range of `calls` calls would have had room. */
export class PageTooLargeError extends Error {
  constructor(readonly calls: number) {
    super(`More than ${calls} calls do not fit into a page`);
  }
}
