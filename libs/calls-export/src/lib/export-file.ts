import type { CallKey, CallRange } from './calls-query';
import { type CallsReader, type EncodedCalls, PageTooLargeError } from './calls-reader';
import type { ResolvedOptions } from './calls-export-options';
import type { ExportFormat } from './export-format';
import { BYTE_ORDER_MARK, FRAMES } from './file-frames';
import { RetryingReader } from './retrying-reader';

/** The first page is small, so that the first byte leaves soon. */
const FIRST_PAGE_CALLS = 500;
const GROWTH = 4;

/**
 * An export's file in pieces, page after page. None comes before the database has answered.
 *
 * @param signal ends the waiting before a page is tried again.
 */
export async function* exportFile(
  format: ExportFormat,
  reader: CallsReader,
  { retryTimeout, pageSize, byteOrderMark }: ResolvedOptions,
  signal: AbortSignal,
): AsyncGenerator<EncodedCalls, void> {
  // A database that fails at the first page is the client's to wait for; once it has a part of the file, it is ours.
  const patient = new RetryingReader(reader, retryTimeout, signal);
  const { head, beforeFirst, separator, afterLast, tail } = FRAMES[format];
  let pending = (byteOrderMark && format === 'csv' ? BYTE_ORDER_MARK : '') + head;
  let isEmpty = true;
  for await (const calls of readPages(reader, patient, pageSize)) {
    if (calls.count > 0) {
      pending += isEmpty ? beforeFirst : separator;
      isEmpty = false;
    }
    // The head leaves with the first answer, though that may hold no call that matches.
    if (pending) yield { text: pending, count: 0 };
    pending = '';
    if (calls.count > 0) yield calls;
  }
  pending += (isEmpty ? '' : afterLast) + tail;
  if (pending) yield { text: pending, count: 0 };
}

/** A range that is being read. */
interface Page {
  readonly range: CallRange;
  readonly calls: Promise<EncodedCalls>;
}

/**
 * Reads page after page, and the next one while this one is read and sent; one ahead and no more.
 *
 * A page is all calls between two keys, so its reading need not wait for the page before. It holds a connection only
 * while the database answers, never while the caller works.
 *
 * @param first reads the first page, `later` the others.
 */
async function* readPages(
  first: CallsReader,
  later: CallsReader,
  pageSize: number,
): AsyncGenerator<EncodedCalls, void> {
  let count = Math.min(FIRST_PAGE_CALLS, pageSize);
  let page = await startPage(first, undefined, count);
  let next: Promise<Page | undefined> | undefined;
  try {
    while (page) {
      count = Math.min(count * GROWTH, pageSize);
      next = startPage(later, page.range.to, count);
      ignoreUntilAwaited(next);
      yield* callsOf(page, later);
      page = await next;
    }
  } finally {
    // Whoever waits for the end, after a failure or on leaving early, finds nothing under way.
    await Promise.allSettled([page?.calls, next?.then((ahead) => ahead?.calls)]);
  }
}

async function startPage(
  reader: CallsReader,
  after: CallKey | undefined,
  count: number,
  end?: CallKey,
): Promise<Page | undefined> {
  const to = await reader.lastKey(after, count, end);
  if (!to) return undefined;
  const range = { after, to };
  const calls = reader.read(range);
  ignoreUntilAwaited(calls);
  return { range, calls };
}

/** The calls of a page, at once or, where it is too large to be held, in pages of fewer calls. */
async function* callsOf(
  { range, calls }: Page,
  reader: CallsReader,
): AsyncGenerator<EncodedCalls, void> {
  try {
    yield await calls;
    return;
  } catch (error) {
    if (!(error instanceof PageTooLargeError)) throw error;
    let part = await startPage(reader, range.after, error.calls, range.to);
    while (part) {
      yield* callsOf(part, reader);
      part = await startPage(reader, part.range.to, error.calls, range.to);
    }
  }
}

/** A failure is thrown where the promise is awaited; if that comes late or never, it must not count as unhandled. */
function ignoreUntilAwaited(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
