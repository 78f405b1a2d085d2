import { Get, Head, Inject, Query, Req, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CallsExportService } from '../export/calls-export.service';
import { ExportAudit } from '../export/export-audit';
import { DEFAULT_FORMAT } from '../formats/export-formats';
import type { CallsFilter } from '../model/calls-filter';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/calls-export-options';
import { fileNameFor } from '../options/file-name';
import { type AuditedRequest, auditedRequest } from './audited-request';
import type { ExportCallsQueryDto } from './export-calls-query.dto';
import { ExportCallsQueryPipe } from './export-calls-query.pipe';
import { type FileHead, setExportHeaders } from './export-headers';
import { scopeOf } from './export-scope.guard';
import { ExportTransfer } from './export-transfer';
import { toHttpError } from './http-errors';
import { type HttpResponse, nodeResponseOf, onClose } from './node-response';
import { refusePartialDownload } from './refuse-partial-download';

/**
 * Handles export requests. `mountController` adds the path and the guards, of which `ExportScopeGuard`
 * is the last.
 */
export class CallsExportController {
  constructor(
    @Inject(CallsExportService) private readonly service: CallsExportService,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /**
   * Responds with the headers of the export and the number of calls, or `unknown` if counting takes too long.
   *
   * It must come before GET, which would handle HEAD as well.
   */
  @Head()
  async count(
    @Query(ExportCallsQueryPipe) query: ExportCallsQueryDto,
    @Req() request: AuditedRequest,
    @Res() response: HttpResponse,
  ): Promise<void> {
    const raw = nodeResponseOf(response);
    refusePartialDownload(raw.req, response, this.options.acceptHttp10);
    const head = await this.headOf(query, request);
    const disconnected = new AbortController();
    const removeListener = onClose(raw, () => disconnected.abort());
    try {
      const { account, dataSource } = scopeOf(request);
      const countQuery = { ...filterOf(query), dataSource };
      const total = await this.service.count(account, countQuery, disconnected.signal);
      if (raw.headersSent) return;
      setExportHeaders(response, head);
      response.header('X-Total-Count', String(total ?? 'unknown'));
    } catch (error) {
      if (disconnected.signal.aborted || raw.headersSent) return;
      throw toHttpError(error, response);
    } finally {
      removeListener();
    }
    await this.host.httpAdapter.reply(response, undefined);
  }

  /** Responds with the file. */
  @Get()
  async export(
    @Query(ExportCallsQueryPipe) query: ExportCallsQueryDto,
    @Req() request: AuditedRequest,
    @Res() response: HttpResponse,
  ): Promise<void> {
    const { options, service } = this;
    refusePartialDownload(nodeResponseOf(response).req, response, options.acceptHttp10);
    const { account, view, dataSource } = scopeOf(request);
    const head = await this.headOf(query, request);
    const { format } = head;
    const audited = {
      ...auditedRequest(request, options.hostParameters),
      account,
      format,
      view,
    };
    const audit = new ExportAudit(audited, options.onExportEnd);
    const transfer = new ExportTransfer(response, options, audit, (file) => {
      // Not returned from the handler, because an interceptor of the host app could replace the file.
      void this.host.httpAdapter.reply(response, file);
    });
    await transfer.send((signal) => {
      const timeZone = query.timezone?.name;
      const exportQuery = { format, view, timeZone, dataSource, ...filterOf(query), signal };
      return service.export(account, exportQuery, audit);
    }, head);
  }

  private async headOf(query: ExportCallsQueryDto, request: AuditedRequest): Promise<FileHead> {
    return {
      format: query.format ?? DEFAULT_FORMAT,
      name: await fileNameFor(this.options.fileName, request),
      acceptEncoding: request.headers['accept-encoding'],
    };
  }
}

function filterOf(query: ExportCallsQueryDto): CallsFilter {
  const { status, assistant_id, date_from, date_to, after } = query;
  return {
    status,
    assistantId: assistant_id,
    startedFrom: date_from?.start,
    startedBefore: date_to?.end,
    after,
  };
}
