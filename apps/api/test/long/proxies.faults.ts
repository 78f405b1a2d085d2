import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describeWith, freePort, until, versionOf } from '@calls/testing';
import { Curl, type CurlResult } from '../curl';
import { Download } from '../download';
import { Program } from '../program';
import { bearer } from '../start-api';
import { figure } from './figures';
import { type Certificate, createCertificate, example, Proxy, replaced } from './proxy';
import { RestartableApi } from './restartable-api';

/** Their file is larger than all buffers between the API and the client together. */
const CALLS = 300_000;
const TIMEOUT_MS = 180_000;
const SOON_MS = 2_000;
const STALL_MS = 500;
const WORKER_MEGABYTES = 64;

/** curl's exit status for a response over HTTP/1.1 that ends without its last chunk. */
const PARTIAL_FILE = 18;
/** curl's exit status for a stream of HTTP/2 that was reset. */
const STREAM_RESET = 92;

const PATH = '/api/v1/calls/export';
const { authorization } = bearer(1) as { authorization: string };

let api: RestartableApi;
let whole: CurlResult;
let certificate: Certificate;

beforeAll(async () => {
  certificate = createCertificate();
  api = await RestartableApi.create(CALLS);
  await api.start();
  whole = await curl(api.url).finish();
  expect(whole.exitCode).toBe(0);
}, TIMEOUT_MS);

afterAll(async () => {
  Proxy.killAll();
  Program.killAll();
  await api?.remove();
  certificate?.remove();
}, TIMEOUT_MS);

function curl(url: string, args: string[] = []): Curl {
  return new Curl(`${url}${PATH}`, authorization, ['--insecure', ...args]);
}

/** The status line, the headers and the body as curl prints them. */
async function answer(url: string, args: string[], path = PATH): Promise<string> {
  const fixed = ['--silent', '--insecure', '--include', '-H', `Authorization: ${authorization}`];
  return (await promisify(execFile)('curl', [...fixed, ...args, `${url}${path}`])).stdout;
}

/** The status alone, for a path that is sent as it is. */
async function status(url: string, args: string[], path = PATH): Promise<string> {
  const quiet = ['--output', '/dev/null', '--write-out', '\n%{http_code}', '--path-as-is'];
  return (await answer(url, [...quiet, ...args], path)).split('\n').at(-1) as string;
}

/** After a failure HAProxy waits for its next check before it sends requests on. */
function ready(url: string, args: string[] = []): Promise<void> {
  const isReady = async () => /^HTTP\S+ 200/.test(await answer(url, args, '/health/ready'));
  return until(isReady, TIMEOUT_MS);
}

/** Gives a request an id, by which its line is found in the log. */
const named = (id: string) => ['-H', `X-Request-Id: ${id}`];

/** A download of which the client reads the first bytes only, so that all buffers are full. */
async function stalled(url: string, args: string[] = []): Promise<Curl> {
  const running = await curl(url, args).begin();
  await sleep(STALL_MS);
  return running;
}

/** What breaks a file in the middle, and what repairs it. */
const BREAKS: [what: string, stop: () => unknown, start: () => unknown][] = [
  ['SIGKILL of the API', () => api.kill(), () => api.start()],
  [
    'PostgreSQL away for longer than EXPORT_RETRY_TIMEOUT',
    () => api.cluster.stop('immediate'),
    () => api.cluster.start(),
  ],
];
const [KILL] = BREAKS as [(typeof BREAKS)[0]];

/** What curl gets of a file that breaks off in the middle. */
async function broken(
  url: string,
  args: string[],
  [, stop, start]: (typeof BREAKS)[number],
): Promise<CurlResult> {
  await ready(url, args);
  const id = randomUUID();
  const running = await stalled(url, [...args, ...named(id)]);
  expect(api.lineOf(id)).toBeUndefined();
  await stop();
  try {
    const result = await running.finish();
    expect(result.bytes).toBeLessThan(whole.bytes);
    return result;
  } finally {
    await start();
  }
}

/** A proxy and where it listens. */
interface Front {
  readonly proxy: Proxy;
  readonly plain: string;
  readonly tls: string;
}

type Transport = [name: string, url: (front: Front) => string, args: string[], exitCode: number];
const HTTP: Transport = ['HTTP/1.1', ({ plain }) => plain, [], PARTIAL_FILE];
const HTTPS: Transport = ['HTTPS/1.1', ({ tls }) => tls, ['--http1.1'], PARTIAL_FILE];
const HTTP_2: Transport = ['HTTP/2', ({ tls }) => tls, ['--http2'], STREAM_RESET];

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

