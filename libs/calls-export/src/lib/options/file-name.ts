import type { ExportRequest } from '../model/export-request';

/** The name of a file, without the ending of its format; or how it follows from the request. */
export type FileName = string | FileNaming['nameFor'];

/** Declared as a method, so that a host may say more of its request than is known here. */
interface FileNaming {
  nameFor(request: ExportRequest): string | undefined | Promise<string | undefined>;
}

/** The name of a file for which there is no other. */
export const DEFAULT_FILE_NAME = 'calls_export';

/** In UTF-8. File systems take 255, which leaves room for the ending and what browsers add to it. */
export const FILE_NAME_MAX_BYTES = 200;

/** What file systems refuse, headers can't hold, or a reader is misled by: control and bidirectional characters, lone surrogates. */
const REFUSED = /[\p{Cc}\p{Surrogate}\u2028-\u202e\u2066-\u2069"*/:<>?\\|]/gu;
/** Hidden files of Unix, devices of Windows. */
const REFUSED_START = /^\.|^(?=(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))/i;

/** Into what a reader takes for one character. */
const characters = new Intl.Segmenter('en');

/**
 * A name that every system can save a file by: `_` stands for what it may not have, and a long one is cut behind a whole
 * character. Nothing that is left gives the default.
 */
export function safeFileName(name: string): string {
  let safe = '';
  let bytes = 0;
  for (const { segment } of characters.segment(name.trim().replace(REFUSED, '_'))) {
    bytes += Buffer.byteLength(segment);
    if (bytes > FILE_NAME_MAX_BYTES) break;
    safe += segment;
  }
  return safe.trimEnd().replace(REFUSED_START, '_') || DEFAULT_FILE_NAME;
}

/**
 * The name of the file that a request gets.
 *
 * @throws TypeError if the host's function gives anything but text or undefined.
 */
export async function fileNameFor(fileName: FileName, request: ExportRequest): Promise<string> {
  if (typeof fileName === 'string') return fileName;
  const name: unknown = await fileName(request);
  if (name === undefined) return DEFAULT_FILE_NAME;
  if (typeof name === 'string') return safeFileName(name);
  throw new TypeError(
    `CallsExportModule's option fileName must return text or undefined, not ${name === null ? 'null' : typeof name}`,
  );
}
