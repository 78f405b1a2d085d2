import { randomUUID } from 'node:crypto';
import { until } from '@calls/testing';
import { Download } from '../download';
import { figure } from './figures';
import {
  authorization,
  FAULTS,
  type Front,
  PARTIAL_FILE,
  PATH,
  type ProxiedApi,
  requestId,
  STREAM_RESET,
  TIMEOUT_MS,
} from './proxied-api';

const SOON_MS = 2_000;

/** @param exitCode curl's exit status for a truncated file. */
export type Transport = [
  name: string,
  url: (front: Front) => string,
  args: string[],
  exitCode: number,
];
export const HTTP: Transport = ['HTTP/1.1', ({ plain }) => plain, [], PARTIAL_FILE];
export const HTTPS: Transport = ['HTTPS/1.1', ({ tls }) => tls, ['--http1.1'], PARTIAL_FILE];
export const HTTP_2: Transport = ['HTTP/2', ({ tls }) => tls, ['--http2'], STREAM_RESET];

/** Paths by which a client may try to reach `/metrics`. */
const METRICS = [
  '/metrics',
  '/METRICS',
  '/metrics/',
  '//metrics',
  '/metrics;x',
  '/metrics%2f',
  '/%6Detrics',
  '/%256Detrics',
  '/./metrics',
  '/x/../metrics',
  '/x/%2e%2e/metrics',
  '/metrics?x=/api/v1/calls/export',
  '/api/v1/calls/export/../../../../metrics',
];

/** Adds the tests that every proxy must pass with the configuration of its example. */
export function testProxy(
  target: ProxiedApi,
  name: string,
  start: () => Promise<Front>,
  transports: Transport[],
): void {
  let front: Front;
  beforeAll(async () => (front = await start()), TIMEOUT_MS);
  afterAll(() => front?.proxy.stop(), TIMEOUT_MS);

  describe.each(transports)('over %s', (transport, url, args, exitCode) => {
    it(
      'delivers the complete file',
      async () => {
        const { complete } = target;
        await target.ready(url(front), args);
        expect(await target.curl(url(front), args).finish()).toEqual(complete);
        const decoded = await target.curl(url(front), ['--compressed', ...args]).finish();
        expect(decoded).toEqual(complete);
        const gzip = target.curl(url(front), ['-H', 'Accept-Encoding: gzip', ...args]);
        expect((await gzip.finish()).bytes).toBeLessThan(complete.bytes / 2);
      },
      TIMEOUT_MS,
    );

    it.each(FAULTS)(
      `truncates the file, and curl exits with ${exitCode}: %s`,
      async (...fault) => {
        expect(await target.truncated(url(front), args, fault)).toMatchObject({ exitCode });
        figure(
          `${name}, ${transport} to the client: ${fault[0]}`,
          exitCode === 0
            ? 'a truncated file, and `curl` exits with 0: use a newer version'
            : `\`curl\` exits with ${exitCode}`,
        );
      },
      TIMEOUT_MS,
    );
  });

  it(
    'closes its connection to the API when the client disconnects',
    async () => {
      await target.ready(front.plain);
      const id = randomUUID();
      const headers = { authorization, 'x-request-id': id };
      const download = await Download.open(`${front.plain}${PATH}`, headers);
      download.abort();
      await until(() => target.api.lineOf(id) !== undefined, SOON_MS);
      expect(target.api.lineOf(id)).toMatchObject({ export: 'aborted' });
    },
    TIMEOUT_MS,
  );

  it(
    'streams the file without storing it',
    async () => {
      await target.ready(front.plain);
      const id = randomUUID();
      const running = await target.stalled(front.plain, requestId(id));
      expect(target.api.lineOf(id)).toBeUndefined();
      expect(front.proxy.log()).not.toContain('temporary file');
      expect(await running.finish()).toEqual(target.complete);
    },
    TIMEOUT_MS,
  );

  it(
    'does not expose the metrics',
    async () => {
      await target.api.kill();
      await target.api.start({ METRICS: 'true' });
      expect(await target.status(target.api.url, [], '/metrics')).toBe('200');
      for (const [, url, args] of transports) {
        await target.ready(url(front), args);
        for (const path of METRICS)
          expect([path, await target.status(url(front), args, path)]).not.toEqual([path, '200']);
      }
      const absolute = ['--request-target', `${front.plain}/metrics`];
      expect(await target.status(front.plain, absolute)).toBe('404');
    },
    TIMEOUT_MS,
  );
}
