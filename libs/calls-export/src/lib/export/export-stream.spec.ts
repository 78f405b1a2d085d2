import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { EncodedCalls } from '../formats/file-format';
import { ExportStream, NOTHING_EXPORTED } from './export-stream';

const chunk = (text: string, count: number): EncodedCalls => ({ bytes: Buffer.from(text), count });
const CHUNKS = [chunk('head', 0), chunk('é', 1), chunk('two', 2)];
const FILE = 'headétwo';

/** Opens a stream whose first chunk has been read, and records the chunks that it requests. */
async function open(source: () => AsyncGenerator<EncodedCalls, void>) {
  const stop = new AbortController();
  const requested: number[] = [];
  let isClosed = false;
  async function* recorded() {
    try {
      for await (const next of source()) {
        requested.push(next.count);
        yield next;
      }
    } finally {
      isClosed = true;
    }
  }
  const chunks = recorded();
  const stream = new ExportStream(await chunks.next(), chunks, stop);
  return { stream, stop, requested, isClosed: () => isClosed };
}

async function* all() {
  yield* CHUNKS;
}

describe('ExportStream', () => {
  it('returns the complete file with its counts and digest', async () => {
    const { stream, stop, isClosed } = await open(all);
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
    expect([stop.signal.aborted, isClosed()]).toEqual([true, true]);
  });

  it('requests a chunk only after the last one has been consumed', async () => {
    const { stream, requested } = await open(all);
    await turn();
    expect(requested).toEqual([0]);
    expect(String(await nextOf(stream))).toBe('head');
    await turn();
    expect(requested).toEqual([0]);
    expect(String(await nextOf(stream))).toBe('é');
    await turn();
    expect(requested).toEqual([0, 1]);
    stream.destroy();
  });

  it('fails with the error of its source, and has no digest', async () => {
    const { stream, stop } = await open(async function* () {
      yield chunk('head', 1);
      throw new Error('connection lost');
    });
    await expect(stream.toArray()).rejects.toThrow('connection lost');
    expect([stream.progress, stream.sha256]).toEqual([{ rows: 1, bytes: 4 }, undefined]);
    expect(stop.signal.aborted).toBe(true);
  });

  it('emits close only after its source has stopped, and then stops counting', async () => {
    let respond = () => {};
    const responded = new Promise<void>((resolve) => (respond = resolve));
    const { stream, stop, isClosed } = await open(async function* () {
      yield chunk('head', 0);
      await responded;
      yield chunk('late', 1);
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
    expect([hasClosed, isClosed()]).toEqual([false, false]);
    respond();
    await closed;
    expect(isClosed()).toBe(true);
    expect(stream.progress).toEqual({ rows: 0, bytes: 4 });
    expect(stream.sha256).toBeUndefined();
  });

  it('has no digest if it is destroyed while it waits for the end', async () => {
    let respond = () => {};
    const responded = new Promise<void>((resolve) => (respond = resolve));
    const { stream } = await open(async function* () {
      yield chunk('head', 0);
      await responded;
    });
    await nextOf(stream);
    stream.resume();
    await turn();
    stream.destroy();
    respond();
    await once(stream, 'close');
    expect(stream.sha256).toBeUndefined();
  });

  it('emits the error that it is destroyed with', async () => {
    const { stream } = await open(all);
    const failed = once(stream, 'error');
    stream.destroy(new Error('enough'));
    expect(await failed).toEqual([new Error('enough')]);
  });

  it('reads in the async context that created it, whoever triggers the read', async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const stream = await request.run('export', async () => {
      const chunks = {
        async next() {
          seen.push(request.getStore());
          return { done: true, value: undefined };
        },
        async return() {},
      };
      const first = { done: false, value: chunk('head', 0) } as const;
      return new ExportStream(first, chunks as never, new AbortController());
    });
    await request.run('another', () => stream.toArray());
    expect(seen).toEqual(['export']);
  });
});

describe('NOTHING_EXPORTED', () => {
  it('has no calls and no bytes', () => {
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