/** What every proxy has to do with its example's configuration. */
function behaves(name: string, start: () => Promise<Front>, transports: Transport[]): void {
  let front: Front;
  beforeAll(async () => (front = await start()), TIMEOUT_MS);
  afterAll(() => front?.proxy.stop(), TIMEOUT_MS);

  describe.each(transports)('%s', (transport, url, args, exitCode) => {
    it(
      'passes the whole file on',
      async () => {
        await ready(url(front), args);
        expect(await curl(url(front), args).finish()).toEqual(whole);
        expect(await curl(url(front), ['--compressed', ...args]).finish()).toEqual(whole);
        const gzip = ['-H', 'Accept-Encoding: gzip', ...args];
        expect((await curl(url(front), gzip).finish()).bytes).toBeLessThan(whole.bytes / 2);
      },
      TIMEOUT_MS,
    );

    it.each(BREAKS)(
      'fails the download: %s',
      async (...how) => {
        expect(await broken(url(front), args, how)).toMatchObject({ exitCode });
        figure(
          `${name}, ${transport} to the client: ${how[0]}`,
          exitCode === 0
            ? "half a file, and curl's exit status 0: use a newer version"
            : `curl's exit status ${exitCode}`,
        );
      },
      TIMEOUT_MS,
    );
  });

  it(
    'tells the API when the client leaves',
    async () => {
      await ready(front.plain);
      const id = randomUUID();
      const headers = { authorization, 'x-request-id': id };
      const download = await Download.open(`${front.plain}${PATH}`, headers);
      download.abort();
      await until(() => api.lineOf(id) !== undefined, SOON_MS);
      expect(api.lineOf(id)).toMatchObject({ export: 'aborted' });
    },
    TIMEOUT_MS,
  );

  it(
    'passes the file on as it arrives',
    async () => {
      await ready(front.plain);
      const id = randomUUID();
      const running = await stalled(front.plain, named(id));
      expect(api.lineOf(id)).toBeUndefined();
      expect(front.proxy.log()).not.toContain('temporary file');
      expect(await running.finish()).toEqual(whole);
    },
    TIMEOUT_MS,
  );

  it(
    'keeps the metrics from the outside',
    async () => {
      await api.kill();
      await api.start({ METRICS: 'true' });
      expect(await status(api.url, [], '/metrics')).toBe('200');
      for (const [, url, args] of transports) {
        await ready(url(front), args);
        for (const path of METRICS)
          expect([path, await status(url(front), args, path)]).not.toEqual([path, '200']);
      }
      const absolute = ['--request-target', `${front.plain}/metrics`];
      expect(await status(front.plain, absolute)).toBe('404');
    },
    TIMEOUT_MS,
  );
}

/** What an export over HTTP/1.0 is answered with. */
function expectUpgrade(text: string): { message: string } {
  expect(text).toMatch(/^HTTP\/1\.[01] 426 /);
  expect(text).toMatch(/^upgrade: HTTP\/1\.1\r$/im);
  const [, body] = text.split('\r\n\r\n') as [string, string];
  expect(JSON.parse(body)).toMatchObject({ statusCode: 426, error: 'Upgrade Required' });
  return JSON.parse(body);
}

