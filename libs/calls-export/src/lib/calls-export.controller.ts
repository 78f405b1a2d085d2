import {
  Controller,
  Get,
  Head,
  Inject,
  Query,
  Req,
  Res,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AccountGuard, accountOf } from './account.guard';
import { CALL_STATUSES } from './call-status';
import {
  type CallsExportExtras,
  RESOLVED_OPTIONS,
  type ResolvedOptions,
} from './calls-export-options';
import { CallsExportGuard } from './calls-export.guard';
import { describeExport } from './calls-export.openapi';
import { CallsExportService } from './calls-export.service';
import type { CallsFilter } from './calls-filter';
import { type AuditedRequest, ExportAudit } from './export-audit';
import { type ExportCallsQueryDto, exportCallsQueryDto } from './export-calls-query.dto';
import { ExportCallsQueryPipe } from './export-calls-query.pipe';
import { reasonOf } from './export-errors';
import { exportFileOf, type HttpResponse, setExportHeaders } from './export-response';
import { toHttpError } from './http-errors';

/** The controller of an export: one for each import of the module, since Nest takes a path and guards from a class. */
export function callsExportController({
  path = 'calls/export',
  guards = [CallsExportGuard],
  statuses = [],
}: CallsExportExtras): Type {
  const allStatuses = [...CALL_STATUSES, ...statuses];
  const describe = describeExport(allStatuses, guards.includes(CallsExportGuard));
  const queryPipe = new ExportCallsQueryPipe(exportCallsQueryDto(allStatuses));

  @Controller(path)
  @UseGuards(...guards, AccountGuard)
  class CallsExportController {
    constructor(
      private readonly service: CallsExportService,
      private readonly host: HttpAdapterHost,
      @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    ) {}

    // Before GET, which would answer HEAD as well.
    @Head()
    @describe.count
    async count(
      @Query(queryPipe) query: ExportCallsQueryDto,
      @Req() request: AuditedRequest,
      @Res() response: HttpResponse,
    ): Promise<void> {
      const total = await this.service
        .count(accountOf(request), filterOf(query))
        .catch((error: unknown) => {
          throw toHttpError(error, response);
        });
      setExportHeaders(response, query.format ?? 'csv', request.headers['accept-encoding']);
      response.header('X-Total-Count', String(total));
      await this.host.httpAdapter.reply(response, undefined);
    }

    @Get()
    @describe.export
    async export(
      @Query(queryPipe) query: ExportCallsQueryDto,
      @Req() request: AuditedRequest,
      @Res() response: HttpResponse,
    ): Promise<void> {
      const accountId = accountOf(request);
      const { format = 'csv' } = query;
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
  return CallsExportController;
}

function filterOf({ status, assistant_id, date_from, date_to }: ExportCallsQueryDto): CallsFilter {
  return {
    status,
    assistantId: assistant_id,
    startedFrom: date_from?.start,
    startedBefore: date_to?.end,
  };
}
