import type { EncodedCalls, FileEncoder } from '../formats/file-format';

/**
 * Makes pages a file: packs them as the format does or, by default, puts its frame around them and the first row's beginning in its
 * place. No piece comes before the first page, and none is empty.
 *
 * @returns the file's pieces in their order, each with the number of calls in it.
 */
export function exportFile(
  encoder: FileEncoder,
  pages: AsyncGenerator<EncodedCalls, void>,
): AsyncGenerator<EncodedCalls, void> {
  return encoder.pack?.(pages) ?? framed(encoder, pages);
}

async function* framed(
  { head, beforeFirst, separator, afterLast, tail }: FileEncoder,
  pages: AsyncGenerator<EncodedCalls, void>,
): AsyncGenerator<EncodedCalls, void> {
  // Leaves with the first page, though that may hold no call that matches.
  let pending = head;
  let isEmpty = true;
  for await (const { bytes, count } of pages) {
    if (count > 0 && isEmpty) pending += beforeFirst;
    yield* piece(pending);
    pending = '';
    if (count === 0) continue;
    yield { bytes: isEmpty ? bytes.subarray(Buffer.byteLength(separator)) : bytes, count };
    isEmpty = false;
  }
  yield* piece(pending + (isEmpty ? '' : afterLast) + tail);
}

function* piece(text: string): Generator<EncodedCalls, void> {
  if (text) yield { bytes: Buffer.from(text), count: 0 };
}
