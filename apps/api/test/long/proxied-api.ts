import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { until } from '@calls/testing';
import { Curl, type CurlResult } from '../curl';
import { Program } from '../program';
import { bearer } from '../start-api';
import { type Certificate, createCertificate, Proxy } from './proxy';
import { RestartableApi } from './restartable-api';

/** Enough that the file exceeds all buffers between the API and the client. */
export const CALLS = 300_000;
export const TIMEOUT_MS = 180_000;
export const PATH = '/api/v1/calls/export';
export const { authorization } = bearer(1) as { authorization: string };
const STALL_MS = 500;

/** curl's exit status for an HTTP/1.1 response without its last chunk. */
export const PARTIAL_FILE = 18;
/** curl's exit status for an HTTP/2 stream that was reset. */
export const STREAM_RESET = 92;

/** A running proxy and its URLs. */
export interface Front {
  readonly proxy: Proxy;
  readonly plain: string;
  readonly tls: string;
}

type Fault = [
  what: string,
  stop: (api: RestartableApi) => unknown,
  start: (api: RestartableApi) => unknown,
];
export const SIGKILL: Fault = ['SIGKILL of the API', (api) => api.kill(), (api) => api.start()];
/** What aborts an export, and how to recover from it. */
export const FAULTS: Fault[] = [
  SIGKILL,
  [
    'PostgreSQL down for longer than EXPORT_RETRY_TIMEOUT',
    (api) => api.cluster.stop('immediate'),
    (api) => api.cluster.start(),
  ],
];

/** Sets the request ID, by which a test finds the request in the log. */
export const requestId = (id: string) => ['-H', `X-Request-Id: ${id}`];

/**
 * The API behind a proxy, and its complete export. The constructor adds hooks to the enclosing `describe`.
 */
export class ProxiedApi {
  api!: RestartableApi;
  complete!: CurlResult;
  certificate!: Certificate;

  constructor() {
    beforeAll(async () => {
      this.certificate = createCertificate();
      this.api = await RestartableApi.create(CALLS);
      await this.api.start();
      this.complete = await this.curl(this.api.url).finish();
      expect(this.complete.exitCode).toBe(0);
    }, TIMEOUT_MS);
    afterAll(async () => {
      Proxy.killAll();
      Program.killAll();
      await this.api?.remove();
      this.certificate?.remove();
    }, TIMEOUT_MS);
  }

  curl(url: string, args: string[] = []): Curl {
    return new Curl(`${url}${PATH}`, authorization, ['--insecure', ...args]);
  }

  /** The status line, the headers and the body as curl prints them. */
  async response(url: string, args: string[], path = PATH): Promise<string> {
    const fixed = ['--silent', '--insecure', '--include', '-H', `Authorization: ${authorization}`];
    return (await promisify(execFile)('curl', [...fixed, ...args, `${url}${path}`])).stdout;
  }

  /** The status code for a path that curl does not normalize. */
  async status(url: string, args: string[], path = PATH): Promise<string> {
    const quiet = ['--output', '/dev/null', '--write-out', '\n%{http_code}', '--path-as-is'];
    return (await this.response(url, [...quiet, ...args], path)).split('\n').at(-1) as string;
  }

  /** Waits for HAProxy's next health check: after a failure, it forwards no requests until then. */
  ready(url: string, args: string[] = []): Promise<void> {
    const isReady = async () =>
      /^HTTP\S+ 200/.test(await this.response(url, args, '/health/ready'));
    return until(isReady, TIMEOUT_MS);
  }

  /** Starts a download, and leaves the rest unread so that all buffers fill up. */
  async stalled(url: string, args: string[] = []): Promise<Curl> {
    const running = await this.curl(url, args).begin();
    await sleep(STALL_MS);
    return running;
  }

  /** Downloads a file that a fault truncates, and recovers from the fault. */
  async truncated(url: string, args: string[], [, stop, start]: Fault): Promise<CurlResult> {
    await this.ready(url, args);
    const id = randomUUID();
    const running = await this.stalled(url, [...args, ...requestId(id)]);
    expect(this.api.lineOf(id)).toBeUndefined();
    await stop(this.api);
    try {
      const result = await running.finish();
      expect(result.bytes).toBeLessThan(this.complete.bytes);
      return result;
    } finally {
      await start(this.api);
    }
  }
}

/** Checks the 426 response to an export over HTTP/1.0, and returns its body. */
export function expectUpgrade(text: string): { message: string } {
  expect(text).toMatch(/^HTTP\/1\.[01] 426 /);
  expect(text).toMatch(/^upgrade: HTTP\/1\.1\r$/im);
  const [, body] = text.split('\r\n\r\n') as [string, string];
  expect(JSON.parse(body)).toMatchObject({ statusCode: 426, error: 'Upgrade Required' });
  return JSON.parse(body);
}

/** Checks that HTTP/1.0 gets a 426 for the export, however its path is spelled, but not for other paths. */
export async function expectUpgradeForExportOnly(
  target: ProxiedApi,
  url: string,
  args: string[],
  version: '1.0' | '1.1',
): Promise<void> {
  const { message } = expectUpgrade(await target.response(url, args));
  expect(message).toContain('HTTP/1.1');
  const otherSpelling = `${PATH.toUpperCase()}/?format=json`;
  expectUpgrade(await target.response(url, args, otherSpelling));
  const health = await target.response(url, args, '/health/ready');
  expect(health).toMatch(new RegExp(`^HTTP/${version.replace('.', '\\.')} 200 `));
}
