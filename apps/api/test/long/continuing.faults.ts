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

/** Their file is larger than all buffers between the API and ten clients. */
const CALLS = 60_000;
const KILLS = 5;
const DOWNLOADS_EACH = 10;
const TIMEOUT_MS = 120_000;
const PATH = '/api/v1/calls/export';
const { authorization } = bearer(1) as { authorization: string };

const FORMATS = ['ndjson', 'csv'] as const;
type Format = (typeof FORMATS)[number];

const README = readFileSync(resolve(__dirname, '../../../../docs/api.md'), 'utf8');

/** The lines of the README that continue a file of a format. */
function linesOf(format: Format): string {
  const blocks = [...README.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => lines as string);
  const [lines, ...others] = blocks.filter((block) => block.includes(`calls.${format})`));
  if (lines === undefined || others.length > 0) throw new Error(`Which lines continue ${format}?`);
  return lines;
}

/** A download into a directory of its own. */
interface Download {
  readonly format: Format;
  readonly directory: string;
  readonly file: string;
}

describeWith(['curl', 'perl'], 'A download that broke off', () => {
  let api: RestartableApi;
  const whole = {} as Record<Format, Buffer>;
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
      whole[format] = Buffer.from(await response.arrayBuffer());
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
   * Takes so many bytes of a file, and the rest after it was broken off.
   *
   * @param taken is called when there are so many.
   * @returns the exit status of curl.
   */
  async function breakAt(
    into: Download,
    bytes: number,
    taken: () => void,
    broken: Promise<unknown>,
  ): Promise<number> {
    const header = `Authorization: ${authorization}`;
    const args = ['--silent', '--fail', '--no-buffer', '-H', header, urlOf(into.format)];
    const { stdout, status } = run(into, 'curl', args);
    let length = 0;
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      appendFileSync(into.file, chunk);
      length += chunk.length;
      if (length < bytes) continue;
      taken();
      await broken;
    }
    return status;
  }

  async function expectWhole(broken: Download): Promise<void> {
    const { stdout, status } = run(broken, 'sh', ['-c', linesOf(broken.format)]);
    stdout.resume();
    expect(await status).toBe(0);
    expect(readFileSync(broken.file).equals(whole[broken.format])).toBe(true);
  }

  it(
    "is continued by the README's lines after SIGKILL of the API",
    async () => {
      const sizes: number[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const broken = new Gate();
        const downloads = Array.from({ length: DOWNLOADS_EACH }, (_, n) => {
          const taken = new Gate();
          const into = download(FORMATS[n % 2] as Format);
          const bytes = 1 + 50_000 * (KILLS * n + kill);
          return { into, taken, status: breakAt(into, bytes, taken.open, broken.opened) };
        });
        for (const { taken } of downloads) await taken.opened;
        await api.kill();
        broken.open();
        for (const { into, status } of downloads) {
          expect(await status).not.toBe(0);
          const { length } = readFileSync(into.file);
          expect(length).toBeLessThan(whole[into.format].length);
          sizes.push(length);
        }
        await start();
        for (const { into } of downloads) await expectWhole(into);
      }
      expect(new Set(sizes).size).toBeGreaterThan(sizes.length / 2);
      const megabytes = [Math.min(...sizes), Math.max(...sizes)].map((n) => (n / 1e6).toFixed(1));
      figure(
        `SIGKILL of the API in the middle of ${sizes.length} downloads, NDJSON and CSV, each continued behind its last whole row`,
        `broken off at ${megabytes.join(' to ')} MB; each joined file is the one that did not break off`,
      );
    },
    TIMEOUT_MS,
  );

  it.each(FORMATS)(
    'is continued wherever it broke off, in %s',
    async (format) => {
      const file = whole[format];
      const cuts = [0, 1];
      // Before, in and behind line ends, some of which are within a text, and at a quotation mark.
      for (let at = 0; cuts.length < 12;) {
        at = file.indexOf('\n', at) + 1;
        cuts.push(at - 2, at - 1, at, file.indexOf('"', at) + 1);
      }
      for (const cut of new Set(cuts)) {
        const broken = download(format);
        writeFileSync(broken.file, file.subarray(0, cut));
        await expectWhole(broken);
      }
    },
    TIMEOUT_MS,
  );
});

/** Something that others wait for. */
class Gate {
  open!: () => void;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}
