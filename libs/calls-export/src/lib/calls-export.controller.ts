import type { ServerResponse } from 'node:http';
import {
  Controller,
  Get,
  Header,
  Headers,
  Logger,
  Query,
  Res,
  StreamableFile,
  UseGuards,
} from '@nestjs/common';
import { AccountId } from './account-id.decorator';
import { CallsExportGuard } from './calls-export.guard';
import { ApiExportCalls } from './calls-export.openapi';
import { CallsExportService } from './calls-export.service';
import { ExportCallsQueryDto } from './export-calls-query.dto';
import { ExportCallsQueryPipe } from './export-calls-query.pipe';
import { acceptsGzip, gzip } from './gzip';

const CONTENT_TYPES = { csv: 'text/csv; charset=utf-8', json: 'application/json; charset=utf-8' };

/** What the responses of Express and of Fastify have in common, as far as it is used here. */
interface HeaderResponse {
  getHeader(name: string): unknown;
  header(name: string, value: string): unknown;
}

@Controller('calls')
export class CallsExportController {
  private readonly logger = new Logger(CallsExportController.name);

  constructor(private readonly service: CallsExportService) {}

  @Get('export')
  @UseGuards(CallsExportGuard)
  @Header('Cache-Control', 'no-store')
  @ApiExportCalls()
  async export(
    @AccountId() accountId: number,
    @Query(ExportCallsQueryPipe) query: ExportCallsQueryDto,
    @Headers('accept-encoding') acceptEncoding: string | undefined,
    @Res({ passthrough: true }) response: HeaderResponse,
  ): Promise<StreamableFile> {
    const format = query.format ?? 'csv';
    const text = await this.service.export(accountId, format, {
      status: query.status,
      assistantId: query.assistant_id,
      startedFrom: query.date_from?.start,
      startedBefore: query.date_to?.end,
    });
    const isCompressed = acceptsGzip(acceptEncoding);
    const others = response.getHeader('Vary');
    response.header('Vary', others ? `${others}, Accept-Encoding` : 'Accept-Encoding');
    if (isCompressed) response.header('Content-Encoding', 'gzip');
    const file = new StreamableFile(isCompressed ? gzip(text) : text, {
      type: CONTENT_TYPES[format],
      disposition: `attachment; filename="calls_export.${format}"`,
    });
    // Some versions of Nest end the response cleanly, and half a file would look like a whole one.
    file.setErrorHandler((error, response) => {
      this.logger.error(
        `The export of account ${accountId} broke off: ${error.message}`,
        error.stack,
      );
      (response as unknown as ServerResponse).destroy();
    });
    return file;
  }
}
