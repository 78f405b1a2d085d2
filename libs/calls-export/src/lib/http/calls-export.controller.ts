import { Get, Head, Inject, Query, Req, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CallsExportService } from '../export/calls-export.service';
import { DEFAULT_FORMAT } from '../formats/export-formats';
import type { CallsFilter } from '../model/calls-filter';
import { reasonOf } from '../model/export-errors';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/calls-export-options';
import { accountOf } from './account.guard';
import { type AuditedRequest, ExportAudit } from './export-audit';
import type { ExportCallsQueryDto } from './export-calls-query.dto';
import { ExportCallsQueryPipe } from './export-calls-query.pipe';
import { exportFileOf, type HttpResponse, setExportHeaders } from './export-response';
import { toHttpError } from './http-errors';

/**
 * The endpoint of an export. `mountController` gives it the path and the guards of an import of the module, whose last one is
 * `AccountGuard`.
 */
export class CallsExportController {
  constructor(
    @Inject(CallsExportService) private readonly service: CallsExportService,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /** Answers with the headers of the export and the number of its calls. It stands before GET, which would answer HEAD as well. */
  @Head()
  async count(
    @Query(ExportCallsQueryPipe) query: ExportCallsQueryDto,
    @Req() request: AuditedRequest,
    @Res() response: HttpResponse,
  ): Promise<void> {
    const { format = DEFAULT_FORMAT } = query;
    const total = await this.service
      .count(accountOf(request), filterOf(query))
      .catch((error: unknown) => {
        throw toHttpError(error, response);
      });
    setExportHeaders(response, format, request.headers['accept-encoding']);
    response.header('X-Total-Count', String(total));
    await this.host.httpAdapter.reply(response, undefined);
  }

  /** Answers with the file. */
  @Get()
  async export(
    @Query(ExportCallsQueryPipe) query: ExportCallsQueryDto,
    @Req() request: AuditedRequest,
    @Res() response: HttpResponse,
  ): Promise<void> {
    const accountId = accountOf(request);
    const { format = DEFAULT_FORMAT } = query;
    const { idleTimeout, onExportEnd } = this.options;
    const audit = new ExportAudit(request, accountId, format, onExportEnd);
    const text = await this.service
      .export(accountId, { format, ...filterOf(query) })
      .catch((error: unknown) => {
        audit.end('refused', { rows: 0, bytes: 0 }, reasonOf(error));
        throw toHttpError(error, response);
      });
    setExportHeaders(response, format, request.headers['accept-encoding']);
    audit.begin();
    const file = exportFileOf(text, response, idleTimeout, audit);
    // Not returned, since an interceptor of the host's that wraps what is returned would not leave it a file.
    await this.host.httpAdapter.reply(response, file);
  }
}

function filterOf({ status, assistant_id, date_from, date_to }: ExportCallsQueryDto): CallsFilter {
  return {
    status,
    assistantId: assistant_id,
    startedFrom: date_from?.start,
    startedBefore: date_to?.end,
  };
}
