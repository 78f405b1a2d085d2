import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signToken } from '@calls/auth';
import { DEMO_JWT_SECRET } from '../../src/token-settings';
import { LISTENING, Program } from '../program';
import { figure } from './figures';

const RUNS = 50;
/** The first run in a directory creates the database. */
const RUNS_PER_DIRECTORY = 10;
/** The account that the `seed` command writes to until the process is stopped. */
const ACCOUNT = 9;
/** How many calls `seed` inserts, in one statement. */
const BATCH = 500;
/** Enough to start, export and write. */
const MAX_DELAY_MS = 6_000;
const TIMEOUT_MS = 900_000;

async function exported(url: string, account: number): Promise<{ id: number }[]> {
  const token = await signToken({ key: { secret: DEMO_JWT_SECRET } }, account, 600);
  const response = await fetch(`${url}/api/v1/calls/export?format=json`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  return (await response.json()) as { id: number }[];
}

describe('The API with the embedded database', () => {
  afterAll(() => Program.killAll());

  it(
    `restarts with all its data after each of ${RUNS} stops at random moments`,
    async () => {
      const stops: Record<string, number> = {};
      let written = 0;
      for (let run = 0; run < RUNS;) {
        const directory = mkdtempSync(join(tmpdir(), 'embedded-kills-'));
        let demo: { id: number }[] | undefined;
        let batches = 0;
        for (let inDirectory = 0; inDirectory < RUNS_PER_DIRECTORY; inDirectory++, run++) {
          const signal = run % 2 === 0 ? 'SIGKILL' : 'SIGTERM';
          const program = new Program('main', { PORT: '0' }, directory);
          let isStopped = false;
          const deadline = sleep(randomInt(MAX_DELAY_MS));
          const checked = program.printed(LISTENING).then(async (url) => {
            const calls = await exported(url, 1);
            demo ??= calls;
            expect(calls).toEqual(demo);
            const added = await exported(url, ACCOUNT);
            // Acknowledged batches are there. An interrupted one is there completely or not at all.
            expect(added.length % BATCH).toBe(0);
            expect(added.length).toBeGreaterThanOrEqual(batches * BATCH);
            batches = added.length / BATCH;
            while (!isStopped) {
              const args = ['--account', String(ACCOUNT), '--calls', String(BATCH)];
              const seed = new Program('seed', {}, directory, args);
              if ((await seed.exitCode()) !== 0) return;
              batches++;
              written++;
            }
          });
          // The last run in a directory waits for the start, so that `demo` is set.
          const isLast = inDirectory === RUNS_PER_DIRECTORY - 1;
          const outcome = checked.then(
            () => undefined,
            (error: Error) => error,
          );
          await (isLast ? program.printed(LISTENING) : deadline);
          await deadline;
          isStopped = true;
          const exitCode = await program.stop(signal);
          const error = await outcome;
          if (error && !/fetch failed|terminated|ended without printing/.test(error.message))
            throw error;
          if (program.output.includes('Listening') && signal === 'SIGTERM')
            expect(exitCode).toBe(0);
          expect(program.output).not.toMatch(/ERROR|PANIC|corrupt/i);
          stops[signal] = (stops[signal] ?? 0) + 1;
        }
        const program = new Program('main', { PORT: '0' }, directory);
        const url = await program.printed(LISTENING);
        if (demo) expect(await exported(url, 1)).toEqual(demo);
        // The last batch may have been committed without being acknowledged.
        const left = (await exported(url, ACCOUNT)).length - batches * BATCH;
        expect([0, BATCH]).toContain(left);
        expect(await program.stop()).toBe(0);
        rmSync(directory, { recursive: true });
      }
      const signals = Object.entries(stops).map(([signal, count]) => `${count} × ${signal}`);
      figure(
        `The embedded database: ${RUNS} runs on ${RUNS / RUNS_PER_DIRECTORY} directories, stopped at ` +
          `random moments within ${MAX_DELAY_MS / 1000} s (${signals.join(', ')}), some while it was ` +
          'being created and most while it was being written to',
        `each restart had all data: the sample calls unchanged, and the ${written} acknowledged batches`,
      );
    },
    TIMEOUT_MS,
  );
});
