import type { CallKey, CallRange } from '../model/call-key';
import { type CallsReader, type EncodedCalls, PageTooLargeError } from '../reading/calls-reader';
import { ignoreUntilAwaited, Started } from './started';

/** The first page is small, so that the first byte leaves soon. */
const FIRST_PAGE_CALLS = 500;
const GROWTH = 4;

/**
 * Reads page after page, and the next one while this one is read and taken; one ahead and no more. A page holds a connection
 * only while the database answers, never while the caller works. When this has ended or been left, nothing is under way.
 *
 * @param first reads the first page, `later` the others.
 * @param pageSize how many calls a page has at most, matching or not.
 */
export async function* readPages(
  first: CallsReader,
  later: CallsReader,
  pageSize: number,
): AsyncGenerator<EncodedCalls, void> {
  const ranges = rangesOf(first, later, pageSize);
  const start = async (reader: CallsReader) => {
    const { value: range } = await ranges.next();
    return range && new Started(callsOf(range, reader));
  };
  let next = start(first);
  try {
    for (let page = await next; page; page = await next) {
      next = start(later);
      ignoreUntilAwaited(next);
      yield* page;
    }
  } finally {
    await next.then(
      (page) => page?.return(),
      () => {},
    );
  }
}

/** The ranges of the pages. The last one has no end: fewer calls than a page has were left when it was looked for. */
async function* rangesOf(
  first: CallsReader,
  later: CallsReader,
  pageSize: number,
): AsyncGenerator<CallRange, void> {
  let reader = first;
  let count = Math.min(FIRST_PAGE_CALLS, pageSize);
  let after: CallKey | undefined;
  for (;;) {
    const to = await reader.keyAfter(after, count);
    yield { after, to };
    if (!to) return;
    after = to;
    count = Math.min(count * GROWTH, pageSize);
    reader = later;
  }
}

/** The calls of a range, at once or, if they are too large to be held, in ranges of fewer calls. */
async function* callsOf(range: CallRange, reader: CallsReader): AsyncGenerator<EncodedCalls, void> {
  let fits: number;
  try {
    yield await reader.read(range);
    return;
  } catch (error) {
    if (!(error instanceof PageTooLargeError)) throw error;
    fits = error.calls;
  }
  let { after } = range;
  for (;;) {
    const to = await reader.keyAfter(after, fits, range.to);
    yield* callsOf({ after, to: to ?? range.to }, reader);
    if (!to) return;
    after = to;
  }
}
