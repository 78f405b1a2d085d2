import { METHODS } from 'node:http';
import { describeEachDatabase } from '@calls/testing';
import * as fc from 'fast-check';
import { dataSourceOptions } from '../src/data-source-options';
import type { Environment } from '../src/environment';
import { sendRequest } from './send-request';
import { type Api, bearer, EXPORT_PATH, startApi } from './start-api';

/** Without `CONNECT`, which asks a proxy for a tunnel and has no path. */
const OTHERS = METHODS.filter((method) => !['GET', 'HEAD', 'OPTIONS', 'CONNECT'].includes(method));
const PATHS = [EXPORT_PATH, `${EXPORT_PATH}?format=csv`, '/', '/docs', '/docs-json', '/metrics'];
const HEALTH = ['/health/live', '/health/ready'];
const ID = 'request-1';

describeEachDatabase(
  'A request with a method other than GET or HEAD',
  dataSourceOptions,
  (database) => {
    let api: Api | undefined;
    afterEach(async () => {
      await api?.close();
      api = undefined;
    });

    async function start(settings: Partial<Environment> = {}) {
      const { url } = (api = await startApi(database.url, { METRICS: 'true', ...settings }));
      return async (method: string, path: string, headers = {}) => {
        const options = { method, headers: { 'x-request-id': ID, ...headers } };
        const response = await sendRequest(url, path, options);
        return { ...response, headers: { ...response.headers, date: undefined } };
      };
    }

    it('gets a 405 with the allowed methods on every path of the API', async () => {
      const send = await start();
      for (const path of [...PATHS, ...HEALTH]) {
        for (const method of OTHERS) {
          const { status, headers, body } = await send(method, path);
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

    it('gets the same response with a valid token, an invalid one and none', async () => {
      const send = await start();
      const without = await send('POST', EXPORT_PATH);
      expect(without.status).toBe(405);
      expect(await send('POST', EXPORT_PATH, bearer(1))).toEqual(without);
      expect(await send('POST', EXPORT_PATH, { authorization: 'Bearer nonsense' })).toEqual(
        without,
      );
    });

    it('gets a 404 on a path that does not exist', async () => {
      const send = await start({ METRICS: undefined, SWAGGER: 'false' });
      for (const path of [
        '/nowhere',
        `${EXPORT_PATH}/more`,
        '/api',
        '/docs',
        '/docs-json',
        '/metrics',
      ]) {
        for (const method of ['GET', 'OPTIONS', ...OTHERS]) {
          const { status, headers } = await send(method, path);
          expect([method, path, status, headers.allow]).toEqual([method, path, 404, undefined]);
        }
      }
    }, 60_000);

    it('gets the allowed methods with OPTIONS', async () => {
      const send = await start();
      for (const path of [...PATHS, ...HEALTH]) {
        const { status, headers, body } = await send('OPTIONS', path);
        expect([path, status, headers.allow, body]).toEqual([path, 204, 'GET, HEAD', '']);
      }
    });

    it('gets the headers of other responses, including CORS headers', async () => {
      const send = await start({ CORS_ORIGINS: 'https://a.example' });
      const origin = { origin: 'https://a.example' };
      const refused = await send('POST', EXPORT_PATH, origin);
      const { headers } = await send('GET', '/nowhere', origin);
      const ofBody = { 'content-length': expect.anything(), etag: expect.anything() };
      expect(refused.status).toBe(405);
      expect(refused.headers).toEqual({ ...headers, ...ofBody, allow: 'GET, HEAD' });
      expect(refused.headers).toMatchObject({
        'access-control-allow-origin': 'https://a.example',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
      const preflight = await send('OPTIONS', EXPORT_PATH, {
        ...origin,
        'access-control-request-method': 'GET',
      });
      expect([preflight.status, preflight.headers['access-control-allow-methods']]).toEqual([
        204,
        'GET,HEAD',
      ]);
    });

    it('never gets a 5xx, whatever the path', async () => {
      const send = await start();
      const path = fc.oneof(
        fc.stringMatching(/^\/[\w%./:;=?&*-]{0,20}$/),
        fc.constantFrom('*', '//', '/%', '/%FF', `http://other${EXPORT_PATH}`, '/docs/%2e%2e/x'),
      );
      await fc.assert(
        fc.asyncProperty(fc.constantFrom('POST', 'OPTIONS', 'DELETE'), path, async (method, to) => {
          const { status = 0 } = await send(method, to);
          expect([204, 400, 404, 405]).toContain(status);
        }),
        { numRuns: 200 },
      );
    }, 180_000);
  },
);
