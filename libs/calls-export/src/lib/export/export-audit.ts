import { Logger } from '@nestjs/common';
import type { ExportFormat } from '../formats/export-formats';
import type { AccountId } from '../model/account-id';
import { shortValue } from '../model/short-value';
import type { ExportOutcome, ExportReport } from './export-report';
import type { ExportedFile, ExportProgress } from './export-stream';

/** What an audit line records of an export at its start. */
export interface AuditedExport {
  readonly account: AccountId;
  readonly format: ExportFormat;
  /** The name of the view. Undefined if the module has a single view. */
  readonly view?: string;
  /** Correlates the line with other log lines of the same request. */
  readonly requestId?: string;
  /** The `sub` claim of the token. */
  readonly subject?: unknown;
  /** The requested parameters. */
  readonly parameters: object;
}

/** Each value is the name of a `Logger` method. */
const LEVELS = { completed: 'log', aborted: 'log', failed: 'error', refused: 'warn' } as const;

/**
 * Logs one line when an export ends, with who requested what and the outcome, and calls `onExportEnd`.
 * At the level `debug` it also logs the start, so that an export is on record even if the process is
 * killed.
 *
 * A line is an object: its `message` is what loggers such as winston show, the other fields are for
 * searching. Values are truncated to a few hundred characters, whatever the client sent.
 */
export class ExportAudit {
  private static readonly logger = new Logger('CallsExport');

  private readonly start = performance.now();
  private readonly line: Record<string, unknown>;
  private firstByteMs?: number;

  constructor(
    private readonly audited: AuditedExport,
    private readonly onExportEnd: (report: ExportReport) => void,
  ) {
    const { requestId, account, subject, parameters, view } = audited;
    this.line = {
      ...(requestId !== undefined && { requestId }),
      account: shortValue(account),
      subject: shortValue(subject ?? null),
      parameters: shortValue(parameters),
      ...(view !== undefined && { view }),
    };
  }

  /** Logs the start of the file. */
  begin(): void {
    this.firstByteMs = performance.now() - this.start;
    ExportAudit.logger.debug({ message: 'Export started', export: 'begun', ...this.line });
  }

  /**
   * Logs the outcome and calls `onExportEnd`.
   *
   * @param file what was read of the file. Its digest is used only if the export completed.
   * @param reason why the export failed or was refused.
   * @param stack the stack of an unexpected error. It raises the level to `error`. No other line logs it.
   */
  end(outcome: ExportOutcome, file: ExportedFile, reason?: string, stack?: string): void {
    const durationMs = performance.now() - this.start;
    const { rows, bytes } = file.progress;
    const sha256 = outcome === 'completed' ? file.sha256 : undefined;
    const level = stack === undefined ? LEVELS[outcome] : 'error';
    ExportAudit.logger[level]({
      message: summarize(outcome, file.progress, reason),
      export: outcome,
      ...(reason !== undefined && { reason }),
      ...this.line,
      rows,
      bytes,
      ...(sha256 !== undefined && { sha256 }),
      durationMs: Math.round(durationMs),
      ...(stack !== undefined && { stack }),
    });
    const { firstByteMs } = this;
    const { account, format, view } = this.audited;
    const report = {
      outcome,
      format,
      account,
      reason,
      rows,
      bytes,
      sha256,
      durationMs,
      firstByteMs,
    };
    try {
      this.onExportEnd(view === undefined ? report : { ...report, view });
    } catch (error) {
      // An error in the host app's callback must not affect the export, and there is no caller to throw to.
      ExportAudit.logger.error(error);
    }
  }
}

/** Returns the outcome as one line of text. */
function summarize(outcome: ExportOutcome, progress: ExportProgress, reason?: string): string {
  const amount = `${pluralize(progress.rows, 'call')}, ${pluralize(progress.bytes, 'byte')}`;
  const end = {
    completed: `completed: ${amount}`,
    aborted: `aborted after ${amount}`,
    failed: `failed after ${amount}`,
    refused: 'refused',
  }[outcome];
  // A line break would start another line of the log.
  const why = reason === undefined ? '' : `: ${reason.replace(/\p{Cc}+/gu, ' ')}`;
  return `Export ${end}${why}`;
}

function pluralize(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
