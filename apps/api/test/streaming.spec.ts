// @slow
import { buffer } from 'node:stream/consumers';
import * as zlib from 'node:zlib';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { Download, LARGE_EXPORT } from './download';
import { type Api, bearer, startApi } from './start-api';

/** One more than the default pool size. */
const EXPORTS = 11;
/** The encoding for clients that accept any. Node.js has zstd since 22.15. */
const BEST = 'createZstdCompress' in zlib ? 'zstd' : 'gzip';

function decompressed(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return zlib.gunzipSync(body);
  const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync(body: Buffer): Buffer };
  return encoding === 'zstd' ? zstdDecompressSync(body) : body;
}

describeEachDatabase('A streamed export', dataSourceOptions, (database) => {
  let api: Api;

  beforeAll(async () => {
    api = await startApi(database.url, { EXPORT_MAX_PER_ACCOUNT: EXPORTS + 1 });
    await seedCalls(database.dataSource, 1, LARGE_EXPORT);
  }, 60_000);
  afterAll(() => api.close());

  const open = (query: string, headers: Record<string, string> = {}) =>
    Download.open(`${api.url}/api/v1/calls/export?${query}`, { ...bearer(1), ...headers });

  it('does not hold a database connection for a client that reads nothing', async () => {
    const slow = await Promise.all(Array.from({ length: EXPORTS }, () => open('format=json')));
    try {
      expect(new Set(slow.map(({ response }) => response.statusCode))).toEqual(new Set([200]));
      const calls = (await (await api.export({ format: 'json' })).json()) as unknown[];
      expect(calls).toHaveLength(LARGE_EXPORT);
      expect(slow.every(({ response }) => !response.readableEnded)).toBe(true);
    } finally {
      for (const download of slow) download.abort();
    }
  }, 60_000);

  it.each([
    ['gzip', 'gzip'],
    ['deflate, gzip;q=0.5', 'gzip'],
    ['*', BEST],
    ['br', undefined],
    ['gzip;q=0', undefined],
    ['', undefined],
    ['nonsense, ;;q=', undefined],
  ])('is compressed according to Accept-Encoding: %s', async (accepted, encoding) => {
    const { response } = await open('status=busy', { 'accept-encoding': accepted });
    expect(response.headers['content-encoding']).toBe(encoding);
    expect(response.headers.vary).toContain('Accept-Encoding');
    const body = await buffer(response);
    const plain = await buffer((await open('status=busy')).response);
    expect([response.statusCode, plain.toString('utf8', 0, 10)]).toEqual([200, '"Call ID",']);
    expect(decompressed(body, encoding).equals(plain)).toBe(true);
    if (encoding) expect(body.length).toBeLessThan(plain.length / 2);
  });

  it('is aborted if the client reads nothing for the idle timeout, but not if it reads slowly', async () => {
    const impatient = await startApi(database.url, { EXPORT_IDLE_TIMEOUT: 3 });
    try {
      const url = `${impatient.url}/api/v1/calls/export?format=json`;
      const slow = await Download.open(url, bearer(1));
      const stuck = await Download.open(url, bearer(1));
      // So slow that the server only sees progress every few seconds.
      const taken = slow.take(200_000, 10);
      expect((await taken).lines).toBe(LARGE_EXPORT + 1);
      // The reset discards data that had already reached the client.
      await expect(stuck.take()).rejects.toThrow('aborted');
    } finally {
      await impatient.close();
    }
  }, 60_000);
});
