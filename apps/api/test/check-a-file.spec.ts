// @needs curl, openssl, sha256sum
import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, TIMEOUT_MS } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { LISTENING, Program } from './program';
import { accountToken, bearer, SECRET } from './start-api';
import { readWorkspaceFile } from './workspace';

const CALLS = 1_000;

const PAGE = readWorkspaceFile('docs/api.md');
const [SECTION = ''] = /^## Check a file\n[^]*?(?=^## )/m.exec(PAGE) ?? [];
/** The commands that the section shows. */
const [FIND_IN_LOG = '', DOWNLOAD_AND_CHECK = ''] = Array.from(
  SECTION.matchAll(/^```sh\n([^]*?)^```$/gm),
  ([, commands]) => commands as string,
);
const CHECK = DOWNLOAD_AND_CHECK.slice(DOWNLOAD_AND_CHECK.indexOf('\ndigest='));

afterAll(() => Program.killAll());

describe('The commands of docs/api.md, "Check a file",', () => {
  describeEachDatabase('work', dataSourceOptions, (database) => {
    let directory: string;
    beforeAll(() => seedCalls(database.dataSource, 1, CALLS), TIMEOUT_MS);
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'check-a-file-spec-'));
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    it.each([
      ['production', '', `"export":"completed"`],
      ['production', ' --compressed', `"export":"completed"`],
      ['development', '', `export: 'completed'`],
    ])(
      'with the log of %s and curl%s',
      async (NODE_ENV, how, completed) => {
        const settings = { PORT: '0', DATABASE_URL: database.url, JWT_SECRET: SECRET };
        const api = new Program('main', { ...settings, NODE_ENV }, directory);
        const url = await api.printed(LISTENING);
        const run = async (commands: string) => {
          const adapted = commands
            .replace('http://127.0.0.1:3000', url)
            .replace('curl', `curl${how}`);
          const env = { ...process.env, TOKEN: accountToken(1) };
          return (
            await promisify(execFile)('bash', ['-ec', adapted], { cwd: directory, env })
          ).stdout.trim();
        };

        // Another export, whose log line must not match.
        await fetch(`${url}/api/v1/calls/export?status=busy`, { headers: bearer(1) }).then(
          (other) => other.text(),
        );
        expect(await run(DOWNLOAD_AND_CHECK)).toMatch(
          /^unencoded-digest: sha-256=:.*:\s+The file is complete$/i,
        );
        expect(await api.stop()).toBe(0);
        writeFileSync(join(directory, 'api.log'), api.output);
        const found = await run(FIND_IN_LOG);
        expect(found.split('\n')).toEqual([expect.stringContaining(completed)]);
        expect(found).toMatch(new RegExp(`rows"?: ?${CALLS},`));

        appendFileSync(join(directory, 'calls_export.csv'), '\n');
        await expect(run(CHECK)).rejects.toMatchObject({ code: 1 });
        await expect(run(FIND_IN_LOG)).rejects.toMatchObject({ code: 1 });
        rmSync(join(directory, 'calls_export.csv'));
        await expect(run(CHECK)).rejects.toMatchObject({ code: 1 });
        await expect(run(FIND_IN_LOG)).rejects.toMatchObject({ code: 1 });
      },
      TIMEOUT_MS,
    );
  });
});
