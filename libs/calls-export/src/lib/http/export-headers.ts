import { type ExportFormat, FORMATS } from '../formats/export-formats';
import { chooseEncoding } from './compression';
import type { HeaderResponse } from './http-errors';

const FILE_NAME = 'calls_export';

/** Sets the headers of an export; whether it is compressed is for the client to say. */
export function setExportHeaders(
  response: HeaderResponse,
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
