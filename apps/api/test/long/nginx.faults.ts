// @needs nginx, openssl, the programs of PostgreSQL
import { randomUUID } from 'node:crypto';
import { freePort, until } from '@calls/testing';
import { figure } from './figures';
import {
  CALLS,
  expectUpgrade,
  expectUpgradeForExportOnly,
  type Front,
  ProxiedApi,
  requestId,
  SIGKILL,
  STREAM_RESET,
  TIMEOUT_MS,
} from './proxied-api';
import { example, Proxy, replaced } from './proxy';
import { HTTP, HTTP_2, HTTPS, testProxy } from './test-proxy';

const WORKER_MEGABYTES = 64;

describe('nginx in front of the API', () => {
  const target = new ProxiedApi();

  /** @param changes replace texts of the example's configuration. */
  async function start(changes: Record<string, string> = {}): Promise<Front> {
    const plain = `127.0.0.1:${await freePort()}`;
    const tls = `127.0.0.1:${await freePort()}`;
    const { api, certificate } = target;
    const configuration = example('nginx/calls-export.conf', {
      '127.0.0.1:3000': `127.0.0.1:${api.port}`,
      'listen 443 ssl http2;': `listen ${plain}; listen ${tls} ssl http2;`,
      '/etc/ssl/certs/calls.example.com.pem': certificate.path,
      '/etc/ssl/private/calls.example.com.key': certificate.path,
    });
    const proxy = await Proxy.nginx(replaced(configuration, changes), plain);
    return { proxy, plain: `http://${plain}`, tls: `https://${tls}` };
  }

  /** Runs an nginx of its own for a test. */
  async function withNginx(
    changes: Record<string, string>,
    test: (front: Front) => Promise<void>,
  ): Promise<void> {
    const front = await start(changes);
    try {
      await test(front);
    } finally {
      await front.proxy.stop();
    }
  }

  testProxy(target, 'nginx', start, [HTTP, HTTPS, HTTP_2]);

  it(
    'buffers little of a file that the client does not read',
    () =>
      withNginx({}, async ({ proxy, tls }) => {
        const running = await target.stalled(tls, ['--http2']);
        const megabytes = proxy.workerMegabytes();
        expect(megabytes).toBeLessThan(WORKER_MEGABYTES);
        expect(await running.finish()).toEqual(target.complete);
        figure(
          'nginx, HTTP/2: a client that reads nothing',
          `the worker has ${Math.round(megabytes)} MB and no temporary file`,
        );
      }),
    TIMEOUT_MS,
  );

  it(
    'returns 426 to an HTTP/1.0 client for the export only',
    () =>
      withNginx({}, async ({ plain, tls }) => {
        for (const url of [plain, tls])
          await expectUpgradeForExportOnly(target, url, ['--http1.0'], '1.1');
      }),
    TIMEOUT_MS,
  );

  it(
    'without the rule for HTTP/1.0, truncates a file for such a client, and curl exits with 0',
    () =>
      withNginx({ '= HTTP/1.0': '= none' }, async ({ plain }) => {
        const result = await target.truncated(plain, ['--http1.0'], SIGKILL);
        expect(result).toMatchObject({ exitCode: 0 });
        figure(
          'nginx without the rule for HTTP/1.0, HTTP/1.0 to the client: SIGKILL of the API',
          'a truncated file, and `curl` exits with 0: hence the rule',
        );
      }),
    TIMEOUT_MS,
  );

  it(
    'with proxy_buffering on, stores the file, and hides a slow client from the API',
    () =>
      withNginx({ 'proxy_buffering off': 'proxy_buffering on' }, async ({ proxy, plain }) => {
        const { api, complete } = target;
        const id = randomUUID();
        const running = await target.curl(plain, requestId(id)).begin();
        await until(() => api.lineOf(id) !== undefined, TIMEOUT_MS);
        expect(api.lineOf(id)).toMatchObject({ export: 'completed', rows: CALLS });
        expect(proxy.log()).toContain('temporary file');
        await api.kill();
        try {
          expect(await running.finish()).toEqual(complete);
        } finally {
          await api.start();
        }
        const megabytes = Math.round(complete.bytes / 1e6);
        figure(
          'nginx with `proxy_buffering on`: a client that reads nothing',
          `the API logs \`completed\` at once, and nginx stores the file of ${megabytes} MB on disk; ` +
            'the client gets all of it, even after SIGKILL of the API',
        );
      }),
    TIMEOUT_MS,
  );

  describe('with HTTP/1.0 to the API, the default of proxy_pass before nginx 1.30', () => {
    // Set explicitly, since the default depends on nginx's version.
    const changes = { 'proxy_http_version 1.1': 'proxy_http_version 1.0' };

    it(
      'passes on the 426 of the API, which names the setting to change',
      () =>
        withNginx(changes, async ({ plain, tls }) => {
          for (const text of [
            await target.response(plain, []),
            await target.response(tls, ['--http1.1']),
          ])
            expect(expectUpgrade(text).message).toContain('proxy_http_version 1.1');
          // HTTP/2 forbids the Upgrade header. nginx passes it on, so curl fails without the message.
          const response = target.response(tls, ['--http2']);
          await expect(response).rejects.toMatchObject({ code: STREAM_RESET });
        }),
      TIMEOUT_MS,
    );

    it(
      'truncates a file, and curl exits with 0, if EXPORT_HTTP_1_0 is true',
      async () => {
        await target.api.kill();
        await target.api.start({ EXPORT_HTTP_1_0: 'true' });
        await withNginx(changes, async ({ plain }) => {
          expect(await target.curl(plain).finish()).toEqual(target.complete);
          expect(await target.truncated(plain, [], SIGKILL)).toMatchObject({ exitCode: 0 });
          figure(
            'nginx with `proxy_http_version 1.0`, and `EXPORT_HTTP_1_0=true`: SIGKILL of the API',
            'a truncated file, and `curl` exits with 0; without the variable the response is 426',
          );
        });
      },
      TIMEOUT_MS,
    );
  });
});
