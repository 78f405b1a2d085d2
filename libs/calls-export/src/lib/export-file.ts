import type { CallKey } from './calls-query';
import type { CallsReader, Text } from './calls-reader';
import type { ExportFormat } from './export-format';
import { FRAMES } from './file-frames';

/** The first page is small, so that the first byte leaves soon. */
const FIRST_PAGE_CALLS = 500;
/** Large enough that the round trips hardly count, small enough for a client that is slow to take it. */
const PAGE_CALLS = 5_000;
const GROWTH = 4;

/** An export's file in pieces, page after page. None comes before the database has answered. */
export async function* exportFile(
  format: ExportFormat,
  reader: CallsReader,
): AsyncGenerator<Text, void> {
  const { head, beforeFirst, separator, afterLast, tail } = FRAMES[format];
  let pending = head;
  let isEmpty = true;
  for await (const calls of readPages(reader)) {
    if (calls.length > 0) {
      pending += isEmpty ? beforeFirst : separator;
      isEmpty = false;
    }
    // The head leaves with the first answer, though that may hold no call that matches.
    if (pending) yield pending;
    pending = '';
    if (calls.length > 0) yield calls;
  }
  pending += (isEmpty ? '' : afterLast) + tail;
  if (pending) yield pending;
}

/**
 * Reads page after page, and the next one while this one is read and sent; one ahead and no more.
 *
 * A page is all calls between two keys, so its reading need not wait for the page before. It holds a connection only
 * while the database answers, never while the caller works.
 */
async function* readPages(reader: CallsReader): AsyncGenerator<Text, void> {
  const startPage = async (after: CallKey | undefined, count: number) => {
    const to = await reader.lastKey(after, count);
    if (!to) return undefined;
    const text = reader.read({ after, to });
    ignoreUntilAwaited(text);
    return { to, text };
  };

  let count = FIRST_PAGE_CALLS;
  let page = await startPage(undefined, count);
  while (page) {
    count = Math.min(count * GROWTH, PAGE_CALLS);
    const next = startPage(page.to, count);
    ignoreUntilAwaited(next);
    yield await page.text;
    page = await next;
  }
}

/** A failure is thrown where the promise is awaited; if that comes late or never, it must not count as unhandled. */
function ignoreUntilAwaited(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
