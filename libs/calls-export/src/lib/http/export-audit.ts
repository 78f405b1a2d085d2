import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Logger } from '@nestjs/common';
import type { ExportOutcome, ExportReport } from '../export/export-report';
import type { ExportProgress } from '../export/export-stream';
import type { ExportFormat } from '../formats/export-formats';
import type { AccountId } from '../model/account-id';
import { withoutHostParameters } from './host-parameters';

/** A request, as far as Express and Fastify have it in common and the audit looks at it. */
export interface AuditedRequest {
  readonly headers: IncomingHttpHeaders;
  /** The parameters, as the client gave them. */
  readonly query: object;
  /** The claims of the token. */
  readonly user?: unknown;
}

interface AuditOptions {
  /** Parameters that are no part of the export, and may hold secrets. */
  readonly hostParameters: readonly string[];
  onExportEnd(report: ExportReport): void;
}

const LEVELS = { completed: 'log', aborted: 'log', failed: 'error', refused: 'warn' } as const;

/**
 * Leaves one line in the log for an export when it is over, and tells the host: who asked for what, and what came of it. At the
 * level `debug` there is one when it begins as well, which is all that is left of it if the process is killed.
 */
export class ExportAudit {
  private static readonly logger = new Logger('CallsExport');

  private readonly start = performance.now();
  private readonly request: Record<string, unknown>;
  private firstByteMs?: number;

  constructor(
    { headers, query, user }: AuditedRequest,
    private readonly account: AccountId,
    private readonly format: ExportFormat,
    private readonly options: AuditOptions,
  ) {
    const given = headers['x-request-id'];
    this.request = {
      requestId: typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID(),
      // JSON has no bigint.
      account: typeof account === 'bigint' ? String(account) : account,
      subject: (user as { sub?: unknown } | undefined)?.sub ?? null,
      parameters: withoutHostParameters(query, options.hostParameters),
    };
  }

  /** The file begins. */
  begin(): void {
    this.firstByteMs = performance.now() - this.start;
    ExportAudit.logger.debug({ export: 'begun', ...this.request });
  }

  /** @param reason why it failed or was refused. */
  end(outcome: ExportOutcome, { rows, bytes }: ExportProgress, reason?: string): void {
    const durationMs = performance.now() - this.start;
    ExportAudit.logger[LEVELS[outcome]]({
      export: outcome,
      ...(reason !== undefined && { reason }),
      ...this.request,
      rows,
      bytes,
      durationMs: Math.round(durationMs),
    });
    const { account, format, firstByteMs } = this;
    try {
      this.options.onExportEnd({
        outcome,
        format,
        account,
        reason,
        rows,
        bytes,
        durationMs,
        firstByteMs,
      });
    } catch (error) {
      // The host's mistake is not the export's, and nobody waits here.
      ExportAudit.logger.error(error);
    }
  }
}
