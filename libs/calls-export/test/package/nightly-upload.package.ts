import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeEachDatabase } from '@calls/testing';
import { callsMigrations } from '../../src/lib/migrations';
import { withFailingCall } from '../failing-call';
import { InstalledHosts, listen, npm, run, type Started, TIMEOUT_MS } from './installed-hosts';

const HOSTS = [
  { title: 'Nest 11 and TypeORM 0.3', bucket: 'nest-11', nest: 11, typeorm: '0.3' },
  { title: 'Nest 12 and TypeORM 1', bucket: 'nest-12', nest: 12, typeorm: '1' },
] as const;
/** Enough for several parts of an upload, which must have at least 5 MiB each in S3. */
const MANY = 80_000;

/** Runs the example of a nightly job with an S3-compatible server. */
describeEachDatabase(
  'The nightly upload',
  (url) => ({ type: 'postgres', url, migrations: callsMigrations }),
  (database) => {
    let hosts: InstalledHosts;
    let folder: string;
    let url: string;
    let stop: Started[1];

    beforeAll(async () => {
      hosts = await InstalledHosts.create();
      folder = join(hosts.folder, 's3-server');
      await cp(join(__dirname, 's3-server'), folder, { recursive: true });
      await npm(folder, 'install');
      const buckets = HOSTS.map(({ bucket }) => bucket);
      [url, stop] = await listen(process.execPath, ['server.js', ...buckets], folder, {});
      await database.dataSource.query(`
        INSERT INTO assistants (account_id, name) VALUES (1, 'Support Bot');
        INSERT INTO calls
          (account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at)
        VALUES
          (1, 'CA1', 1, '+15559876543', 'completed', 300, '2023-10-30 10:00Z', '2023-10-30 10:05Z'),
          (3, 'CA2', NULL, NULL, 'queued', NULL, NULL, NULL);
        INSERT INTO calls (account_id, call_sid, status, duration)
        SELECT 2, 'CA' || n, 'completed', n FROM generate_series(3, ${MANY}) AS n`);
    }, TIMEOUT_MS);
    afterAll(async () => {
      await stop?.();
      await hosts.remove();
    }, TIMEOUT_MS);

    /** @returns the output of the job, and its exit status. */
    async function upload(host: string, bucket: string): Promise<{ code: number; log: string }> {
      const env = {
        PATH: process.env['PATH'],
        DATABASE_URL: database.url,
        S3_BUCKET: bucket,
        S3_ENDPOINT: url,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'S3RVER',
        AWS_SECRET_ACCESS_KEY: 'S3RVER',
      };
      const {
        code = 0,
        stdout,
        stderr,
      } = (await run('npm', ['start'], { cwd: host, env }).catch(
        (error: { code: number; stdout: string; stderr: string }) => error,
      )) as { code?: number; stdout: string; stderr: string };
      return { code, log: stdout + stderr };
    }

    /** @returns the contents of a bucket's objects by their names without the date. */
    async function objects(bucket: string): Promise<Record<string, string>> {
      const list = await (await fetch(`${url}/${bucket}`)).text();
      const found: Record<string, string> = {};
      for (const [, key] of list.matchAll(/<Key>([^<]+)<\/Key>/g)) {
        const [, name] = /^calls\/\d{4}-\d\d-\d\d\/(.+)$/.exec(key as string) ?? [];
        found[name as string] = await (await fetch(`${url}/${bucket}/${key}`)).text();
      }
      return found;
    }

    it.each(HOSTS)(
      'stores complete files only, and nothing of a failed export, with $title',
      async ({ bucket, nest, typeorm }) => {
        const host = await hosts.install('examples/nightly-upload', { nest, typeorm });
        const complete = {
          'account-1.ndjson':
            '{"id":1,"call_sid":"CA1","assistant_name":"Support Bot","customer_phone_number":"+15559876543","status":"completed","duration":300,"started_at":"2023-10-30T10:00:00","ended_at":"2023-10-30T10:05:00"}\n',
          'account-3.ndjson':
            '{"id":2,"call_sid":"CA2","assistant_name":null,"customer_phone_number":null,"status":"queued","duration":null,"started_at":null,"ended_at":null}\n',
        };
        await withFailingCall(database.dataSource, async () => {
          const { code, log } = await upload(host, bucket);
          expect(log).toMatch(/Account 2: not uploaded: .*division by zero/);
          expect(code).toBe(1);
        });
        expect(await objects(bucket)).toEqual(complete);
        // The parts of the failed upload are gone, too.
        expect(await readdir(join(folder, 'data', bucket, '._S3rver_uploads'))).toEqual([]);

        const { code, log } = await upload(host, bucket);
        expect(log).toContain(`Account 2: uploaded ${MANY - 2} calls`);
        expect(code).toBe(0);
        const { 'account-2.ndjson': large, ...small } = await objects(bucket);
        expect(small).toEqual(complete);
        const lines = Array.from(
          { length: MANY - 2 },
          (_, index) =>
            `{"id":${index + 3},"call_sid":"CA${index + 3}","assistant_name":null,"customer_phone_number":null,"status":"completed","duration":${index + 3},"started_at":null,"ended_at":null}\n`,
        );
        // `toBe` would print both on failure.
        expect(large === lines.join('')).toBe(true);
      },
      TIMEOUT_MS,
    );
  },
  [process.env['TEST_DATABASE_URL'] ? 'PostgreSQL server' : 'embedded PostgreSQL'],
);
