import type { EncodedCalls, FileEncoder } from '../formats/file-format';

/**
 * Turns pages of rows into a file. Uses the encoder's `pack` if it has one. Otherwise it adds the head,
 * the tail and the correct start of the first row.
 *
 * @returns the chunks of the file in order, each with the number of calls in it. The first one follows
 *   the first page. No chunk is empty.
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
  // The head is sent with the first page, even if that page has no matching calls.
  let pending = head;
  let isEmpty = true;
  for await (const { bytes, count } of pages) {
    if (count > 0 && isEmpty) pending += beforeFirst;
    yield* chunk(pending);
    pending = '';
    if (count === 0) continue;
    yield { bytes: isEmpty ? bytes.subarray(Buffer.byteLength(separator)) : bytes, count };
    isEmpty = false;
  }
  yield* chunk(pending + (isEmpty ? '' : afterLast) + tail);
}

function* chunk(text: string): Generator<EncodedCalls, void> {
  if (text) yield { bytes: Buffer.from(text), count: 0 };
}
