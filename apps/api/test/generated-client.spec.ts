// @slow
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { accountToken, startApi } from './start-api';
import { ROOT } from './workspace';

const TIMEOUT_MS = 120_000;

const run = (program: string, ...args: string[]) =>
  execFileSync('npx', ['--no-install', program, ...args], { cwd: ROOT, encoding: 'utf8' });

describeEachDatabase(
  'A client generated from docs/openapi.json',
  dataSourceOptions,
  (database) => {
    /** Inside the workspace, so that Node.js finds the packages. */
    let directory: string;
    beforeAll(() => {
      mkdirSync(join(ROOT, 'tmp'), { recursive: true });
      directory = mkdtempSync(join(ROOT, 'tmp/generated-client-'));
    });
    afterAll(() => rmSync(directory, { recursive: true }));

    it(
      'type-checks and exports calls',
      async () => {
        await seedCalls(database.dataSource, 1, 30);
        const source = join(directory, 'client.ts');
        copyFileSync(join(__dirname, 'generated-client/client.ts'), source);
        writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
        run('openapi-typescript', 'docs/openapi.json', '--output', join(directory, 'schema.d.ts'));
        run(
          'tsc',
          ...['--ignoreConfig', '--strict', '--target', 'es2022', '--module', 'esnext'],
          ...['--moduleResolution', 'bundler', '--types', 'node', source],
        );

        const api = await startApi(database.url);
        try {
          const token = accountToken(1);
          const output = await new Promise<string>((done, fail) =>
            execFile(
              process.execPath,
              [join(directory, 'client.js'), api.url, token],
              (error, stdout) => (error ? fail(error) : done(stdout)),
            ),
          );
          const calls = (await (await api.export('format=json&status=completed')).json()) as {
            id: number;
          }[];
          expect(calls.length).toBeGreaterThan(0);
          expect(JSON.parse(output)).toEqual({
            ids: calls.map(({ id }) => id),
            csv: await (await api.export('date_from=1970-01-01')).text(),
            refused: [expect.stringMatching(/^status must be one of queued, /)],
            total: '30',
          });
        } finally {
          await api.close();
        }
      },
      TIMEOUT_MS,
    );
  },
  ['embedded PostgreSQL'],
);
