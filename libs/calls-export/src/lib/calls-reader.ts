import type { CallKey, CallRange } from './calls-query';

/** Text, or its bytes in UTF-8. */
export type Text = string | Uint8Array;

/** Reads the calls of one export, encoded in its format. */
export interface CallsReader {
  /** The key of the last of the next `count` calls, matching or not; undefined where none is left. */
  lastKey(after: CallKey | undefined, count: number): Promise<CallKey | undefined>;

  /** The range's calls that match, encoded, with the format's separator between them; empty where none does. */
  read(range: CallRange): Promise<Text>;
}
