import type { ExportRequest } from '../model/export-request';

/**
 * The name of the file without its extension, or a function that returns it for a request.
 *
 * @publicApi
 */
// A method's type, because method parameters are bivariant: a host app may declare a narrower request.
export type FileName =
  | string
  | {
      nameFor(request: ExportRequest): string | undefined | Promise<string | undefined>;
    }['nameFor'];

export const DEFAULT_FILE_NAME = 'calls_export';

/** In UTF-8. File systems allow 255; the rest is for the extension and for what browsers append. */
export const FILE_NAME_MAX_BYTES = 200;

/**
 * Characters that file systems reject, that headers can't carry, or that mislead a reader: control and
 * bidirectional characters, lone surrogates.
 */
const UNSAFE = /[\p{Cc}\p{Surrogate}\u2028-\u202e\u2066-\u2069"*/:<>?\\|]/gu;
/** Hidden files on Unix, device names on Windows. */
const UNSAFE_START = /^\.|^(?=(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))/i;

/** Splits text into user-perceived characters (grapheme clusters). */
const graphemes = new Intl.Segmenter('en');

/**
 * Returns a file name that is valid on every file system: unsafe characters become `_`, and a name over 200
 * bytes is cut after a complete character. If nothing remains, returns `calls_export`.
 *
 * @example
 * safeFileName('May/June') // 'May_June'
 * @publicApi
 */
export function safeFileName(name: string): string {
  let safe = '';
  let bytes = 0;
  for (const { segment } of graphemes.segment(name.trim().replace(UNSAFE, '_'))) {
    bytes += Buffer.byteLength(segment);
    if (bytes > FILE_NAME_MAX_BYTES) break;
    safe += segment;
  }
  return safe.trimEnd().replace(UNSAFE_START, '_') || DEFAULT_FILE_NAME;
}

/**
 * Returns the file name for a request.
 *
 * @throws TypeError if the host app's function returns anything except a string or undefined.
 */
export async function fileNameFor(fileName: FileName, request: ExportRequest): Promise<string> {
  if (typeof fileName === 'string') return fileName;
  const name: unknown = await fileName(request);
  if (name === undefined) return DEFAULT_FILE_NAME;
  if (typeof name === 'string') return safeFileName(name);
  throw new TypeError(
    `CallsExportModule option fileName must return a string or undefined, got ${name === null ? 'null' : typeof name}`,
  );
}
