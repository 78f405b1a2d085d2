import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { describeWith } from '@calls/testing';
import { Program } from '../program';
import { bearer } from '../start-api';
import { figure } from './figures';
import { RestartableApi } from './restartable-api';

/** Enough that a file exceeds all buffers between the API and ten clients. */
const CALLS = 60_000;
const KILLS = 5;
const DOWNLOADS_EACH = 10;
const TIMEOUT_MS = 120_000;
const PATH = '/api/v1/calls/export';
const { authorization } = bearer(1) as { authorization: string };

const FORMATS = ['ndjson', 'csv'] as const;
type Format = (typeof FORMATS)[number];

const README = readFileSync(resolve(__dirname, '../../../../docs/api.md'), 'utf8');

/** The documented commands that continue a truncated file. */
function commandsFor(format: Format): string {
  const blocks = [...README.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => lines as string);
  const found = blocks.filter((block) => block.includes(`calls.${format})`));
  if (found.length !== 1) {
    throw new Error(`One documented block must continue calls.${format}, found ${found.length}`);
  }
  return found[0] as string;
}

/** A download into its own directory. */
interface Download {
  readonly format: Format;
  readonly directory: string;
  readonly file: string;
}

describeWith(['curl', 'perl'], 'A truncated download', () => {
  let api: RestartableApi;
  const complete = {} as Record<Format, Buffer>;
  const directories: string[] = [];
  const running = new Set<ChildProcess>();
  const start = () => api.start({ EXPORT_MAX_PER_ACCOUNT: String(DOWNLOADS_EACH) });
  const urlOf = (format: Format) => `${api.url}${PATH}?format=${format}`;

  beforeAll(async () => {
    api = await RestartableApi.create(CALLS);
    await api.dataSource.query(
      `UPDATE assistants SET name = E'"Bot"\r\n' || id || repeat(E',"line"\n', 15) || '"'`,
    );
    await api.dataSource.query(
      `UPDATE calls SET customer_phone_number = E'"\r\n' || id || E'\\\\"\n' WHERE id % 3 = 0`,
    );
    await start();
    for (const format of FORMATS) {
      const response = await fetch(urlOf(format), { headers: { authorization } });
      complete[format] = Buffer.from(await response.arrayBuffer());
    }
  }, TIMEOUT_MS);
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    Program.killAll();
    await api?.remove();
    for (const directory of directories) rmSync(directory, { recursive: true });
  }, TIMEOUT_MS);

  function download(format: Format): Download {
    const directory = mkdtempSync(join(tmpdir(), 'continuing-'));
    directories.push(directory);
    return { format, directory, file: join(directory, `calls.${format}`) };
  }

  function run(
    { format, directory }: Download,
    program: string,
    args: string[],
  ): { readonly stdout: Readable; readonly status: Promise<number> } {
    const child = spawn(program, args, {
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        url: urlOf(format),
        TOKEN: authorization.replace('Bearer ', ''),
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    running.add(child);
    const status = once(child, 'close').then(([code]: number[]) => {
      running.delete(child);
      return code as number;
    });
    return { stdout: child.stdout, status };
  }

  /**
   * Downloads a file, pausing after `bytes` until `aborted` resolves.
   *
   * @param received is called when the download pauses.
   * @returns the exit status of curl.
   */
  async function downloadUntil(
    into: Download,
    bytes: number,
    received: () => void,
    aborted: Promise<unknown>,
  ): Promise<number> {
    const header = `Authorization: ${authorization}`;
    const args = ['--silent', '--fail', '--no-buffer', '-H', header, urlOf(into.format)];
    const { stdout, status } = run(into, 'curl', args);
    let length = 0;
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      appendFileSync(into.file, chunk);
      length += chunk.length;
      if (length < bytes) continue;
      received();
      await aborted;
    }
    return status;
  }

  async function expectContinued(truncated: Download): Promise<void> {
    const { stdout, status } = run(truncated, 'sh', ['-c', commandsFor(truncated.format)]);
    stdout.resume();
    expect(await status).toBe(0);
    expect(readFileSync(truncated.file).equals(complete[truncated.format])).toBe(true);
  }

  it(
    'is completed by the documented commands after SIGKILL of the API',
    async () => {
      const sizes: number[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const aborted = new Gate();
        const downloads = Array.from({ length: DOWNLOADS_EACH }, (_, n) => {
          const received = new Gate();
          const into = download(FORMATS[n % 2] as Format);
          const bytes = 1 + 50_000 * (KILLS * n + kill);
          const status = downloadUntil(into, bytes, received.open, aborted.opened);
          return { into, received, status };
        });
        for (const { received } of downloads) await received.opened;
        await api.kill();
        aborted.open();
        for (const { into, status } of downloads) {
          expect(await status).not.toBe(0);
          const { length } = readFileSync(into.file);
          expect(length).toBeLessThan(complete[into.format].length);
          sizes.push(length);
        }
        await start();
        for (const { into } of downloads) await expectContinued(into);
      }
      expect(new Set(sizes).size).toBeGreaterThan(sizes.length / 2);
      const megabytes = [Math.min(...sizes), Math.max(...sizes)].map((n) => (n / 1e6).toFixed(1));
      figure(
        `SIGKILL of the API during ${sizes.length} downloads, NDJSON and CSV, each continued after its ` +
          'last complete row',
        `truncated at ${megabytes.join(' to ')} MB; each joined file equals an uninterrupted one`,
      );
    },
    TIMEOUT_MS,
  );

  it.each(FORMATS)(
    'is completed by the documented commands wherever it ends, in %s',
    async (format) => {
      const file = complete[format];
      const cuts = [0, 1];
      // Before, inside and after line ends, some of them in a quoted text, and after a quotation mark.
      for (let at = 0; cuts.length < 12;) {
        at = file.indexOf('\n', at) + 1;
        cuts.push(at - 2, at - 1, at, file.indexOf('"', at) + 1);
      }
      for (const cut of new Set(cuts)) {
        const truncated = download(format);
        writeFileSync(truncated.file, file.subarray(0, cut));
        await expectContinued(truncated);
      }
    },
    TIMEOUT_MS,
  );
});

/** A promise that is resolved from outside. */
class Gate {
  open!: () => void;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}
