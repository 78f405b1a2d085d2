import { encodeExtended } from 'content-disposition';
import { type ExportFormat, FORMATS } from '../formats/export-formats';
import type { FileFormat } from '../formats/file-format';
import { chooseEncoding } from './compression';
import type { HeaderResponse } from './http-errors';

/** What the headers of a response depend on. */
export interface FileHead {
  readonly format: ExportFormat;
  /** A safe file name without the extension. */
  readonly name: string;
  /** The client's `Accept-Encoding` header, which decides on compression. */
  readonly acceptEncoding: string | undefined;
}

/** Sets the response headers of an export. */
export function setExportHeaders(
  response: HeaderResponse,
  { format, name, acceptEncoding }: FileHead,
): void {
  const others = response.getHeader('Vary');
  response.header('Vary', others ? `${others}, Accept-Encoding` : 'Accept-Encoding');
  response.header('Cache-Control', 'no-store');
  const { mediaType, extension, isBinary }: FileFormat = FORMATS[format];
  response.header('Content-Type', mediaType);
  response.header('Content-Disposition', attachment(`${name}.${extension}`));
  const encoding = isBinary ? undefined : chooseEncoding(acceptEncoding);
  if (encoding) response.header('Content-Encoding', encoding);
}

/** Characters that not all clients understand in `filename`. Some browsers decode `%41` there. */
const NOT_PORTABLE = /[^\x20-\x7e]|%(?=[\da-f]{2})/giu;

/**
 * Returns the `Content-Disposition` header for a safe file name (RFC 6266). Clients that do not support
 * `filename*` see `_` for characters outside ASCII.
 */
export function attachment(fileName: string): string {
  const plain = fileName.replace(NOT_PORTABLE, '_');
  const header = `attachment; filename="${plain}"`;
  return plain === fileName ? header : `${header}; filename*=${encodeExtended(fileName)}`;
}
