import type { CallKey, CallRange } from '../model/call-key';
import type { EncodedCalls } from '../formats/file-format';
import { type PageReader, PageTooLargeError } from '../reading/page-reader';
import { EagerGenerator, ignoreUntilAwaited } from './eager-generator';
import { type PageLimits, PageSize } from './page-size';

/**
 * Reads the pages of an export. Reads one page ahead, and only if a connection is free for it. A page
 * holds a connection only while it is read, never while the caller processes it. When the generator
 * ends or is closed, no query is running.
 *
 * @param first reads the first page. `later` reads the others.
 * @param onFailure is called when a page fails, so that the page ahead is not retried.
 */
export async function* readPages(
  first: PageReader,
  later: PageReader,
  limits: PageLimits,
  onFailure?: () => void,
): AsyncGenerator<EncodedCalls, void> {
  const size = new PageSize(limits);
  const ranges = pageRanges(first, later, size);
  const start = async (reader: PageReader) => {
    const { value: range } = await ranges.next();
    return range && new EagerGenerator(readRange(range, reader, size));
  };
  let next: ReturnType<typeof start> | undefined = start(first);
  try {
    for (let page = await next; page; page = await next) {
      next = undefined;
      if (later.mayReadAhead) {
        next = start(later);
        ignoreUntilAwaited(next);
      }
      yield* page;
      next ??= start(later);
    }
  } catch (error) {
    onFailure?.();
    throw error;
  } finally {
    await next?.then(
      (page) => page?.return(),
      () => {},
    );
  }
}

/**
 * Yields the range of each page. The last range has no end, because less than a full page of calls is
 * left.
 */
async function* pageRanges(
  first: PageReader,
  later: PageReader,
  size: PageSize,
): AsyncGenerator<SizedRange, void> {
  let reader = first;
  let after: CallKey | undefined;
  for (;;) {
    const { calls } = size;
    const to = await reader.keyAfter(after, calls);
    yield { after, to, calls };
    if (!to) return;
    after = to;
    reader = later;
  }
}

interface SizedRange extends CallRange {
  /** The number of calls in the range. Undefined for the remainder of a larger range. */
  readonly calls: number | undefined;
}

/** Reads a range as one page or, if that would be too large, as several smaller ones. */
async function* readRange(
  { calls, ...range }: SizedRange,
  reader: PageReader,
  size: PageSize,
): AsyncGenerator<EncodedCalls, void> {
  let fits: number;
  try {
    const page = await reader.read(range);
    if (calls !== undefined) size.learn(calls, page.bytes.length);
    yield page;
    return;
  } catch (error) {
    if (!(error instanceof PageTooLargeError)) throw error;
    fits = error.calls;
    size.shrink(fits);
  }
  let { after } = range;
  for (;;) {
    const to = await reader.keyAfter(after, fits, range.to);
    yield* readRange({ after, to: to ?? range.to, calls: to && fits }, reader, size);
    if (!to) return;
    after = to;
  }
}
