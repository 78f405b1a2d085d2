import * as fc from 'fast-check';
import type { CallKey, CallRange } from '../model/call-key';
import type { EncodedCalls } from '../formats/file-format';
import { type PageReader, PageTooLargeError } from '../reading/page-reader';
import { readPages } from './pages';

/** A call of a fake, and how many bytes it has at least. */
interface FakeCall {
  readonly bytes: number;
  readonly matches: boolean;
}

/** Calls with the ids 1, 2, 3 and so on. A page with more than `maxBytes` is too large, unless it has one call only. */
class FakeReader implements PageReader {
  readonly log: string[] = [];
  mayReadAhead = true;
  /** How many pages were too large. */
  tooLarge = 0;
  mostAtOnce = 0;
  running = 0;
  /** Is awaited before each answer. */
  beforeAnswer: (what: string) => Promise<void> = async () => {};

  constructor(
    private readonly calls: readonly FakeCall[],
    private readonly maxBytes = Infinity,
  ) {}

  keyAfter(after: CallKey | undefined, count: number, end?: CallKey): Promise<CallKey | undefined> {
    return this.answer(`seek ${after ?? 0} +${count}`, () => {
      const id = Number(after ?? 0) + count;
      return id <= Number(end ?? this.calls.length) ? [String(id)] : undefined;
    });
  }

  read({ after, to }: CallRange): Promise<EncodedCalls> {
    return this.answer(`read ${after ?? 0}-${to ?? 'end'}`, () => {
      const [first, last] = [Number(after ?? 0), Number(to ?? this.calls.length)];
      let [text, count] = ['', 0];
      for (let id = first + 1; id <= last; id++) {
        const call = this.calls[id - 1] as FakeCall;
        if (!call.matches) continue;
        text += `${id} `.padStart(call.bytes, '0');
        if (count > 0 && text.length > this.maxBytes) {
          this.tooLarge++;
          throw new PageTooLargeError(count);
        }
        count++;
      }
      return { bytes: Buffer.from(text), count };
    });
  }

  private async answer<T>(what: string, work: () => T): Promise<T> {
    this.log.push(what);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.running);
    try {
      await this.beforeAnswer(what);
      return work();
    } finally {
      this.running--;
    }
  }
}

const call = { bytes: 1, matches: true };
const pagesOf = (most: number) => ({ calls: most, bytes: Infinity });
const calls = (count: number): FakeCall[] => Array.from({ length: count }, () => call);

async function idsOf(pages: AsyncIterable<EncodedCalls>): Promise<number[]> {
  const ids: number[] = [];
  for await (const { bytes, count } of pages) {
    const page = Buffer.from(bytes).toString().split(' ').slice(0, -1).map(Number);
    expect(page).toHaveLength(count);
    ids.push(...page);
  }
  return ids;
}

