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
const BREAKS_WITHIN_MS = 10_000;
/** How much of a file there is when it breaks off. */
const BROKEN_AT = 2_000_000;
const PATH = '/api/v1/calls/export';
const { authorization } = bearer(1) as { authorization: string };
const header = `Authorization: ${authorization}`;

/** Slow enough to be stopped in the middle. */
const WGET = ['wget', '--quiet', '--output-document=file', `--header=${header}`];
const SLOW_WGET = [...WGET, '--limit-rate=8m'];
const CURL = ['curl', '--silent', '--fail', '--output', 'file', '--header', header];
const SLOW_CURL = [...CURL, '--limit-rate', '8M'];
const ARIA2 = ['aria2c', '--quiet', '--no-conf', '--out=file', `--header=${header}`];
const SLOW_ARIA2 = [...ARIA2, '--max-download-limit=8M', '--file-allocation=none'];

/** A first attempt that breaks off, and the command that goes on from there. */
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

/** What tries again by itself. */
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

describeWith(['wget', 'aria2c'], 'A client that resumes a broken file', () => {
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

  /** @returns its exit status. */
  async function run([program, ...args]: string[]): Promise<number> {
    const url = `${api.url}${PATH}`;
    const child = spawn(program as string, [...args, url], { cwd: directory, stdio: 'ignore' });
    running.add(child);
    const [status] = await once(child, 'exit');
    running.delete(child);
    return status;
  }

  /**
   * Stops the API in the middle of the file and changes the first call, so that the rest of another export does not fit what is
   * there.
   */
  async function breakOff(): Promise<void> {
    await until(() => existsSync(file()) && statSync(file()).size >= BROKEN_AT, BREAKS_WITHIN_MS);
    await api.kill();
    await api.dataSource.query(
      `UPDATE calls SET customer_phone_number = '+1' || floor(1e9 + random() * 1e9)::bigint
       WHERE id = (SELECT min(id) FROM calls WHERE account_id = 1)`,
    );
  }

  /** Either an error or the whole file. */
  async function expectNoSplice(what: string, status: number): Promise<void> {
    const { sha256 } = await new Curl(`${api.url}${PATH}`, authorization).finish();
    // aria2c leaves a file that is there alone, and takes another name.
    const [name] = ['file.1', 'file'].filter((each) => existsSync(join(directory, each)));
    if (status === 0) expect(hashOf(join(directory, name as string))).toBe(sha256);
    figure(
      `SIGKILL of the API in the middle, a call changed, the API started again: ${what}`,
      status === 0
        ? `the whole file, from the start${name === 'file' ? '' : ', beside the half'}`
        : `exit status ${status}`,
    );
  }

  it.each(TWICE)(
    'gets an error or a whole file: %s after a first attempt',
    async (name, first, then) => {
      const broken = run(first);
      await breakOff();
      expect(await broken).not.toBe(0);
      expect(statSync(file()).size).toBeGreaterThanOrEqual(BROKEN_AT);
      await api.start();
      await expectNoSplice(`\`${name}\` after a first attempt`, await run(then));
    },
    TIMEOUT_MS,
  );

  it.each(RETRIES)(
    'gets an error or a whole file: %s that tries again by itself',
    async (name, command) => {
      const finished = run(command);
      await breakOff();
      await api.start();
      await expectNoSplice(`\`${name}\`, which tries again by itself`, await finished);
    },
    TIMEOUT_MS,
  );

  it('is refused a part of a file, and told why', async () => {
    const get = (range: string) =>
      fetch(`${api.url}${PATH}`, { headers: { authorization, range } });
    const whole = await get('bytes=0-');
    expect(whole.status).toBe(200);
    await whole.body?.cancel();
    const part = await get('bytes=1000-');
    expect(part.status).toBe(412);
    expect(((await part.json()) as { message: string }).message).toMatch(/range/i);
  });
});

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
