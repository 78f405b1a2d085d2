import type { ExportFormat } from '../formats/export-formats';
import type { AccountId } from '../model/account-id';
import type { ExportProgress } from './export-stream';

/**
 * How an export ended.
 *
 * - `completed`: the complete file was read.
 * - `aborted`: the client disconnected, or the reader destroyed or aborted the stream.
 * - `failed`: the export stopped with an error after it had started.
 * - `refused`: the export could not start.
 *
 * @publicApi
 */
export type ExportOutcome = 'completed' | 'aborted' | 'failed' | 'refused';

/**
 * What `onExportEnd` is called with when an export ends.
 *
 * @publicApi
 */
export interface ExportReport extends ExportProgress {
  /** How the export ended. */
  readonly outcome: ExportOutcome;
  /** The format of the file. */
  readonly format: ExportFormat;
  /** The account whose calls were exported. */
  readonly account: AccountId;
  /** The name of the view. Undefined if the module has a single view. */
  readonly view?: string;
  /** The SHA-256 of the file before compression, in hexadecimal. Undefined unless the export completed. */
  readonly sha256?: string;
  /** Why the export failed or was refused. */
  readonly reason?: string;
  /** The time from the request, or the call of the service, to the end, in milliseconds. */
  readonly durationMs: number;
  /** The time until the file started, in milliseconds. Undefined if the export did not start. */
  readonly firstByteMs?: number;
}
