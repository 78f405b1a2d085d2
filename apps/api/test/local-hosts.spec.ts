import { describeEachDatabase, freePort, rawAnswer } from '@calls/testing';
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

    /** The response to a request as it is written, so that its target and hosts may be anything. */
    async function ask(
      target: string,
      hosts: string[],
      version = '1.1',
      port = Number(new URL(api.url).port),
    ): Promise<string> {
      const headers = hosts.map((host) => `Host: ${host}\r\n`).join('');
      const request = `GET ${target} HTTP/${version}\r\n${headers}Connection: close\r\n\r\n`;
      return (await rawAnswer(port, request)).toString('latin1');
    }
    const isForeign = (response: string) =>
      response.startsWith('HTTP/1.1 403 ') && response.includes('answers only to localhost');

    it('answers to the names of this machine, at any port', async () => {
      await start();
      for (const host of LOCAL)
        expect([host, await ask('/health/live', [host])]).toEqual([
          host,
          expect.stringMatching(/^HTTP\/1.1 200 /),
        ]);
    });

    it('answers 403 to every other host, on every path', async () => {
      await start();
      for (const host of FOREIGN)
        expect([host, isForeign(await ask('/health/live', [host]))]).toEqual([host, true]);
      for (const path of PATHS)
        expect([path, isForeign(await ask(path, ['evil.example']))]).toEqual([path, true]);
    });

    it('answers 403 to every other host on METRICS_PORT', async () => {
      const METRICS_PORT = await freePort();
      await start({ METRICS_PORT });
      const status = async (host: string) =>
        (await ask('/metrics', [host], '1.1', METRICS_PORT)).split(' ', 2)[1];
      expect([await status('localhost'), await status('evil.example')]).toEqual(['200', '403']);
    });

    it('needs one host, also of a target that is a whole URL', async () => {
      await start();
      expect(isForeign(await ask('/health/live', [], '1.0'))).toBe(true);
      expect(await ask('/health/live', [])).toMatch(/^HTTP\/1.1 400 /);
      expect(isForeign(await ask('/health/live', ['localhost', 'evil.example']))).toBe(true);
      expect(isForeign(await ask('/health/live', ['localhost', 'localhost']))).toBe(true);
      expect(isForeign(await ask('http://evil.example/health/live', ['localhost']))).toBe(true);
      expect(isForeign(await ask('http://localhost@evil.example/health/live', ['localhost']))).toBe(
        true,
      );
      expect(isForeign(await ask('http://localhost/health/live', ['evil.example']))).toBe(true);
      expect(await ask('http://localhost:1/health/live', ['localhost'])).toMatch(/^HTTP\/1.1 200 /);
    });

    it('answers 403 with the body and the headers of every error', async () => {
      await start();
      const [head = '', body = ''] = (await ask('/docs', ['evil.example'])).split('\r\n\r\n');
      const id = /^x-request-id: (.+)$/im.exec(head)?.[1];
      expect(JSON.parse(body)).toEqual({
        statusCode: 403,
        error: 'Forbidden',
        message:
          'A server with the embedded database answers only to localhost, 127.0.0.1 or [::1]: use one of them in the URL, or set DATABASE_URL',
        requestId: id,
      });
      expect(head).toMatch(/^content-security-policy: /im);
      expect(head).not.toMatch(/^x-powered-by:/im);
    });

    it('is the only one that looks at the host', async () => {
      await start({ DATABASE_URL: database.url });
      for (const host of ['evil.example', 'api.example.com']) {
        expect(await ask('/health/live', [host])).toMatch(/^HTTP\/1.1 200 /);
      }
    });
  },
  ['embedded PostgreSQL'],
);
