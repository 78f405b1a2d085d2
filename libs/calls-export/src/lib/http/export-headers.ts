import { encodeExtended } from 'content-disposition';
import { type ExportFormat, FORMATS } from '../formats/export-formats';
import type { FileFormat } from '../formats/file-format';
import { chooseEncoding } from './compression';
import type { HeaderResponse } from './http-errors';

/** What a response says of its file. */
export interface FileHead {
  readonly format: ExportFormat;
  /** The name of the file, which is safe, without its ending. */
  readonly name: string;
  /** The client's header: whether the file is compressed is for the client to say. */
  readonly acceptEncoding: string | undefined;
}

/** Sets the headers of an export. */
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

/** An escape in a quoted name is decoded by some browsers, so that it stands in the extended one only. */
const NOT_FOR_ALL = /[^\x20-\x7e]|%(?=[\da-f]{2})/giu;

/** The header of a file with a safe name (RFC 6266), which for clients that can't read all of it has `_` in places. */
export function attachment(fileName: string): string {
  const plain = fileName.replace(NOT_FOR_ALL, '_');
  const header = `attachment; filename="${plain}"`;
  return plain === fileName ? header : `${header}; filename*=${encodeExtended(fileName)}`;
}
