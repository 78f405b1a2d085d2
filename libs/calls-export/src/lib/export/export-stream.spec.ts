import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { EncodedCalls } from '../formats/file-format';
import { ExportStream, NOTHING_EXPORTED } from './export-stream';

const piece = (text: string, count: number): EncodedCalls => ({ bytes: Buffer.from(text), count });
const PIECES = [piece('head', 0), piece('é', 1), piece('two', 2)];
const FILE = 'headétwo';

/** A stream of pieces of which the first one has been read, and what has been asked for. */
async function open(source: () => AsyncGenerator<EncodedCalls, void>) {
  const stop = new AbortController();
  const asked: number[] = [];
  let isLeft = false;
  async function* watched() {
    try {
      for await (const each of source()) {
        asked.push(each.count);
        yield each;
      }
    } finally {
      isLeft = true;
    }
  }
  const pieces = watched();
  const stream = new ExportStream(await pieces.next(), pieces, stop);
  return { stream, stop, asked, isLeft: () => isLeft };
}

async function* all() {
  yield* PIECES;
}

describe('ExportStream', () => {
  it('gives the whole file, and counts and digests what it has given', async () => {
    const { stream, stop, isLeft } = await open(all);
    expect([stream.progress, stream.sha256]).toEqual([{ rows: 0, bytes: 0 }, undefined]);
    const seen: unknown[] = [];
    let file = '';
    for await (const bytes of stream) {
      file += bytes;
      seen.push([stream.progress, stream.sha256]);
    }
    expect(file).toBe(FILE);
    expect(seen).toEqual([
      [{ rows: 0, bytes: 4 }, undefined],
      [{ rows: 1, bytes: 6 }, undefined],
      [{ rows: 3, bytes: 9 }, undefined],
    ]);
    expect(stream.progress).toEqual({ rows: 3, bytes: 9 });
    expect(stream.sha256).toBe(createHash('sha256').update(FILE).digest('hex'));
    expect([stop.signal.aborted, isLeft()]).toEqual([true, true]);
  });

  it('asks for a piece when the last one has been taken, and not before', async () => {
    const { stream, asked } = await open(all);
    await turn();
    expect(asked).toEqual([0]);
    expect(String(await nextOf(stream))).toBe('head');
    await turn();
    expect(asked).toEqual([0]);
    expect(String(await nextOf(stream))).toBe('é');
    await turn();
    expect(asked).toEqual([0, 1]);
    stream.destroy();
  });

  it('fails as what it reads does, and has no digest then', async () => {
    const { stream, stop } = await open(async function* () {
      yield piece('head', 1);
      throw new Error('lost');
    });
    await expect(stream.toArray()).rejects.toThrow('lost');
    expect([stream.progress, stream.sha256]).toEqual([{ rows: 1, bytes: 4 }, undefined]);
    expect(stop.signal.aborted).toBe(true);
  });

  it('has closed when nothing of it is under way, and counts nothing any more', async () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const { stream, stop, isLeft } = await open(async function* () {
      yield piece('head', 0);
      await answered;
      yield piece('late', 1);
    });
    await nextOf(stream);
    stream.resume();
    await turn();
    const closed = once(stream, 'close');
    let hasClosed = false;
    void closed.then(() => (hasClosed = true));
    stream.destroy();
    expect(stop.signal.aborted).toBe(true);
    await turn();
    expect([hasClosed, isLeft()]).toEqual([false, false]);
    answer();
    await closed;
    expect(isLeft()).toBe(true);
    expect(stream.progress).toEqual({ rows: 0, bytes: 4 });
    expect(stream.sha256).toBeUndefined();
  });

  it('has no digest if it is left while the end is looked for', async () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const { stream } = await open(async function* () {
      yield piece('head', 0);
      await answered;
    });
    await nextOf(stream);
    stream.resume();
    await turn();
    stream.destroy();
    answer();
    await once(stream, 'close');
    expect(stream.sha256).toBeUndefined();
  });

  it('closes with the error by which it is destroyed', async () => {
    const { stream } = await open(all);
    const failed = once(stream, 'error');
    stream.destroy(new Error('enough'));
    expect(await failed).toEqual([new Error('enough')]);
  });

  it('reads as part of what began it, whoever asks for the next piece', async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const stream = await request.run('export', async () => {
      const pieces = {
        async next() {
          seen.push(request.getStore());
          return { done: true, value: undefined };
        },
        async return() {},
      };
      const first = { done: false, value: piece('head', 0) } as const;
      return new ExportStream(first, pieces as never, new AbortController());
    });
    await request.run('another', () => stream.toArray());
    expect(seen).toEqual(['export']);
  });
});

describe('NOTHING_EXPORTED', () => {
  it('has neither a call nor a byte', () => {
    expect(NOTHING_EXPORTED).toEqual({ progress: { rows: 0, bytes: 0 } });
  });
});

async function nextOf(stream: ExportStream): Promise<unknown> {
  for (;;) {
    const bytes: unknown = stream.read();
    if (bytes !== null) return bytes;
    await once(stream, 'readable');
  }
}