describeWith(['nginx', 'openssl'], 'nginx in front of the API', () => {
  async function start(changes: Record<string, string> = {}): Promise<Front> {
    const plain = `127.0.0.1:${await freePort()}`;
    const tls = `127.0.0.1:${await freePort()}`;
    const configuration = example('nginx/calls-export.conf', {
      '127.0.0.1:3000': `127.0.0.1:${api.port}`,
      'listen 443 ssl http2;': `listen ${plain}; listen ${tls} ssl http2;`,
      '/etc/ssl/certs/calls.example.com.pem': certificate.path,
      '/etc/ssl/private/calls.example.com.key': certificate.path,
    });
    const proxy = await Proxy.nginx(replaced(configuration, changes), plain);
    return { proxy, plain: `http://${plain}`, tls: `https://${tls}` };
  }

  /** Does something with an nginx that is configured otherwise than the example. */
  async function otherwise(
    changes: Record<string, string>,
    what: (front: Front) => Promise<void>,
  ): Promise<void> {
    const front = await start(changes);
    try {
      await what(front);
    } finally {
      await front.proxy.stop();
    }
  }

  behaves('nginx', start, [HTTP, HTTPS, HTTP_2]);

  it(
    'holds little of a file that the client does not read',
    () =>
      otherwise({}, async ({ proxy, tls }) => {
        const running = await stalled(tls, ['--http2']);
        const megabytes = proxy.workerMegabytes();
        expect(megabytes).toBeLessThan(WORKER_MEGABYTES);
        expect(await running.finish()).toEqual(whole);
        figure(
          'nginx, HTTP/2: a client that reads nothing',
          `the worker has ${Math.round(megabytes)} MB and no temporary file`,
        );
      }),
    TIMEOUT_MS,
  );

  it(
    'refuses a client of HTTP/1.0 the export, and nothing else',
    async () => {
      await otherwise({}, async ({ plain, tls }) => {
        for (const url of [plain, tls]) {
          const { message } = expectUpgrade(await answer(url, ['--http1.0']));
          expect(message).toContain('HTTP/1.1');
          expectUpgrade(await answer(url, ['--http1.0'], `${PATH.toUpperCase()}/?format=json`));
          const health = await answer(url, ['--http1.0'], '/health/ready');
          expect(health).toMatch(/^HTTP\/1\.1 200 /);
        }
      });
    },
    TIMEOUT_MS,
  );

  it(
    'would end a broken file like a complete one for a client of HTTP/1.0, if it did not refuse it',
    () =>
      otherwise({ '= HTTP/1.0': '= none' }, async ({ plain }) => {
        expect(await broken(plain, ['--http1.0'], KILL)).toMatchObject({ exitCode: 0 });
        figure(
          'nginx without the rule for HTTP/1.0, HTTP/1.0 to the client: SIGKILL of the API',
          "half a file, and curl's exit status 0: hence the rule",
        );
      }),
    TIMEOUT_MS,
  );

  it(
    'stores the file if it buffers, and the API knows nothing of a slow client',
    () =>
      otherwise({ 'proxy_buffering off': 'proxy_buffering on' }, async ({ proxy, plain }) => {
        const id = randomUUID();
        const running = await curl(plain, named(id)).begin();
        await until(() => api.lineOf(id) !== undefined, TIMEOUT_MS);
        expect(api.lineOf(id)).toMatchObject({ export: 'completed', rows: CALLS });
        expect(proxy.log()).toContain('temporary file');
        await api.kill();
        try {
          expect(await running.finish()).toEqual(whole);
        } finally {
          await api.start();
        }
        figure(
          'nginx with `proxy_buffering on`: a client that reads nothing',
          `the API logs \`completed\` at once, and nginx has the file of ${Math.round(whole.bytes / 1e6)} MB on disk; the client gets all of it, even after SIGKILL of the API`,
        );
      }),
    TIMEOUT_MS,
  );

  describe('that speaks HTTP/1.0 to the API, as a bare `proxy_pass` does before nginx 1.30', () => {
    // Stated, so that the test does not depend on nginx's version.
    const bare = { 'proxy_http_version 1.1': 'proxy_http_version 1.0' };

    it(
      'passes on that the API refuses it, and why',
      () =>
        otherwise(bare, async ({ plain, tls }) => {
          for (const text of [await answer(plain, []), await answer(tls, ['--http1.1'])])
            expect(expectUpgrade(text).message).toContain('proxy_http_version 1.1');
          // HTTP/2 has no Upgrade header, and nginx passes it on: an error, if without the sentence.
          await expect(answer(tls, ['--http2'])).rejects.toMatchObject({ code: STREAM_RESET });
        }),
      TIMEOUT_MS,
    );

    it(
      'ends a broken file like a complete one if EXPORT_HTTP_1_0 allows it',
      async () => {
        await api.kill();
        await api.start({ EXPORT_HTTP_1_0: 'true' });
        await otherwise(bare, async ({ plain }) => {
          expect(await curl(plain).finish()).toEqual(whole);
          expect(await broken(plain, [], KILL)).toMatchObject({ exitCode: 0 });
          figure(
            'nginx with `proxy_http_version 1.0`, and `EXPORT_HTTP_1_0=true`: SIGKILL of the API',
            "half a file, and curl's exit status 0; without the variable the answer is 426",
          );
        });
      },
      TIMEOUT_MS,
    );
  });
});