/** Answers once it is told to. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('readPages', () => {
  it('gives each call that matches once and in order, whatever fits into a page', async () => {
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

  it('begins with a small page, and lets them grow to the size that is asked for', async () => {
    const reader = new FakeReader(calls(14_000));
    await idsOf(readPages(reader, reader, pagesOf(5_000)));
    expect(reader.log.filter((what) => what.startsWith('read'))).toEqual([
      'read 0-500',
      // By then the first page has not come yet.
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
    'learns how large calls of %i bytes are, and reads hardly a page in vain',
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
      // The first two pages are begun before anything is known.
      expect(reader.tooLarge).toBeLessThanOrEqual(2);
      // Pages are well filled all the same.
      const pages = reader.log.filter((what) => what.startsWith('read')).length;
      expect(pages).toBeLessThan((2 * count * bytes) / limits.bytes + 10);
    },
  );

  it('reads smaller pages at once where a reader gives one that is too large', async () => {
    const reader = new FakeReader(Array(10_000).fill({ bytes: 100, matches: true }));
    const limits = { calls: 5_000, bytes: 20_000 };
    const sizes: number[] = [];
    for await (const { count } of readPages(reader, reader, limits)) sizes.push(count);
    expect(sizes.slice(0, 2)).toEqual([500, 500]);
    expect(Math.max(...sizes.slice(2))).toBe(160);
  });

  it('reads one page where there are fewer calls than a page has', async () => {
    for (const count of [0, 1, 499]) {
      const reader = new FakeReader(calls(count));
      expect(await idsOf(readPages(reader, reader, pagesOf(5_000)))).toHaveLength(count);
      expect(reader.log).toEqual(['seek 0 +500', 'read 0-end']);
    }
  });

  it('gives a page even if no call of it matches', async () => {
    const reader = new FakeReader([{ bytes: 1, matches: false }]);
    const pages: EncodedCalls[] = [];
    for await (const page of readPages(reader, reader, pagesOf(10))) pages.push(page);
    expect(pages).toEqual([{ bytes: Buffer.alloc(0), count: 0 }]);
  });

  it('reads one page ahead of whoever takes them, on two connections at most', async () => {
    const reader = new FakeReader(calls(100));
    reader.beforeAnswer = turn;
    const pages = readPages(reader, reader, pagesOf(10));
    await pages.next();
    for (let i = 0; i < 20; i++) await turn();
    expect(reader.log.filter((what) => what.startsWith('read'))).toEqual([
      'read 0-10',
      'read 10-20',
    ]);
    await pages.next();
    for (let i = 0; i < 20; i++) await turn();
    expect(reader.log.at(-1)).toBe('read 20-30');
    await idsOf(pages);
    expect(reader.mostAtOnce).toBe(2);
  });

  it('reads nothing ahead where no connection is free for it', async () => {
    const reader = new FakeReader(calls(100));
    reader.mayReadAhead = false;
    const pages = readPages(reader, reader, pagesOf(10));
    await pages.next();
    for (let i = 0; i < 20; i++) await turn();
    expect(reader.log).toEqual(['seek 0 +10', 'read 0-10']);
    expect(await idsOf(pages)).toHaveLength(90);
    expect(reader.mostAtOnce).toBe(1);
  });

  it('can be left where nothing is read ahead', async () => {
    const reader = new FakeReader(calls(100));
    reader.mayReadAhead = false;
    const pages = readPages(reader, reader, pagesOf(10));
    await pages.next();
    expect(await pages.return()).toEqual({ done: true, value: undefined });
  });

  it('does not keep the first page waiting for the second one', async () => {
    const reader = new FakeReader(calls(100));
    const { opened, open } = gate();
    reader.beforeAnswer = (what) => (what === 'seek 10 +10' ? opened : Promise.resolve());
    const pages = readPages(reader, reader, pagesOf(10));
    expect((await pages.next()).value).toMatchObject({ count: 10 });
    open();
    expect(await idsOf(pages)).toHaveLength(90);
  });

  it('reads the first page by one reader and the others by the other', async () => {
    const [first, later] = [new FakeReader(calls(25)), new FakeReader(calls(25))];
    await idsOf(readPages(first, later, pagesOf(10)));
    expect(first.log).toEqual(['seek 0 +10', 'read 0-10']);
    expect(later.log).toEqual(['seek 10 +10', 'read 10-20', 'seek 20 +10', 'read 20-end']);
  });

  it.each(['seek 20 +10', 'read 20-30'])(
    'fails where %s fails, and not before the pages before it are taken',
    async (fault) => {
      const reader = new FakeReader(calls(100));
      reader.beforeAnswer = async (what) => {
        if (what === fault) throw new Error('lost');
      };
      const taken: number[] = [];
      const take = async () => {
        for await (const { count } of readPages(reader, reader, pagesOf(10))) {
          taken.push(count);
          await turn();
        }
      };
      await expect(take()).rejects.toThrow('lost');
      expect(taken).toEqual([10, 10]);
      expect(reader.running).toBe(0);
    },
  );

  it('tells that a page has failed before it waits for the one ahead', async () => {
    const reader = new FakeReader(calls(100));
    const { opened, open } = gate();
    reader.beforeAnswer = async (what) => {
      if (what === 'read 0-10') throw new Error('lost');
      if (what === 'seek 10 +10') await opened;
    };
    const onFailure = jest.fn(open);
    await expect(readPages(reader, reader, pagesOf(10), onFailure).next()).rejects.toThrow('lost');
    expect(onFailure).toHaveBeenCalledTimes(1);
    expect(reader.running).toBe(0);
  });

  it('tells of no failure at its end, or when it is left', async () => {
    const onFailure = jest.fn();
    const reader = new FakeReader(calls(100));
    await idsOf(readPages(reader, reader, pagesOf(10), onFailure));
    const left = readPages(reader, reader, pagesOf(10), onFailure);
    await left.next();
    await left.return();
    expect(onFailure).not.toHaveBeenCalled();
  });

  it('has nothing under way when it has been left', async () => {
    const reader = new FakeReader(calls(100));
    const { opened, open } = gate();
    reader.beforeAnswer = (what) => (what === 'read 10-20' ? opened : Promise.resolve());
    const pages = readPages(reader, reader, pagesOf(10));
    await pages.next();
    await turn();
    expect(reader.running).toBe(1);
    let hasLeft = false;
    const leaving = pages.return().then(() => (hasLeft = true));
    await turn();
    expect(hasLeft).toBe(false);
    open();
    await leaving;
    expect(reader.running).toBe(0);
    expect(await pages.next()).toEqual({ done: true, value: undefined });
  });

  it('leaves a failure behind that nobody waits for any more', async () => {
    const reader = new FakeReader(calls(100));
    const pages = readPages(reader, reader, pagesOf(10));
    reader.beforeAnswer = async (what) => {
      if (what === 'read 10-20') throw new Error('lost');
    };
    await pages.next();
    await turn();
    await expect(pages.return()).resolves.toEqual({ done: true, value: undefined });
  });
});
