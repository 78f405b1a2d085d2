import type { ExportFormat } from '../formats/export-formats';
import type { AccountId } from '../model/account-id';
import type { ExportProgress } from './export-stream';

/** `refused` did not begin, `failed` broke off, and `aborted` was left by the client. */
export type ExportOutcome = 'completed' | 'aborted' | 'failed' | 'refused';

/** What came of an export over HTTP. */
export interface ExportReport extends ExportProgress {
  readonly outcome: ExportOutcome;
  readonly format: ExportFormat;
  readonly account: AccountId;
  /** Why it failed or was refused. */
  readonly reason?: string;
  /** From the request to the end. */
  readonly durationMs: number;
  /** From the request to the beginning of the file; undefined if it was refused. */
  readonly firstByteMs?: number;
}
