import type { Cell, EncodedCalls, FileEncoder } from '../formats/file-format';
import { PageTooLargeError } from './page-reader';

/** How many characters of rows are encoded at a time. */
const CHUNK_CHARACTERS = 64 * 1024;
/** A rough estimate of a row's size without its texts. */
const ROW_OVERHEAD_CHARACTERS = 64;

/**
 * Encodes the rows of a page in chunks, and stops once they exceed the limit. Encoding the page at once could
 * take far more memory than the rows: all rows of an assistant share one string for its name, but each is
 * written out.
 *
 * @param maxBytes maximum size of the page. A single row may exceed it.
 * @throws PageTooLargeError if the rows exceed `maxBytes`.
 */
export function encodeRows(
  rows: readonly Cell[][],
  encoder: Pick<FileEncoder, 'encodeRows'>,
  maxBytes: number,
): EncodedCalls {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (let begin = 0; begin < rows.length;) {
    const end = chunkEnd(rows, begin);
    const chunk = Buffer.from(encoder.encodeRows(rows.slice(begin, end)));
    bytes += chunk.length;
    if (bytes > maxBytes && end > 1) throw new PageTooLargeError(begin || Math.ceil(end / 2));
    chunks.push(chunk);
    begin = end;
  }
  return { bytes: Buffer.concat(chunks), count: rows.length };
}

/** Returns the end of the chunk that starts at `begin`. A chunk has at least one row. */
function chunkEnd(rows: readonly Cell[][], begin: number): number {
  let characters = 0;
  for (let end = begin; end < rows.length; end++) {
    characters += charactersOf(rows[end] as Cell[]);
    if (characters > CHUNK_CHARACTERS) return Math.max(end, begin + 1);
  }
  return rows.length;
}

function charactersOf(row: readonly Cell[]): number {
  let characters = ROW_OVERHEAD_CHARACTERS;
  for (const cell of row) if (typeof cell === 'string') characters += cell.length;
  return characters;
}
