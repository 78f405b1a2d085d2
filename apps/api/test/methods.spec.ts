import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, METHODS, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describeEachDatabase } from '@calls/testing';
import * as fc from 'fast-check';
import { dataSourceOptions } from '../src/data-source-options';
import type { Environment } from '../src/environment';
import { type Api, bearer, startApi } from './start-api';

/** `CONNECT` asks a proxy for a tunnel, and has no path. */
const OTHERS = METHODS.filter((method) => !['GET', 'HEAD', 'OPTIONS', 'CONNECT'].includes(method));
const EXPORT = '/api/v1/calls/export';
const PATHS = [EXPORT, `${EXPORT}?format=csv`, '/', '/docs', '/docs-json', '/metrics'];
const HEALTH = ['/health/live', '/health/ready'];
const ID = 'request-1';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describeEachDatabase('A method that a path does not have', dataSourceOptions, (database) => {
  let api: Api | undefined;
  afterEach(async () => {
    await api?.close();
    api = undefined;
  });

  async function start(settings: Partial<Environment> = {}) {
    const { url } = (api = await startApi(database.url, { METRICS: 'true', ...settings }));
    /** `fetch` knows fewer methods. */
    return async (method: string, path: string, headers = {}): Promise<Answer> => {
      const asked = request(url, { method, path, headers: { 'x-request-id': ID, ...headers } });
      const [response] = (await once(asked.end(), 'response')) as [IncomingMessage];
      return {
        status: response.statusCode,
        headers: { ...response.headers, date: undefined },
        body: await text(response),
      };
    };
  }

  it('is answered 405 with those that it has, on every path of the API', async () => {
    const ask = await start();
    for (const path of [...PATHS, ...HEALTH]) {
      for (const method of OTHERS) {
        const { status, headers, body } = await ask(method, path);
        expect([method, path, status, headers.allow]).toEqual([method, path, 405, 'GET, HEAD']);
        expect(headers['content-type']).toMatch('application/json');
        expect(JSON.parse(body)).toEqual({
          statusCode: 405,
          error: 'Method Not Allowed',
          message: `${method} is not allowed on this path: use GET or HEAD`,
          requestId: ID,
        });
      }
    }
  }, 60_000);

  it('is answered the same with a token, without one and with a bad one', async () => {
    const ask = await start();
    const without = await ask('POST', EXPORT);
    expect(without.status).toBe(405);
    expect(await ask('POST', EXPORT, bearer(1))).toEqual(without);
    expect(await ask('POST', EXPORT, { authorization: 'Bearer nonsense' })).toEqual(without);
  });

  it('is answered 404 on a path that does not exist', async () => {
    const ask = await start({ METRICS: undefined, SWAGGER: 'false' });
    for (const path of ['/nowhere', `${EXPORT}/more`, '/api', '/docs', '/docs-json', '/metrics']) {
      for (const method of ['GET', 'OPTIONS', ...OTHERS]) {
        const { status, headers } = await ask(method, path);
        expect([method, path, status, headers.allow]).toEqual([method, path, 404, undefined]);
      }
    }
  }, 60_000);

  it('is told which there are by OPTIONS', async () => {
    const ask = await start();
    for (const path of [...PATHS, ...HEALTH]) {
      const { status, headers, body } = await ask('OPTIONS', path);
      expect([path, status, headers.allow, body]).toEqual([path, 204, 'GET, HEAD', '']);
    }
  });

  it('has the headers of other answers, those of CORS included', async () => {
    const ask = await start({ CORS_ORIGINS: 'https://a.example' });
    const origin = { origin: 'https://a.example' };
    const refused = await ask('POST', EXPORT, origin);
    const { headers } = await ask('GET', '/nowhere', origin);
    const ofBody = { 'content-length': expect.anything(), etag: expect.anything() };
    expect(refused.status).toBe(405);
    expect(refused.headers).toEqual({ ...headers, ...ofBody, allow: 'GET, HEAD' });
    expect(refused.headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    const preflight = await ask('OPTIONS', EXPORT, {
      ...origin,
      'access-control-request-method': 'GET',
    });
    expect([preflight.status, preflight.headers['access-control-allow-methods']]).toEqual([
      204,
      'GET,HEAD',
    ]);
  });

  it('never fails the server, whatever the path', async () => {
    const ask = await start();
    const path = fc.oneof(
      fc.stringMatching(/^\/[\w%./:;=?&*-]{0,20}$/),
      fc.constantFrom('*', '//', '/%', '/%FF', `http://other${EXPORT}`, '/docs/%2e%2e/x'),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('POST', 'OPTIONS', 'DELETE'), path, async (method, to) => {
        const { status = 0 } = await ask(method, to);
        expect([204, 400, 404, 405]).toContain(status);
      }),
      { numRuns: 200 },
    );
  }, 180_000);
});
