import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describeEachDatabase } from '@calls/testing';
import { sign } from 'jsonwebtoken';

const ROOT = resolve(__dirname, '../../../..');
/** Its main program, strategy and settings are the others' too. */
const SMALLEST = 'examples/express-postgres';
const SECRET = 'a secret for the tests of 32 bytes or more';
const TIMEOUT_MS = 300_000;
const HEADER =
  '"Call ID","Call SID","Assistant Name","Customer Phone","Status","Duration (seconds)","Started At","Ended At"\r\n';
const CALLS = [
  '{"id":1,"call_sid":"CA1","assistant_name":"Support Bot","customer_phone_number":"+15559876543","status":"completed","duration":300,"started_at":"2023-10-30T10:00:00","ended_at":"2023-10-30T10:05:00"}',
  '{"id":3,"call_sid":"CA3","assistant_name":null,"customer_phone_number":null,"status":"queued","duration":null,"started_at":null,"ended_at":null}',
];
const FILES = {
  csv:
    HEADER +
    '1,"CA1","Support Bot","+15559876543","completed",300,"2023-10-30T10:00:00","2023-10-30T10:05:00"\r\n' +
    '3,"CA3",,,"queued",,,\r\n',
  json: `[\n${CALLS.join(',\n')}\n]`,
  ndjson: CALLS.map((call) => `${call}\n`).join(''),
};

const run = promisify(execFile);
const npm = (folder: string, ...args: string[]) =>
  run('npm', [...args, '--loglevel=error', '--no-audit', '--no-fund'], { cwd: folder });

/** The packed library, in hosts that have installed it. */
describe('The package', () => {
  let folder: string;
  let tarball: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'calls-export-package-'));
    const { stdout } = await run('npm', ['pack', '--json', `--pack-destination=${folder}`], {
      cwd: join(ROOT, 'dist/libs/calls-export'),
    });
    tarball = join(folder, (JSON.parse(stdout) as [{ filename: string }])[0].filename);
  }, TIMEOUT_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /**
   * Copies a host, installs what it asks for with the tarball in the place of the published package, and builds it.
   *
   * @param base a host of which it has all files that it does not bring itself.
   */
  async function install(source: string, base = source): Promise<string> {
    const host = join(folder, 'hosts', source);
    await mkdir(host, { recursive: true });
    for (const files of [base, source]) await cp(join(ROOT, files), host, { recursive: true });
    const path = join(host, 'package.json');
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    manifest.dependencies['nestjs-calls-export'] = `file:${tarball}`;
    await writeFile(path, JSON.stringify(manifest));
    await npm(host, 'install');
    await npm(host, 'run', 'build');
    return host;
  }

  async function start(
    host: string,
    settings: NodeJS.ProcessEnv,
  ): Promise<[string, () => Promise<void>]> {
    const child = spawn(process.execPath, ['dist/main.js'], {
      cwd: host,
      env: { PATH: process.env['PATH'], PORT: '0', JWT_SECRET: SECRET, ...settings },
    });
    const exit = new Promise<void>((gone) => child.once('exit', () => gone()));
    let output = '';
    const url = await new Promise<string>((listening, fail) => {
      const take = (chunk: Buffer) => {
        output += chunk;
        const found = /Listening on (\S+)/.exec(output)?.[1];
        if (found) listening(found);
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('exit', () => fail(new Error(output)));
    });
    const stop = async () => {
      child.kill();
      await exit;
    };
    return [url, stop];
  }

  async function expectFiles(url: string): Promise<void> {
    const token = sign({ account_id: 1 }, SECRET, { expiresIn: 60 });
    const headers = { authorization: `Bearer ${token}` };
    for (const format of ['csv', 'json', 'ndjson'] as const) {
      const response = await fetch(`${url}/calls/export?format=${format}`, { headers });
      expect(response.headers.get('content-disposition')).toBe(
        `attachment; filename="calls_export.${format}"`,
      );
      expect(await response.text()).toBe(FILES[format]);
    }
    expect((await fetch(`${url}/calls/export`)).status).toBe(401);
    expect((await fetch(`${url}/calls/export?status=lost`, { headers })).status).toBe(400);
  }

  it(
    'works in a host with Nest 11, Fastify, TypeORM 0.3 and SQLite',
    async () => {
      const host = await install('libs/calls-export/test/package/fastify-sqlite', SMALLEST);
      const [url, stop] = await start(host, {});
      await expectFiles(url).finally(stop);
    },
    TIMEOUT_MS,
  );

  describeEachDatabase(
    'with Nest 12 and TypeORM 1',
    (url) => ({ type: 'postgres', url }),
    (database) => {
      it.each([
        ['Express', SMALLEST],
        ['ES modules', 'libs/calls-export/test/package/es-module'],
      ])(
        'works in a host with %s',
        async (_title, source) => {
          await database.dataSource.query('DROP TABLE IF EXISTS calls, assistants, migrations');
          const host = await install(source, SMALLEST);
          const [url, stop] = await start(host, { DATABASE_URL: database.url });
          try {
            await database.dataSource.query(`
              INSERT INTO assistants (account_id, name) VALUES (1, 'Support Bot');
              INSERT INTO calls
                (account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at)
              VALUES
                (1, 'CA1', 1, '+15559876543', 'completed', 300, '2023-10-30 10:00Z', '2023-10-30 10:05Z'),
                (2, 'CA2', NULL, NULL, 'completed', NULL, NULL, NULL),
                (1, 'CA3', NULL, NULL, 'queued', NULL, NULL, NULL)`);
            await expectFiles(url);
          } finally {
            await stop();
          }
        },
        TIMEOUT_MS,
      );

      it(
        'works in a host with entities and a guard of its own',
        async () => {
          const host = await install('examples/own-entities');
          const tenant = '0b5c0a1e-0000-4000-8000-000000000001';
          const other = '0b5c0a1e-0000-4000-8000-000000000002';
          const [url, stop] = await start(host, {
            DATABASE_URL: database.url,
            API_KEYS: JSON.stringify({ secret: tenant }),
          });
          try {
            await database.dataSource.query(`
              INSERT INTO agents ("tenantId", "displayName") VALUES ('${tenant}', 'Support Bot');
              INSERT INTO phone_calls
                ("tenantId", sid, "agentId", "customerNumber", status, seconds, "startedAt", "endedAt", "deletedAt")
              VALUES
                ('${tenant}', 'CA1', 1, '+15559876543', 'voicemail', 300, '2023-10-30 10:00Z', '2023-10-30 10:05Z', NULL),
                ('${other}', 'CA2', NULL, NULL, 'voicemail', NULL, NULL, NULL, NULL),
                ('${tenant}', 'CA3', NULL, NULL, 'voicemail', NULL, NULL, NULL, now()),
                ('${tenant}', 'CA4', NULL, NULL, 'ringing', NULL, NULL, NULL, NULL)`);
            const headers = { 'x-api-key': 'secret' };
            const response = await fetch(`${url}/reports/calls?status=voicemail`, { headers });
            expect(Buffer.from(await response.arrayBuffer()).toString('utf8')).toBe(
              `\ufeff${HEADER}1,"CA1","Support Bot","+15559876543","voicemail",300,"2023-10-30T10:00:00","2023-10-30T10:05:00"\r\n`,
            );
            expect((await fetch(`${url}/reports/calls`)).status).toBe(403);
          } finally {
            await stop();
          }
        },
        TIMEOUT_MS,
      );
    },
    [process.env['TEST_DATABASE_URL'] ? 'PostgreSQL server' : 'embedded PostgreSQL'],
  );
});
