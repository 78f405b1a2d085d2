import type { CallKey, CallRange } from '../model/call-key';
import type { EncodedCalls } from '../formats/file-format';
import { type PageReader, PageTooLargeError } from '../reading/page-reader';
import { type PageLimits, PageSize } from './page-size';
import { ignoreUntilAwaited, Started } from './started';

/**
 * Reads page after page, and the next one while this one is read and taken; one ahead and no more, and only if a connection is
 * free for it. A page holds a connection only while the database answers, never while the caller works. When this has ended or
 * been left, nothing is under way.
 *
 * @param first reads the first page, `later` the others.
 * @param onFailure is called when a page fails, so that the one ahead of it is not tried again.
 */
export async function* readPages(
  first: PageReader,
  later: PageReader,
  limits: PageLimits,
  onFailure?: () => void,
): AsyncGenerator<EncodedCalls, void> {
  const size = new PageSize(limits);
  const ranges = rangesOf(first, later, size);
  const start = async (reader: PageReader) => {
    const { value: range } = await ranges.next();
    return range && new Started(callsOf(range, reader, size));
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

/** The ranges of the pages. The last one has no end: fewer calls than a page has were left when it was looked for. */
async function* rangesOf(
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

/** A range, and how many calls are in it; undefined for the rest of a larger range, which has any number of them. */
interface SizedRange extends CallRange {
  readonly calls: number | undefined;
}

/** The calls of a range, at once or, if they are too large to be held, in ranges of fewer calls. */
async function* callsOf(
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
    yield* callsOf({ after, to: to ?? range.to, calls: to && fits }, reader, size);
    if (!to) return;
    after = to;
  }
}