describeWith(['haproxy', 'openssl'], 'HAProxy in front of the API', () => {
  /** Since 2.7, "mux-h2: send a CANCEL instead of ES on truncated writes". */
  const [major = 0, minor = 0] = versionOf('haproxy');
  const version = `${major}.${minor}`;
  const resetsStreams = major > 2 || (major === 2 && minor >= 7);

  async function start(changes: Record<string, string> = {}): Promise<Front> {
    const plain = `127.0.0.1:${await freePort()}`;
    const tls = `127.0.0.1:${await freePort()}`;
    const configuration = example('haproxy/haproxy.cfg', {
      '127.0.0.1:3000': `127.0.0.1:${api.port}`,
      'bind :443': `bind ${plain}\n    bind ${tls}`,
      '/etc/haproxy/certs/calls.example.com.pem': certificate.path,
    });
    const proxy = await Proxy.haproxy(replaced(configuration, changes), plain);
    return { proxy, plain: `http://${plain}`, tls: `https://${tls}` };
  }

  behaves('HAProxy', start, [HTTP, HTTPS]);

  describe('as its example configures it', () => {
    let front: Front;
    beforeAll(async () => (front = await start()), TIMEOUT_MS);
    afterAll(() => front?.proxy.stop(), TIMEOUT_MS);

    it(
      'speaks no HTTP/2',
      async () => {
        await ready(front.tls);
        expect(await answer(front.tls, ['--http2'], '/health/live')).toMatch(/^HTTP\/1\.1 200 /);
      },
      TIMEOUT_MS,
    );

    it(
      'speaks HTTP/1.0 to the API for a client of HTTP/1.0, which the API refuses',
      async () => {
        await ready(front.plain);
        expectUpgrade(await answer(front.plain, ['--http1.0']));
        expectUpgrade(await answer(front.tls, ['--http1.0']));
      },
      TIMEOUT_MS,
    );
  });

  describe('with HTTP/2 to the client', () => {
    let front: Front;
    beforeAll(async () => (front = await start({ 'alpn http/1.1': 'alpn h2' })), TIMEOUT_MS);
    afterAll(() => front?.proxy.stop(), TIMEOUT_MS);

    const exitCode = resetsStreams ? STREAM_RESET : 0;

    it.each(BREAKS)(
      `${resetsStreams ? 'fails the download' : 'ends a broken file like a complete one'}: %s`,
      async (...how) => {
        expect(await broken(front.tls, ['--http2'], how)).toMatchObject({ exitCode });
        figure(
          `HAProxy ${version}, HTTP/2 to the client: ${how[0]}`,
          resetsStreams
            ? `curl's exit status ${exitCode}`
            : "half a file, and curl's exit status 0: hence `alpn http/1.1`",
        );
      },
      TIMEOUT_MS,
    );

    it(
      'passes on the number of calls, by which a client can check its file',
      async () => {
        await ready(front.tls, ['--http2']);
        expect(await answer(front.tls, ['--http2', '--head'])).toMatch(
          new RegExp(`^x-total-count: ${CALLS}\\r$`, 'm'),
        );
      },
      TIMEOUT_MS,
    );
  });
});

describeWith(['caddy', 'openssl'], 'Caddy in front of the API', () => {
  /** Since 2.7.6, "reverseproxy: panic when reading from backend failed to propagate stream error". */
  const [major = 0, minor = 0, patch = 0] = versionOf('caddy', 'version');
  const version = `${major}.${minor}.${patch}`;
  const breaks = major * 1e6 + minor * 1e3 + patch >= 2_007_006;

  async function start(): Promise<Front> {
    const plain = `http://127.0.0.1:${await freePort()}`;
    const tls = `https://127.0.0.1:${await freePort()}`;
    const configuration = example('caddy/Caddyfile', {
      '127.0.0.1:3000': `127.0.0.1:${api.port}`,
      'servers {': 'admin off\nauto_https disable_redirects\nservers {',
    });
    // Caddy wants a site for each, and the certificate where it can't get one itself.
    const [global, site] = configuration.split('calls.example.com {') as [string, string];
    const { path } = certificate;
    const sites = `${plain} {${site}\n${tls} {\ntls ${path} ${path}${site}`;
    const proxy = await Proxy.caddy(`${global}${sites}`, plain.replace('http://', ''));
    return { proxy, plain, tls };
  }

  const exits = ([name, url, args, exitCode]: Transport): Transport => [
    name,
    url,
    args,
    breaks ? exitCode : 0,
  ];
  behaves(`Caddy ${version}`, start, [HTTP, HTTPS, HTTP_2].map(exits));

  describe('as its example configures it', () => {
    let front: Front;
    beforeAll(async () => (front = await start()), TIMEOUT_MS);
    afterAll(() => front?.proxy.stop(), TIMEOUT_MS);

    it(
      'refuses a client of HTTP/1.0 the export, and nothing else',
      async () => {
        // Caddy knows no `http/1.0` in TLS, which curl would ask for.
        const args = ['--http1.0', '--no-alpn'];
        for (const url of [front.plain, front.tls]) {
          const { message } = expectUpgrade(await answer(url, args));
          expect(message).toContain('HTTP/1.1');
          expectUpgrade(await answer(url, args, `${PATH.toUpperCase()}/?format=json`));
          const health = await answer(url, args, '/health/ready');
          expect(health).toMatch(/^HTTP\/1\.0 200 /);
        }
      },
      TIMEOUT_MS,
    );

    it(
      'passes trailers on',
      async () => {
        await ready(front.tls, ['--http2']);
        const asked = ['--http2', '-H', 'TE: trailers'];
        const text = await answer(front.tls, asked, `${PATH}?date_to=1970-01-01`);
        expect(text).toMatch(/^x-export-rows: 0\r?$/im);
      },
      TIMEOUT_MS,
    );
  });
});
