import type { ExportFormat } from '../formats/export-formats';
import type { AccountId } from '../model/account-id';
import type { ExportProgress } from './export-stream';

/** `refused` did not begin, `failed` broke off, and `aborted` was left by the client, or by who read the stream. */
export type ExportOutcome = 'completed' | 'aborted' | 'failed' | 'refused';

/** What came of an export. */
export interface ExportReport extends ExportProgress {
  /** How the export ended. */
  readonly outcome: ExportOutcome;
  /** The format of the file. */
  readonly format: ExportFormat;
  /** The account whose calls were exported. */
  readonly account: AccountId;
  /** The name of the view; undefined if there is one alone. */
  readonly view?: string;
  /** The SHA-256 of the file before compression, in hexadecimal. Undefined unless the export completed. */
  readonly sha256?: string;
  /** Why it failed or was refused. */
  readonly reason?: string;
  /** From the request, or the call of the service, to the end. */
  readonly durationMs: number;
  /** From the request to the beginning of the file; undefined if it was refused. */
  readonly firstByteMs?: number;
}
