// @needs PostgreSQL server, psql
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, TIMEOUT_MS } from '@calls/testing';
import { ConsoleLogger } from '@nestjs/common';
import { Client } from 'pg';
import { dataSourceOptions } from '../src/data-source-options';
import { startApi } from './start-api';
import { readWorkspaceFile } from './workspace';

const CALLS = 7_000;
const FORMATS = ['csv', 'json', 'ndjson', 'xlsx'];
/** Replaces `calls_export`, because roles belong to the server, where this suite may run several times. */
const ROLE = `calls_test_${randomBytes(6).toString('hex')}`;
const SCRIPT = readWorkspaceFile('docs/database-role.sql').replaceAll('calls_export', ROLE);

describe('The role of docs/database-role.sql', () => {
  describeEachDatabase(
    '',
    dataSourceOptions,
    (database) => {
      const makeRole = (password: string) =>
        execFileSync(
          'psql',
          [
            ...[database.url, '--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1'],
            ...['--set', `password=${password}`],
          ],
          { input: SCRIPT },
        ).toString();
      const roleUrl = () =>
        Object.assign(new URL(database.url), { username: ROLE, password: 'any' }).href;
      const storedPassword = async () => {
        const [role] = await database.dataSource.query(
          'SELECT rolpassword FROM pg_authid WHERE rolname = $1',
          [ROLE],
        );
        return role.rolpassword;
      };

      beforeAll(async () => {
        await seedCalls(database.dataSource, 1, CALLS);
        makeRole("it's \\ secret");
      }, TIMEOUT_MS);
      // The database has been dropped by then, and the privileges of the role with it.
      afterAll(async () => {
        const server = new Client(process.env['TEST_DATABASE_URL']);
        await server.connect();
        await server.query(`DROP ROLE ${ROLE}`).finally(() => server.end());
      });

      it('can be created again, which changes its password', async () => {
        const before = await storedPassword();
        expect(before).toMatch(/^SCRAM|^md5/);
        expect(makeRole('another')).toBe('');
        expect(await storedPassword()).not.toBe(before);
      });

      it(
        'exports the same files as the owner and is ready, without a warning',
        async () => {
          const logged: string[] = [];
          class Warnings extends ConsoleLogger {
            protected override printMessages(messages: unknown[]): void {
              logged.push(...messages.map(String));
            }
          }
          const logger = new Warnings({ logLevels: ['debug'] });
          const owner = await startApi(database.url);
          const api = await startApi(roleUrl(), {}, logger);
          try {
            for (const format of FORMATS) {
              const [expected, response] = [
                await owner.export({ format }),
                await api.export({ format }),
              ];
              expect([format, response.status]).toEqual([format, 200]);
              const bytes = Buffer.from(await response.arrayBuffer());
              expect(bytes.equals(Buffer.from(await expected.arrayBuffer()))).toBe(true);
            }
            const head = await api.head();
            expect(head.headers.get('x-total-count')).toBe(String(CALLS));
            expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
            // The indexes were checked and found.
            expect(logged.filter((line) => /index|rows|denied/.test(line))).toEqual([]);
            expect(logged.length).toBeGreaterThan(0);
          } finally {
            await api.close();
            await owner.close();
          }
        },
        TIMEOUT_MS,
      );

      it.each([
        `INSERT INTO calls (account_id, call_sid, status) VALUES (1, 'a', 'busy')`,
        `UPDATE calls SET status = 'busy'`,
        'DELETE FROM calls',
        'SELECT * FROM calls FOR UPDATE',
        'TRUNCATE calls',
        `UPDATE assistants SET name = ''`,
        'DELETE FROM assistants',
        `SELECT nextval(pg_get_serial_sequence('assistants', 'id'))`,
        'SELECT * FROM migrations',
        'SELECT * FROM pg_authid',
        `COPY calls TO PROGRAM 'cat'`,
        `SELECT pg_read_file('postgresql.conf')`,
        'CREATE TABLE other (id int)',
        'CREATE TEMPORARY TABLE other (id int)',
        'CREATE SCHEMA other',
        'CREATE INDEX ON calls (status)',
        'ALTER TABLE calls ADD other int',
        'DROP TABLE calls',
        'CREATE ROLE other',
        `ALTER ROLE ${ROLE} SUPERUSER`,
        'GRANT SELECT ON calls TO PUBLIC; SET ROLE postgres',
        'SET ROLE postgres',
      ])('is denied: %s', async (sql) => {
        const client = new Client(roleUrl());
        await client.connect();
        try {
          await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
        } finally {
          await client.end();
        }
      });
    },
    ['PostgreSQL server'],
  );
});
