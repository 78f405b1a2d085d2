import type { Cell, EncodedCalls, FileEncoder } from '../formats/file-format';
import { PageTooLargeError } from './page-reader';

/** How many characters of rows are encoded at a time. */
const PIECE_CHARACTERS = 64 * 1024;
/** What a row has beside its texts, roughly. */
const FRAME_CHARACTERS = 64;

/**
 * Encodes the rows of a page piece by piece, and stops as soon as they are too large. Rows of one assistant share the string of
 * its name, so their file may be many times as large as they are.
 *
 * @param maxBytes of the page, unless it is one row.
 * @throws PageTooLargeError if the rows have more bytes.
 */
export function encodeRows(
  rows: readonly Cell[][],
  encoder: Pick<FileEncoder, 'encodeRows'>,
  maxBytes: number,
): EncodedCalls {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (let begin = 0; begin < rows.length;) {
    const end = pieceEnd(rows, begin);
    const piece = Buffer.from(encoder.encodeRows(rows.slice(begin, end)));
    bytes += piece.length;
    if (bytes > maxBytes && end > 1) throw new PageTooLargeError(begin || Math.ceil(end / 2));
    pieces.push(piece);
    begin = end;
  }
  return { bytes: Buffer.concat(pieces), count: rows.length };
}

/** Where a piece ends: it has one row at least. */
function pieceEnd(rows: readonly Cell[][], begin: number): number {
  let characters = 0;
  for (let end = begin; end < rows.length; end++) {
    characters += charactersOf(rows[end] as Cell[]);
    if (characters > PIECE_CHARACTERS) return Math.max(end, begin + 1);
  }
  return rows.length;
}

function charactersOf(row: readonly Cell[]): number {
  let characters = FRAME_CHARACTERS;
  for (const cell of row) if (typeof cell === 'string') characters += cell.length;
  return characters;
}
