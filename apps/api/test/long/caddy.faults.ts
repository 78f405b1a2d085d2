// @needs caddy, openssl, the programs of PostgreSQL
import { freePort, versionOf } from '@calls/testing';
import {
  expectUpgradeForExportOnly,
  type Front,
  PATH,
  ProxiedApi,
  TIMEOUT_MS,
} from './proxied-api';
import { example, Proxy } from './proxy';
import { HTTP, HTTP_2, HTTPS, testProxy, type Transport } from './test-proxy';

describe('Caddy in front of the API', () => {
  const target = new ProxiedApi();
  /** Since 2.7.6, "reverseproxy: panic when reading from backend failed to propagate stream error". */
  const [major = 0, minor = 0, patch = 0] = versionOf('caddy', 'version');
  const version = `${major}.${minor}.${patch}`;
  const abortsResponses = major * 1e6 + minor * 1e3 + patch >= 2_007_006;

  async function start(): Promise<Front> {
    const plain = `http://127.0.0.1:${await freePort()}`;
    const tls = `https://127.0.0.1:${await freePort()}`;
    const configuration = example('caddy/Caddyfile', {
      '127.0.0.1:3000': `127.0.0.1:${target.api.port}`,
      'servers {': 'admin off\nauto_https disable_redirects\nservers {',
    });
    // Caddy needs a site per address, and a certificate if it can't obtain one itself.
    const [global, site] = configuration.split('calls.example.com {') as [string, string];
    const { path } = target.certificate;
    const sites = `${plain} {${site}\n${tls} {\ntls ${path} ${path}${site}`;
    const proxy = await Proxy.caddy(`${global}${sites}`, plain.replace('http://', ''));
    return { proxy, plain, tls };
  }

  const withExitCode = ([name, url, args, exitCode]: Transport): Transport => [
    name,
    url,
    args,
    abortsResponses ? exitCode : 0,
  ];
  testProxy(target, `Caddy ${version}`, start, [HTTP, HTTPS, HTTP_2].map(withExitCode));

  describe('with the configuration of its example', () => {
    let front: Front;
    beforeAll(async () => (front = await start()), TIMEOUT_MS);
    afterAll(() => front?.proxy.stop(), TIMEOUT_MS);

    it(
      'returns 426 to an HTTP/1.0 client for the export only',
      async () => {
        // Caddy rejects the ALPN protocol `http/1.0`, which curl would offer.
        const args = ['--http1.0', '--no-alpn'];
        for (const url of [front.plain, front.tls])
          await expectUpgradeForExportOnly(target, url, args, '1.0');
      },
      TIMEOUT_MS,
    );

    it(
      'passes trailers on',
      async () => {
        await target.ready(front.tls, ['--http2']);
        const args = ['--http2', '-H', 'TE: trailers'];
        const text = await target.response(front.tls, args, `${PATH}?date_to=1970-01-01`);
        expect(text).toMatch(/^x-export-rows: 0\r?$/im);
      },
      TIMEOUT_MS,
    );
  });
});
