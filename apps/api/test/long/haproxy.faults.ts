// @needs haproxy, openssl, the programs of PostgreSQL
import { freePort, versionOf } from '@calls/testing';
import { figure } from './figures';
import {
  CALLS,
  expectUpgrade,
  FAULTS,
  type Front,
  ProxiedApi,
  STREAM_RESET,
  TIMEOUT_MS,
} from './proxied-api';
import { example, Proxy, replaced } from './proxy';
import { HTTP, HTTPS, testProxy } from './test-proxy';

describe('HAProxy in front of the API', () => {
  const target = new ProxiedApi();
  /** Since 2.7, "mux-h2: send a CANCEL instead of ES on truncated writes". */
  const [major = 0, minor = 0] = versionOf('haproxy');
  const version = `${major}.${minor}`;
  const resetsStreams = major > 2 || (major === 2 && minor >= 7);

  /** @param changes replace texts of the example's configuration. */
  async function start(changes: Record<string, string> = {}): Promise<Front> {
    const plain = `127.0.0.1:${await freePort()}`;
    const tls = `127.0.0.1:${await freePort()}`;
    const configuration = example('haproxy/haproxy.cfg', {
      '127.0.0.1:3000': `127.0.0.1:${target.api.port}`,
      'bind :443': `bind ${plain}\n    bind ${tls}`,
      '/etc/haproxy/certs/calls.example.com.pem': target.certificate.path,
    });
    const proxy = await Proxy.haproxy(replaced(configuration, changes), plain);
    return { proxy, plain: `http://${plain}`, tls: `https://${tls}` };
  }

  testProxy(target, 'HAProxy', start, [HTTP, HTTPS]);

  describe('with the configuration of its example', () => {
    let front: Front;
    beforeAll(async () => (front = await start()), TIMEOUT_MS);
    afterAll(() => front?.proxy.stop(), TIMEOUT_MS);

    it(
      'does not offer HTTP/2',
      async () => {
        await target.ready(front.tls);
        const response = await target.response(front.tls, ['--http2'], '/health/live');
        expect(response).toMatch(/^HTTP\/1\.1 200 /);
      },
      TIMEOUT_MS,
    );

    it(
      'uses HTTP/1.0 to the API for an HTTP/1.0 client, which gets the 426 of the API',
      async () => {
        await target.ready(front.plain);
        expectUpgrade(await target.response(front.plain, ['--http1.0']));
        expectUpgrade(await target.response(front.tls, ['--http1.0']));
      },
      TIMEOUT_MS,
    );
  });

  describe('with HTTP/2 to the client', () => {
    let front: Front;
    beforeAll(async () => (front = await start({ 'alpn http/1.1': 'alpn h2' })), TIMEOUT_MS);
    afterAll(() => front?.proxy.stop(), TIMEOUT_MS);

    const exitCode = resetsStreams ? STREAM_RESET : 0;

    it.each(FAULTS)(
      `truncates the file, and curl exits with ${exitCode}: %s`,
      async (...fault) => {
        const result = await target.truncated(front.tls, ['--http2'], fault);
        expect(result).toMatchObject({ exitCode });
        figure(
          `HAProxy ${version}, HTTP/2 to the client: ${fault[0]}`,
          resetsStreams
            ? `\`curl\` exits with ${exitCode}`
            : 'a truncated file, and `curl` exits with 0: hence `alpn http/1.1`',
        );
      },
      TIMEOUT_MS,
    );

    it(
      'passes on X-Total-Count, by which a client can detect a truncated file',
      async () => {
        await target.ready(front.tls, ['--http2']);
        expect(await target.response(front.tls, ['--http2', '--head'])).toMatch(
          new RegExp(`^x-total-count: ${CALLS}\\r$`, 'm'),
        );
      },
      TIMEOUT_MS,
    );
  });
});
