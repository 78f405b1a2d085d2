import * as fc from 'fast-check';
import type { CallKey, CallRange } from '../model/call-key';
import type { EncodedCalls } from '../formats/file-format';
import { type PageReader, PageTooLargeError } from '../reading/page-reader';
import { readPages } from './read-pages';

interface FakeCall {
  /** The minimum size of the call. */
  readonly bytes: number;
  readonly matches: boolean;
}

/**
 * Calls with the ids 1, 2, 3 and so on. A page with more than `maxBytes` is too large, unless it has
 * one call only.
 */
class FakeReader implements PageReader {
  readonly log: string[] = [];
  mayReadAhead = true;
  tooLargePages = 0;
  maxRunning = 0;
  running = 0;
  /** Is awaited before each response. If it rejects, the query fails. */
  beforeResponse: (query: string) => Promise<void> = async () => {};

  constructor(
    private readonly calls: readonly FakeCall[],
    private readonly maxBytes = Infinity,
  ) {}

  keyAfter(after: CallKey | undefined, count: number, end?: CallKey): Promise<CallKey | undefined> {
    return this.respond(`seek ${after ?? 0} +${count}`, () => {
      const id = Number(after ?? 0) + count;
      return id <= Number(end ?? this.calls.length) ? [String(id)] : undefined;
    });
  }

  read({ after, to }: CallRange): Promise<EncodedCalls> {
    return this.respond(`read ${after ?? 0}-${to ?? 'end'}`, () => {
      const [first, last] = [Number(after ?? 0), Number(to ?? this.calls.length)];
      let [text, count] = ['', 0];
      for (let id = first + 1; id <= last; id++) {
        const call = this.calls[id - 1] as FakeCall;
        if (!call.matches) continue;
        text += `${id} `.padStart(call.bytes, '0');
        if (count > 0 && text.length > this.maxBytes) {
          this.tooLargePages++;
          throw new PageTooLargeError(count);
        }
        count++;
      }
      return { bytes: Buffer.from(text), count };
    });
  }

  private async respond<T>(query: string, work: () => T): Promise<T> {
    this.log.push(query);
    this.maxRunning = Math.max(this.maxRunning, ++this.running);
    try {
      await this.beforeResponse(query);
      return work();
    } finally {
      this.running--;
    }
  }
}

const call = { bytes: 1, matches: true };
const limitsOf = (calls: number) => ({ calls, bytes: Infinity });
const callsOf = (count: number): FakeCall[] => Array.from({ length: count }, () => call);

