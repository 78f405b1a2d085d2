import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import type { Environment } from '../src/environment';
import { type Api, bearer, startApi } from './start-api';

const CONTENT_POLICY =
  "default-src 'none';script-src 'self';style-src 'self' 'unsafe-inline';img-src 'self' data:;" +
  "connect-src 'self';form-action 'none';base-uri 'none';frame-ancestors 'none'";

describeEachDatabase('The HTTP application', dataSourceOptions, (database) => {
  let api: Api | undefined;
  const start = async (settings: Partial<Environment> = {}) => {
    api = await startApi(database.url, settings);
    return api;
  };
  afterEach(async () => {
    await api?.close();
    api = undefined;
  });

  it('sends security headers, and no header that names the software', async () => {
    const { url, export: get } = await start();
    const responses = [await get(), await get('status=x'), await fetch(`${url}/nothing`)];
    expect(responses.map(({ status }) => status)).toEqual([200, 400, 404]);
    for (const response of responses) {
      const headers = Object.fromEntries(response.headers);
      expect(headers).toMatchObject({
        'content-security-policy': CONTENT_POLICY,
        'x-content-type-options': 'nosniff',
        'strict-transport-security': expect.stringContaining('max-age='),
      });
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('server');
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('only lets the origins of CORS_ORIGINS read responses', async () => {
    const { export: get, url } = await start({
      CORS_ORIGINS: 'https://a.example, http://localhost:4200',
    });
    const allowed = async (origin: string) => {
      const { headers } = await get('', { ...bearer(1), origin });
      return [
        headers.get('access-control-allow-origin'),
        headers.get('access-control-expose-headers'),
      ];
    };
    expect(await allowed('http://localhost:4200')).toEqual([
      'http://localhost:4200',
      'Content-Disposition,Retry-After,X-RateLimit-Limit,X-RateLimit-Remaining,X-RateLimit-Reset,X-Request-Id,X-Total-Count',
    ]);
    expect((await allowed('https://a.example'))[0]).toBe('https://a.example');
    for (const origin of [
      'https://b.example',
      'https://a.example.evil',
      'http://a.example',
      'null',
    ]) {
      expect((await allowed(origin))[0]).toBeNull();
    }
    const preflight = await fetch(`${url}/api/v1/calls/export`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://a.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-methods': 'GET,HEAD',
      'access-control-allow-headers':
        'Authorization,If-Match,If-Modified-Since,If-None-Match,If-Range,If-Unmodified-Since,Range,X-Request-Id',
      'access-control-max-age': '600',
      vary: 'Origin',
    });
    expect(preflight.headers.has('access-control-allow-credentials')).toBe(false);
  });

  it('lists in Vary every header that responses depend on', async () => {
    const { url } = await start({ CORS_ORIGINS: 'https://a.example' });
    const varies = async (path: string, headers = {}, method = 'GET') =>
      (await fetch(`${url}${path}`, { method, headers: { ...bearer(1), ...headers } })).headers.get(
        'vary',
      );
    for (const method of ['GET', 'HEAD']) {
      for (const headers of [
        {},
        { origin: 'https://a.example' },
        { origin: 'https://b.example', 'accept-encoding': 'gzip' },
      ]) {
        expect(await varies('/api/v1/calls/export', headers, method)).toBe(
          'Origin, Accept-Encoding',
        );
      }
    }
    expect(await varies('/api/v1/calls/export?status=none')).toMatch(/^Origin\b/);
    expect(await varies('/health/live')).toBe('Origin');
    await api?.close();
    const { export: get } = await start();
    expect((await get()).headers.get('vary')).toBe('Accept-Encoding');
  });

  it('does not parse request bodies', async () => {
    const { url } = await start();
    const post = (body: string, type: string) =>
      fetch(`${url}/api/v1/calls/export`, {
        method: 'POST',
        body,
        headers: { ...bearer(1), 'content-type': type },
      });
    expect((await post('{"broken"', 'application/json')).status).toBe(405);
    expect((await post('a'.repeat(1_000_000), 'application/x-www-form-urlencoded')).status).toBe(
      405,
    );
  });

  it('only trusts X-Forwarded-For from the proxies of TRUST_PROXY', async () => {
    const from = async (address: string) =>
      (await (api as Api).export('', { 'x-forwarded-for': address })).status;
    await start({ RATE_LIMIT_PER_ADDRESS: 1 });
    expect([await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([401, 429]);
    await api?.close();
    await start({ RATE_LIMIT_PER_ADDRESS: 1, TRUST_PROXY: 'loopback' });
    expect([await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([401, 401]);
    // The address that the client claims is left of the one that its proxy added.
    expect(await from('192.0.2.9, 192.0.2.2')).toBe(429);
    await api?.close();
    api = undefined;
    await expect(startApi(database.url, { TRUST_PROXY: '10.0.0.0/99' })).rejects.toThrow(
      /^TRUST_PROXY must be [^\n]+$/,
    );
  });

  it.each<[string | undefined, string | undefined, number]>([
    [undefined, undefined, 200],
    [undefined, 'false', 404],
    ['production', undefined, 404],
    ['production', 'true', 200],
  ])('serves Swagger UI with NODE_ENV=%s and SWAGGER=%s: %d', async (NODE_ENV, SWAGGER, status) => {
    const { url } = await start({ NODE_ENV, SWAGGER });
    expect((await fetch(`${url}/docs`)).status).toBe(status);
    expect((await fetch(`${url}/docs-json`)).status).toBe(status);
  });
});
