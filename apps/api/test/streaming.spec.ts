import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { dataSourceOptions, seedCalls } from '@calls/data-access';
import { describeEachDatabase } from '@calls/testing';
import { type Api, bearer, startApi } from './start-api';

/** As JSON, more than the sockets between the two ends hold. */
const CALLS = 60_000;
/** One more than a pool of connections has by default. */
const EXPORTS = 11;

describeEachDatabase('An export, as it streams,', dataSourceOptions, (database) => {
  let api: Api;

  beforeAll(async () => {
    api = await startApi(database.url);
    await seedCalls(database.dataSource, 1, CALLS);
  }, 60_000);
  afterAll(() => api.close());

  async function open(
    query: string,
    headers: Record<string, string> = {},
  ): Promise<IncomingMessage> {
    const request = get(`${api.url}/api/v1/calls/export?${query}`, {
      headers: { ...bearer(1), ...headers },
      agent: false,
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }

  it('holds no connection for a client that takes nothing', async () => {
    const slow = await Promise.all(Array.from({ length: EXPORTS }, () => open('format=json')));
    try {
      const calls = (await (await api.export({ format: 'json' })).json()) as unknown[];
      expect(calls).toHaveLength(CALLS);
      expect(slow.every((response) => !response.readableEnded)).toBe(true);
    } finally {
      for (const response of slow) response.destroy();
    }
  }, 60_000);

  it.each([
    ['gzip', 'gzip'],
    ['deflate, gzip;q=0.5', 'gzip'],
    ['*', 'gzip'],
    ['br', undefined],
    ['gzip;q=0', undefined],
    ['', undefined],
    ['nonsense, ;;q=', undefined],
  ])('is compressed or not as Accept-Encoding says: %s', async (accepted, encoding) => {
    const response = await open('status=busy', { 'accept-encoding': accepted });
    expect(response.headers['content-encoding']).toBe(encoding);
    expect(response.headers.vary).toContain('Accept-Encoding');
    const body = await buffer(response);
    const plain = await buffer(await open('status=busy'));
    expect((encoding ? gunzipSync(body) : body).equals(plain)).toBe(true);
    if (encoding) expect(body.length).toBeLessThan(plain.length / 2);
  });
});
