// @needs PostgreSQL server, pgbouncer
import { tmpdir } from 'node:os';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, PgBouncer, TIMEOUT_MS } from '@calls/testing';
import { Client } from 'pg';
import { dataSourceOptions } from '../src/data-source-options';
import { LISTENING, Program } from './program';
import { bearer, SECRET, startApi } from './start-api';

const CALLS = 20_000;
const SERVER_CONNECTIONS = 2;
const EXPORTS = 12;

afterAll(() => Program.killAll());

describe('Behind PgBouncer in transaction mode', () => {
  describeEachDatabase(
    'the API',
    dataSourceOptions,
    (database) => {
      let pooler: PgBouncer;
      let direct: Record<number, string>;
      beforeAll(async () => {
        for (const account of [1, 2]) await seedCalls(database.dataSource, account, CALLS);
        const api = await startApi(database.url);
        direct = {
          1: await (await api.export('', bearer(1))).text(),
          2: await (await api.export('', bearer(2))).text(),
        };
        await api.close();
        for (const file of Object.values(direct))
          expect(file.split('\r\n')).toHaveLength(CALLS + 2);
        pooler = await PgBouncer.start(database.url, SERVER_CONNECTIONS);
      }, TIMEOUT_MS);
      afterAll(() => pooler?.stop());

      const start = (settings: NodeJS.ProcessEnv) =>
        new Program(
          'main',
          {
            PORT: '0',
            DATABASE_URL: pooler.url,
            JWT_SECRET: SECRET,
            EXPORT_MAX_PER_ACCOUNT: String(EXPORTS),
            ...settings,
          },
          tmpdir(),
        );

      it.each([
        ['DATABASE_URL', () => ({})],
        [
          'DATABASE_READ_URL',
          () => ({ DATABASE_URL: database.url, DATABASE_READ_URL: pooler.url }),
        ],
      ])(
        'does not start if %s gets a statement timeout, and says how to disable it',
        async (name, settings) => {
          const program = start(settings());
          expect([await program.exitCode(), program.output]).toEqual([
            1,
            `${name} points to a connection pooler that rejects the startup parameter statement_timeout: set DATABASE_STATEMENT_TIMEOUT=0\n`,
          ]);
        },
        TIMEOUT_MS,
      );

      it(
        'migrates',
        async () => {
          const program = new Program('migrate', { DATABASE_URL: pooler.url }, tmpdir());
          expect([await program.exitCode(), program.output]).toEqual([
            0,
            'The schema is up to date\n',
          ]);
        },
        TIMEOUT_MS,
      );

      describe.each(['true', 'false'])('with DATABASE_COPY=%s', (DATABASE_COPY) => {
        it(
          'exports the same files concurrently, and leaves no state in the sessions',
          async () => {
            const program = start({
              DATABASE_STATEMENT_TIMEOUT: '0',
              DATABASE_POOL_SIZE: '4',
              DATABASE_COPY,
            });
            const url = await program.printed(LISTENING);
            const fetchExport = (account: number, method = 'GET') =>
              fetch(`${url}/api/v1/calls/export`, { method, headers: bearer(account) });

            expect((await fetch(`${url}/health/ready`)).status).toBe(200);
            const head = await fetchExport(1, 'HEAD');
            expect(head.headers.get('x-total-count')).toBe(String(CALLS));
            const files = Array.from({ length: EXPORTS }, async (_, index) => {
              const account = 1 + (index % 2);
              return [account, (await (await fetchExport(account)).text()) === direct[account]];
            });
            for (const [, isSame] of await Promise.all(files)) expect(isSame).toBe(true);
            expect(await program.stop()).toBe(0);
            expect(program.output).not.toMatch(/WARN|ERROR/);

            for (const state of await statesOfSessions(pooler.url)) expect(state).toEqual([]);
          },
          TIMEOUT_MS,
        );
      });
    },
    ['PostgreSQL server'],
  );
});

/** Settings, prepared statements and locks of the server sessions, each of which a client occupies. */
async function statesOfSessions(url: string): Promise<object[][]> {
  const clients = Array.from({ length: SERVER_CONNECTIONS }, () => new Client(url));
  const states: object[][] = [];
  for (const client of clients) {
    await client.connect();
    await client.query('BEGIN');
    const set = await client.query(
      `SELECT name, setting FROM pg_settings WHERE source = 'session' AND name NOT IN ('application_name', 'client_encoding')
       UNION ALL SELECT name, statement FROM pg_prepared_statements
       UNION ALL SELECT 'advisory lock', mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()`,
    );
    states.push(set.rows);
  }
  for (const client of clients) await client.end();
  return states;
}
