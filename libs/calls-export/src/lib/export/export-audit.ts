import { Logger } from '@nestjs/common';
import type { ExportFormat } from '../formats/export-formats';
import type { AccountId } from '../model/account-id';
import { shortValue } from '../model/short-value';
import type { ExportOutcome, ExportReport } from './export-report';
import type { ExportedFile, ExportProgress } from './export-stream';

/** An export, as its line in the log has it. */
export interface AuditedExport {
  readonly account: AccountId;
  readonly format: ExportFormat;
  /** The name of the view; undefined if there is one alone. */
  readonly view?: string;
  /** By which other lines of the log tell of the same request. */
  readonly requestId?: string;
  /** Who asks. */
  readonly subject?: unknown;
  /** What was asked for. */
  readonly parameters: object;
}

/** `Logger` has a method of the same name for each. */
const LEVELS = { completed: 'log', aborted: 'log', failed: 'error', refused: 'warn' } as const;

/**
 * Leaves one line in the log for an export when it is over, and tells the host: who asked for what, and what came of it. At the
 * level `debug` there is one when it begins as well, which is all that is left of it if the process is killed.
 *
 * A line is an object with a `message`, which is what loggers such as winston show of it; the other fields are for searches.
 * Nothing in it is longer than a few hundred characters, however long what the client has sent.
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

  /** The file begins. */
  begin(): void {
    this.firstByteMs = performance.now() - this.start;
    ExportAudit.logger.debug({ message: 'Export begun', export: 'begun', ...this.line });
  }

  /**
   * @param file what has been read of it. Only that of a completed export has a digest.
   * @param reason why it failed or was refused.
   * @param stack of an error that nobody has thought of. The line then has the level `error`, and no other line tells of it.
   */
  end(outcome: ExportOutcome, file: ExportedFile, reason?: string, stack?: string): void {
    const durationMs = performance.now() - this.start;
    const { rows, bytes } = file.progress;
    const sha256 = outcome === 'completed' ? file.sha256 : undefined;
    const level = stack === undefined ? LEVELS[outcome] : 'error';
    ExportAudit.logger[level]({
      message: sentence(outcome, file.progress, reason),
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
      // The host's mistake is not the export's, and nobody waits here.
      ExportAudit.logger.error(error);
    }
  }
}

/** What came of an export, in one line. */
function sentence(outcome: ExportOutcome, progress: ExportProgress, reason?: string): string {
  const amount = `${counted(progress.rows, 'call')}, ${counted(progress.bytes, 'byte')}`;
  const end = {
    completed: `completed: ${amount}`,
    aborted: `aborted after ${amount}`,
    failed: `failed after ${amount}`,
    refused: 'refused',
  }[outcome];
  // Without a line break, which would begin a line of the log.
  const why = reason === undefined ? '' : `: ${reason.replace(/\p{Cc}+/gu, ' ')}`;
  return `Export ${end}${why}`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
