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
/** So many runs on one directory, the first of which makes the database. */
const RUNS_A_DIRECTORY = 10;
/** An account that is written to while the process is stopped, so many calls by each command, in one statement. */
const ACCOUNT = 9;
const BATCH = 500;
/** Time enough to start, to export and to write. */
const LATEST_MS = 6_000;
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
    `starts again with all of its data after each of ${RUNS} stops at random moments`,
    async () => {
      const stops: Record<string, number> = {};
      let written = 0;
      for (let run = 0; run < RUNS;) {
        const directory = mkdtempSync(join(tmpdir(), 'embedded-kills-'));
        let demo: { id: number }[] | undefined;
        let batches = 0;
        for (let inDirectory = 0; inDirectory < RUNS_A_DIRECTORY; inDirectory++, run++) {
          const signal = run % 2 === 0 ? 'SIGKILL' : 'SIGTERM';
          const program = new Program('main', { PORT: '0' }, directory);
          let isStopped = false;
          const deadline = sleep(randomInt(LATEST_MS));
          const checked = program.printed(LISTENING).then(async (url) => {
            const calls = await exported(url, 1);
            demo ??= calls;
            expect(calls).toEqual(demo);
            const added = await exported(url, ACCOUNT);
            // What a command has said it has added is there, and what was stopped is there as a whole or not at all.
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
          // The last run on a directory is given the time to check it.
          const isLast = inDirectory === RUNS_A_DIRECTORY - 1;
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
        // The last command may have been stopped behind its work, before it could say so.
        const left = (await exported(url, ACCOUNT)).length - batches * BATCH;
        expect([0, BATCH]).toContain(left);
        expect(await program.stop()).toBe(0);
        rmSync(directory, { recursive: true });
      }
      figure(
        `The embedded database: ${RUNS} runs on ${RUNS / RUNS_A_DIRECTORY} directories, stopped at random moments within ${LATEST_MS / 1000} s (${Object.entries(
          stops,
        )
          .map(([signal, count]) => `${count} × ${signal}`)
          .join(', ')}), some while it was created and most while it was written to`,
        `each start had all data: the demo calls unchanged, and the ${written} batches that were acknowledged`,
      );
    },
    TIMEOUT_MS,
  );
});
