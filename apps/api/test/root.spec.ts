import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { withApi } from './start-api';

describeEachDatabase('GET /', dataSourceOptions, (database) => {
  it('redirects to Swagger UI if that is enabled', () =>
    withApi(database.url, {}, async ({ url }) => {
      const response = await fetch(url, { redirect: 'manual' });
      expect([response.status, response.headers.get('location')]).toEqual([302, '/docs']);
      expect(await (await fetch(url)).text()).toContain('<title>Calls export</title>');
      expect((await fetch(url, { method: 'HEAD', redirect: 'manual' })).status).toBe(302);
    }));

  it('returns the paths of the export and its documentation if Swagger UI is disabled', () =>
    withApi(database.url, { SWAGGER: 'false' }, async ({ url }) => {
      const response = await fetch(url);
      expect(response.status).toBe(200);
      const body = (await response.json()) as Record<string, string>;
      expect(body).toEqual({
        export: '/api/v1/calls/export',
        authorization: 'Bearer token (JWT)',
        documentation: 'docs/openapi.json in the source code; at /docs if SWAGGER=true',
      });
      expect((await fetch(url + body['export'])).status).toBe(401);
    }));

  it.each(['true', 'false'])(
    'counts towards the rate limit of an address (SWAGGER=%s)',
    (SWAGGER) =>
      withApi(database.url, { RATE_LIMIT_PER_ADDRESS: 1, SWAGGER }, async ({ url }) => {
        const get = () => fetch(url, { redirect: 'manual' });
        const first = await get();
        expect([first.ok || first.status === 302, first.headers.get('x-ratelimit-limit')]).toEqual([
          true,
          '1',
        ]);
        expect((await get()).status).toBe(429);
      }),
  );

  it('is not in the OpenAPI document', () =>
    withApi(database.url, {}, async ({ url }) => {
      const { paths } = (await (await fetch(`${url}/docs-json`)).json()) as { paths: object };
      expect(Object.keys(paths)).toEqual(['/api/v1/calls/export']);
    }));
});
