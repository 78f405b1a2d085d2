import { describeEachDatabase, freePort, rawResponse } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import type { Environment } from '../src/environment';
import { type Api, startApi } from './start-api';

const PATHS = [
  '/',
  '/docs',
  '/docs-json',
  '/health/live',
  '/metrics',
  '/api/v1/calls/export',
  '/%zz',
];
const LOCAL = [
  'localhost',
  'localhost:3000',
  'LocalHost:80',
  'a.b.localhost',
  '127.0.0.1',
  '127.255.1.2:65535',
  '[::1]',
  '[::1]:3000',
];
const FOREIGN = [
  'evil.example',
  'evil.example:3000',
  'EVIL.EXAMPLE',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'evillocalhost',
  'localhost.',
  '127.0.0.1.',
  '127.0.0.256',
  '127.1',
  '128.0.0.1',
  '0.0.0.0',
  '192.168.0.1',
  '[::2]',
  '::1',
  'localhost:x',
  'localhost:80:80',
  'localhost@evil.example',
  'evil.example#localhost',
  'localhost, evil.example',
  '.localhost',
  '',
];

describeEachDatabase(
  'A server with the embedded database',
  dataSourceOptions,
  (database) => {
    let api: Api;
    afterEach(() => api.close());
    const start = async (settings: Partial<Environment> = {}) => {
      const development = { DATABASE_URL: undefined, METRICS: 'true', ...settings };
      api = await startApi(database.url, development);
    };

    /** Sends a raw request, so that its target and Host headers can be anything. */
    async function send(
      target: string,
      hosts: string[],
      version = '1.1',
      port = Number(new URL(api.url).port),
    ): Promise<string> {
      const headers = hosts.map((host) => `Host: ${host}\r\n`).join('');
      const request = `GET ${target} HTTP/${version}\r\n${headers}Connection: close\r\n\r\n`;
      return (await rawResponse(port, request)).toString('latin1');
    }
    const isForeign = (response: string) =>
      response.startsWith('HTTP/1.1 403 ') &&
      response.includes('only accepts requests to localhost');

    it('accepts requests to localhost and loopback addresses, with any port', async () => {
      await start();
      for (const host of LOCAL)
        expect([host, await send('/health/live', [host])]).toEqual([
          host,
          expect.stringMatching(/^HTTP\/1.1 200 /),
        ]);
    });

    it('returns 403 for every other host, on every path', async () => {
      await start();
      for (const host of FOREIGN)
        expect([host, isForeign(await send('/health/live', [host]))]).toEqual([host, true]);
      for (const path of PATHS)
        expect([path, isForeign(await send(path, ['evil.example']))]).toEqual([path, true]);
    });

    it('returns 403 for every other host on METRICS_PORT', async () => {
      const METRICS_PORT = await freePort();
      await start({ METRICS_PORT });
      const status = async (host: string) =>
        (await send('/metrics', [host], '1.1', METRICS_PORT)).split(' ', 2)[1];
      expect([await status('localhost'), await status('evil.example')]).toEqual(['200', '403']);
    });

    it('requires exactly one host, and checks an absolute request target as well', async () => {
      await start();
      expect(isForeign(await send('/health/live', [], '1.0'))).toBe(true);
      expect(await send('/health/live', [])).toMatch(/^HTTP\/1.1 400 /);
      expect(isForeign(await send('/health/live', ['localhost', 'evil.example']))).toBe(true);
      expect(isForeign(await send('/health/live', ['localhost', 'localhost']))).toBe(true);
      expect(isForeign(await send('http://evil.example/health/live', ['localhost']))).toBe(true);
      expect(
        isForeign(await send('http://localhost@evil.example/health/live', ['localhost'])),
      ).toBe(true);
      expect(isForeign(await send('http://localhost/health/live', ['evil.example']))).toBe(true);
      expect(await send('http://localhost:1/health/live', ['localhost'])).toMatch(
        /^HTTP\/1.1 200 /,
      );
    });

    it('returns 403 with the body and headers of other errors', async () => {
      await start();
      const [head = '', body = ''] = (await send('/docs', ['evil.example'])).split('\r\n\r\n');
      const id = /^x-request-id: (.+)$/im.exec(head)?.[1];
      expect(JSON.parse(body)).toEqual({
        statusCode: 403,
        error: 'Forbidden',
        message:
          'A server with the embedded database only accepts requests to localhost, 127.0.0.1 or [::1]: use one of these in the URL, or set DATABASE_URL',
        requestId: id,
      });
      expect(head).toMatch(/^content-security-policy: /im);
      expect(head).not.toMatch(/^x-powered-by:/im);
    });

    it('does not check the host if DATABASE_URL is set', async () => {
      await start({ DATABASE_URL: database.url });
      for (const host of ['evil.example', 'api.example.com']) {
        expect(await send('/health/live', [host])).toMatch(/^HTTP\/1.1 200 /);
      }
    });
  },
  ['embedded PostgreSQL'],
);
