import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith, until } from '@calls/testing';
import { Curl } from '../curl';
import { Program } from '../program';
import { bearer } from '../start-api';
import { figure } from './figures';
import { RestartableApi } from './restartable-api';

const CALLS = 300_000;
const TIMEOUT_MS = 60_000;
const DOWNLOADED_WITHIN_MS = 10_000;
/** How much of the file is there when the API is killed. */
const TRUNCATED_AT = 2_000_000;
const PATH = '/api/v1/calls/export';
const { authorization } = bearer(1) as { authorization: string };
const header = `Authorization: ${authorization}`;

/** Rate limits make the commands slow enough to abort. */
const WGET = ['wget', '--quiet', '--output-document=file', `--header=${header}`];
const SLOW_WGET = [...WGET, '--limit-rate=8m'];
const CURL = ['curl', '--silent', '--fail', '--output', 'file', '--header', header];
const SLOW_CURL = [...CURL, '--limit-rate', '8M'];
const ARIA2 = ['aria2c', '--quiet', '--no-conf', '--out=file', `--header=${header}`];
const SLOW_ARIA2 = [...ARIA2, '--max-download-limit=8M', '--file-allocation=none'];

/** A first attempt, and the command that resumes it. */
const TWICE: [name: string, first: string[], then: string[]][] = [
  ['wget -c', [...SLOW_WGET, '--tries=1'], [...WGET, '--tries=1', '--continue']],
  ['curl -C -', SLOW_CURL, [...CURL, '--continue-at', '-']],
  ['aria2c', [...SLOW_ARIA2, '--max-tries=1'], [...ARIA2, '--max-tries=1']],
  ['aria2c -c', [...SLOW_ARIA2, '--max-tries=1'], [...ARIA2, '--max-tries=1', '--continue']],
  [
    'aria2c -c --allow-overwrite',
    [...SLOW_ARIA2, '--max-tries=1'],
    [...ARIA2, '--max-tries=1', '--continue', '--allow-overwrite'],
  ],
];

/** Commands that retry by themselves. */
const RETRIES: [name: string, command: string[]][] = [
  ['wget', [...SLOW_WGET, '--tries=20', '--waitretry=1', '--retry-connrefused']],
  ['wget -c', [...SLOW_WGET, '--tries=20', '--waitretry=1', '--retry-connrefused', '-c']],
  ['curl --retry', [...SLOW_CURL, '--retry', '20', '--retry-delay', '1', '--retry-all-errors']],
  [
    'curl -C - --retry',
    [...SLOW_CURL, '-C', '-', '--retry', '20', '--retry-delay', '1', '--retry-all-errors'],
  ],
  ['aria2c', [...SLOW_ARIA2, '--max-tries=20', '--retry-wait=1']],
  ['aria2c -c', [...SLOW_ARIA2, '--max-tries=20', '--retry-wait=1', '--continue']],
];

describeWith(['wget', 'aria2c'], 'A client that resumes a truncated file', () => {
  let api: RestartableApi;
  let directory: string;
  const running = new Set<ChildProcess>();
  const file = () => join(directory, 'file');

  beforeAll(async () => {
    api = await RestartableApi.create(CALLS);
  }, TIMEOUT_MS);
  afterAll(async () => {
    Program.killAll();
    await api?.remove();
  }, TIMEOUT_MS);
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'resuming-'));
    await api.start();
  });
  afterEach(async () => {
    for (const child of running) child.kill('SIGKILL');
    await api.kill();
    rmSync(directory, { recursive: true });
  });

  /** @returns the exit status. */
  async function run([program, ...args]: string[]): Promise<number> {
    const url = `${api.url}${PATH}`;
    const child = spawn(program as string, [...args, url], { cwd: directory, stdio: 'ignore' });
    running.add(child);
    const [status] = await once(child, 'exit');
    running.delete(child);
    return status;
  }

  /** Kills the API during the export, and changes the first call, so that a new file differs. */
  async function abortExport(): Promise<void> {
    await until(
      () => existsSync(file()) && statSync(file()).size >= TRUNCATED_AT,
      DOWNLOADED_WITHIN_MS,
    );
    await api.kill();
    await api.dataSource.query(
      `UPDATE calls SET customer_phone_number = '+1' || floor(1e9 + random() * 1e9)::bigint
       WHERE id = (SELECT min(id) FROM calls WHERE account_id = 1)`,
    );
  }

  /** Expects an error or the complete file. */
  async function expectNoSplice(what: string, status: number): Promise<void> {
    const { sha256 } = await new Curl(`${api.url}${PATH}`, authorization).finish();
    // aria2c does not overwrite an existing file, but picks another name.
    const [name] = ['file.1', 'file'].filter((each) => existsSync(join(directory, each)));
    if (status === 0) expect(hashOf(join(directory, name as string))).toBe(sha256);
    figure(
      `SIGKILL of the API, a changed call, a restart; ${what}`,
      status === 0
        ? `the complete file, from the start${name === 'file' ? '' : ', beside the truncated one'}`
        : `exits with ${status}`,
    );
  }

  it.each(TWICE)(
    'gets an error or the complete file: %s after a first attempt',
    async (name, first, then) => {
      const aborted = run(first);
      await abortExport();
      expect(await aborted).not.toBe(0);
      expect(statSync(file()).size).toBeGreaterThanOrEqual(TRUNCATED_AT);
      await api.start();
      await expectNoSplice(`then \`${name}\``, await run(then));
    },
    TIMEOUT_MS,
  );

  it.each(RETRIES)(
    'gets an error or the complete file: %s that retries by itself',
    async (name, command) => {
      const finished = run(command);
      await abortExport();
      await api.start();
      await expectNoSplice(`\`${name}\` retries by itself`, await finished);
    },
    TIMEOUT_MS,
  );

  it('gets 412 and the reason for a range that does not start at 0', async () => {
    const get = (range: string) =>
      fetch(`${api.url}${PATH}`, { headers: { authorization, range } });
    const complete = await get('bytes=0-');
    expect(complete.status).toBe(200);
    await complete.body?.cancel();
    const part = await get('bytes=1000-');
    expect(part.status).toBe(412);
    expect(((await part.json()) as { message: string }).message).toMatch(/range/i);
  });
});

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