async function idsOf(pages: AsyncIterable<EncodedCalls>): Promise<number[]> {
  const ids: number[] = [];
  for await (const { bytes, count } of pages) {
    const page = Buffer.from(bytes).toString().split(' ').slice(0, -1).map(Number);
    expect(page).toHaveLength(count);
    ids.push(...page);
  }
  return ids;
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('readPages', () => {
  it('returns each matching call once and in order, whatever the page limits', async () => {
    const anyCall = fc.record({ bytes: fc.integer({ min: 0, max: 30 }), matches: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCall, { maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 100 }),
        async (some, pageSize, maxBytes) => {
          const reader = new FakeReader(some, maxBytes);
          const matching = some.flatMap(({ matches }, index) => (matches ? [index + 1] : []));
          expect(
            await idsOf(readPages(reader, reader, { calls: pageSize, bytes: maxBytes })),
          ).toEqual(matching);
          expect(reader.running).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('starts with a small page and grows to the limit', async () => {
    const reader = new FakeReader(callsOf(14_000));
    await idsOf(readPages(reader, reader, limitsOf(5_000)));
    expect(reader.log.filter((query) => query.startsWith('read'))).toEqual([
      'read 0-500',
      // Started before the size of the first page is known.
      'read 500-1000',
      'read 1000-3000',
      'read 3000-5000',
      'read 5000-10000',
      'read 10000-end',
    ]);
  });

  it.each([
    [100, 50_000],
    [10_000, 2_000],
    [123, 50_000],
  ])(
    'adapts to calls of %i bytes, and rarely reads a page that is too large',
    async (bytes, count) => {
      const limits = { calls: 5_000, bytes: 20_000 };
      const reader = new FakeReader(Array(count).fill({ bytes, matches: true }), limits.bytes);
      let most = 0;
      let read = 0;
      for await (const page of readPages(reader, reader, limits)) {
        most = Math.max(most, page.bytes.length);
        read += page.count;
      }
      expect(read).toBe(count);
      expect(most).toBeLessThanOrEqual(limits.bytes);
      // The first two pages are started before the size of a call is known.
      expect(reader.tooLargePages).toBeLessThanOrEqual(2);
      // Nonetheless, pages are well filled.
      const pages = reader.log.filter((query) => query.startsWith('read')).length;
      expect(pages).toBeLessThan((2 * count * bytes) / limits.bytes + 10);
    },
  );

  it('shrinks the next pages if a reader returns one that is too large', async () => {
    const reader = new FakeReader(Array(10_000).fill({ bytes: 100, matches: true }));
    const limits = { calls: 5_000, bytes: 20_000 };
    const sizes: number[] = [];
    for await (const { count } of readPages(reader, reader, limits)) sizes.push(count);
    expect(sizes.slice(0, 2)).toEqual([500, 500]);
    expect(Math.max(...sizes.slice(2))).toBe(160);
  });

  it('reads a single page if all calls fit into it', async () => {
    for (const count of [0, 1, 499]) {
      const reader = new FakeReader(callsOf(count));
      expect(await idsOf(readPages(reader, reader, limitsOf(5_000)))).toHaveLength(count);
      expect(reader.log).toEqual(['seek 0 +500', 'read 0-end']);
    }
  });

  it('returns a page even if none of its calls match', async () => {
    const reader = new FakeReader([{ bytes: 1, matches: false }]);
    const pages: EncodedCalls[] = [];
    for await (const page of readPages(reader, reader, limitsOf(10))) pages.push(page);
    expect(pages).toEqual([{ bytes: Buffer.alloc(0), count: 0 }]);
  });

  it('reads one page ahead of the consumer, with at most two concurrent queries', async () => {
    const reader = new FakeReader(callsOf(100));
    reader.beforeResponse = turn;
    const pages = readPages(reader, reader, limitsOf(10));
    await pages.next();
    for (let i = 0; i < 20; i++) await turn();
    expect(reader.log.filter((query) => query.startsWith('read'))).toEqual([
      'read 0-10',
      'read 10-20',
    ]);
    await pages.next();
    for (let i = 0; i < 20; i++) await turn();
    expect(reader.log.at(-1)).toBe('read 20-30');
    await idsOf(pages);
    expect(reader.maxRunning).toBe(2);
  });

  it('does not read ahead if no connection is free', async () => {
    const reader = new FakeReader(callsOf(100));
    reader.mayReadAhead = false;
    const pages = readPages(reader, reader, limitsOf(10));
    await pages.next();
    for (let i = 0; i < 20; i++) await turn();
    expect(reader.log).toEqual(['seek 0 +10', 'read 0-10']);
    expect(await idsOf(pages)).toHaveLength(90);
    expect(reader.maxRunning).toBe(1);
  });

  it('can be closed early if nothing is read ahead', async () => {
    const reader = new FakeReader(callsOf(100));
    reader.mayReadAhead = false;
    const pages = readPages(reader, reader, limitsOf(10));
    await pages.next();
    expect(await pages.return()).toEqual({ done: true, value: undefined });
  });

  it('does not delay the first page until the second is read', async () => {
    const reader = new FakeReader(callsOf(100));
    const { opened, open } = gate();
    reader.beforeResponse = (query) => (query === 'seek 10 +10' ? opened : Promise.resolve());
    const pages = readPages(reader, reader, limitsOf(10));
    expect((await pages.next()).value).toMatchObject({ count: 10 });
    open();
    expect(await idsOf(pages)).toHaveLength(90);
  });

  it('uses one reader for the first page and the other for the rest', async () => {
    const [first, later] = [new FakeReader(callsOf(25)), new FakeReader(callsOf(25))];
    await idsOf(readPages(first, later, limitsOf(10)));
    expect(first.log).toEqual(['seek 0 +10', 'read 0-10']);
    expect(later.log).toEqual(['seek 10 +10', 'read 10-20', 'seek 20 +10', 'read 20-end']);
  });

  it.each(['seek 20 +10', 'read 20-30'])(
    'fails if %s fails, but only after the earlier pages are consumed',
    async (failing) => {
      const reader = new FakeReader(callsOf(100));
      reader.beforeResponse = async (query) => {
        if (query === failing) throw new Error('connection lost');
      };
      const counts: number[] = [];
      const consume = async () => {
        for await (const { count } of readPages(reader, reader, limitsOf(10))) {
          counts.push(count);
          await turn();
        }
      };
      await expect(consume()).rejects.toThrow('connection lost');
      expect(counts).toEqual([10, 10]);
      expect(reader.running).toBe(0);
    },
  );

  it('calls onFailure before it waits for the page ahead', async () => {
    const reader = new FakeReader(callsOf(100));
    const { opened, open } = gate();
    reader.beforeResponse = async (query) => {
      if (query === 'read 0-10') throw new Error('connection lost');
      if (query === 'seek 10 +10') await opened;
    };
    const onFailure = jest.fn(open);
    await expect(readPages(reader, reader, limitsOf(10), onFailure).next()).rejects.toThrow(
      'connection lost',
    );
    expect(onFailure).toHaveBeenCalledTimes(1);
    expect(reader.running).toBe(0);
  });

  it('does not call onFailure at the end or when closed early', async () => {
    const onFailure = jest.fn();
    const reader = new FakeReader(callsOf(100));
    await idsOf(readPages(reader, reader, limitsOf(10), onFailure));
    const closed = readPages(reader, reader, limitsOf(10), onFailure);
    await closed.next();
    await closed.return();
    expect(onFailure).not.toHaveBeenCalled();
  });

  it('has no running query once it is closed early', async () => {
    const reader = new FakeReader(callsOf(100));
    const { opened, open } = gate();
    reader.beforeResponse = (query) => (query === 'read 10-20' ? opened : Promise.resolve());
    const pages = readPages(reader, reader, limitsOf(10));
    await pages.next();
    await turn();
    expect(reader.running).toBe(1);
    let isClosed = false;
    const closing = pages.return().then(() => (isClosed = true));
    await turn();
    expect(isClosed).toBe(false);
    open();
    await closing;
    expect(reader.running).toBe(0);
    expect(await pages.next()).toEqual({ done: true, value: undefined });
  });

  it('ignores a failure of the page ahead when closed early', async () => {
    const reader = new FakeReader(callsOf(100));
    const pages = readPages(reader, reader, limitsOf(10));
    reader.beforeResponse = async (query) => {
      if (query === 'read 10-20') throw new Error('connection lost');
    };
    await pages.next();
    await turn();
    await expect(pages.return()).resolves.toEqual({ done: true, value: undefined });
  });
});
