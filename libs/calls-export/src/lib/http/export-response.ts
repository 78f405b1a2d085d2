import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { ExportStream } from '../export/export-stream';
import { type ExportFormat, FORMATS } from '../formats/export-formats';
import { reasonOf } from '../model/export-errors';
import { watchClient } from './client-watch';
import { chooseEncoding, compress } from './compression';
import type { ExportAudit } from './export-audit';
import type { HeaderResponse } from './http-errors';
import { resetConnection } from './reset-connection';

const FILE_NAME = 'calls_export';

/** Express's response is Node's; Fastify's has it. */
export type HttpResponse = HeaderResponse & (ServerResponse | { readonly raw: ServerResponse });

/** Sets the headers of an export; whether it is compressed is for the client to say. */
export function setExportHeaders(
  response: HttpResponse,
  format: ExportFormat,
  acceptEncoding: string | undefined,
): void {
  const others = response.getHeader('Vary');
  response.header('Vary', others ? `${others}, Accept-Encoding` : 'Accept-Encoding');
  response.header('Cache-Control', 'no-store');
  const { mediaType, extension } = FORMATS[format];
  response.header('Content-Type', mediaType);
  response.header('Content-Disposition', `attachment; filename="${FILE_NAME}.${extension}"`);
  const encoding = chooseEncoding(acceptEncoding);
  if (encoding) response.header('Content-Encoding', encoding);
}

/** An export as what a response sends, compressed if its headers say so. */
export function exportFileOf(
  text: ExportStream,
  response: HttpResponse,
  idleTimeout: number,
  audit: ExportAudit,
): StreamableFile {
  const file = compress(text, response.getHeader('Content-Encoding'));
  watch(file, text, 'raw' in response ? response.raw : response, idleTimeout, audit);
  return (
    new StreamableFile(file)
      // The connection has been reset by then. Some versions of Nest would end the response, as if the file were whole.
      .setErrorHandler(() => {})
      .setErrorLogger(() => {})
  );
}

/** Sees to it that a file which breaks off looks so to the client, and that one which nobody takes breaks off. */
function watch(
  file: Readable,
  text: ExportStream,
  response: ServerResponse,
  idleTimeout: number,
  audit: ExportAudit,
): void {
  const breakOff = (error: Error) => {
    audit.end('failed', text.progress, reasonOf(error));
    resetConnection(response);
  };
  file.once('error', breakOff);
  watchClient(response, idleTimeout, () =>
    breakOff(new Error(`the client has taken nothing for ${idleTimeout} seconds`)),
  );
  response.once('close', () =>
    audit.end(response.writableFinished ? 'completed' : 'aborted', text.progress),
  );
  // A response that waits behind another one on its connection may never close.
  file.once('close', () => {
    if (!file.readableEnded) audit.end('aborted', text.progress);
  });
}
