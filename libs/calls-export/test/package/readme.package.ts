import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeEachDatabase, freePort } from '@calls/testing';
import { InstalledHosts, listen, ROOT, run, TIMEOUT_MS } from './installed-hosts';

/** Follows the README from an empty folder and an empty database. */
describeEachDatabase(
  'The quick start of the README',
  (url) => ({ type: 'postgres', url }),
  (database) => {
    let hosts: InstalledHosts;

    beforeAll(async () => {
      hosts = await InstalledHosts.create();
    }, TIMEOUT_MS);
    afterAll(() => hosts.remove(), TIMEOUT_MS);

    it(
      'results in a running app that prints the shown output',
      async () => {
        const port = await freePort();
        const readme = await readFile(join(ROOT, 'libs/calls-export/README.md'), 'utf8');
        const [beginning] = readme
          .replace('npm install nestjs-calls-export', `npm install ${hosts.tarball}`)
          .replace('postgres://localhost/calls', database.url)
          .replace('localhost:3000', `localhost:${port}`)
          .split('## The endpoint') as [string];
        const folder = join(hosts.folder, 'calls-app');
        await mkdir(folder);
        for (const [path, text] of filesOf(beginning)) {
          await mkdir(dirname(join(folder, path)), { recursive: true });
          await writeFile(join(folder, path), text);
        }
        const [install, serve, makeToken] = blocksOf(beginning, 'sh') as [string, string, string];
        const [session] = blocksOf(beginning, 'console') as [string];
        // npm needs the environment for its registry settings.
        const environment = { ...process.env, NODE_ENV: undefined };
        const shell = async (script: string) =>
          (await run('bash', ['-euc', script], { cwd: folder, env: environment })).stdout;

        await shell(install);
        const [, stop] = await listen('bash', ['-euc', serve], folder, {
          ...environment,
          PORT: `${port}`,
        });
        try {
          await database.dataSource.query(`
            INSERT INTO assistants (account_id, name) VALUES (1, 'Support Bot');
            INSERT INTO calls
              (account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at)
            VALUES
              (1, 'CA4b8f0d5c1e2a39768f0d5c1e2a397684', 1, '+15559876543', 'completed', 300, '2023-10-30 10:00Z', '2023-10-30 10:05Z'),
              (2, 'CA2', NULL, NULL, 'completed', NULL, '2023-10-30 10:00Z', NULL)`);
          const lines = session.trimEnd().split('\n');
          const commands = lines.flatMap((line) => /^\$ (.*)/.exec(line)?.[1] ?? []);
          const printed = lines.slice(commands.length);
          const output = await shell([makeToken, ...commands].join('\n'));
          expect(output.trimEnd().split(/\r?\n/).slice(-printed.length)).toEqual(printed);
        } finally {
          await stop();
        }
      },
      TIMEOUT_MS,
    );
  },
  [process.env['TEST_DATABASE_URL'] ? 'PostgreSQL server' : 'embedded PostgreSQL'],
);

/** The contents of the code blocks in a language. */
function blocksOf(markdown: string, language: string): string[] {
  const blocks = markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm);
  return [...blocks].filter(([, name]) => name === language).map(([, , text]) => text as string);
}

/** The code blocks of files, each of which starts with a comment that names the file. */
function filesOf(markdown: string): [path: string, text: string][] {
  return ['jsonc', 'ts'].flatMap((language) =>
    blocksOf(markdown, language).map((text): [string, string] => {
      const path = /^\/\/ (\S+)\n/.exec(text)?.[1];
      if (!path)
        throw new Error(`A code block must start with a comment that names its file:\n${text}`);
      return [path, text];
    }),
  );
}
