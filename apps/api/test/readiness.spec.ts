// @slow
// @needs PostgreSQL server
import { describeEachDatabase, TIMEOUT_MS, until } from '@calls/testing';
import { Client } from 'pg';
import { dataSourceOptions } from '../src/data-source-options';
import type { Environment } from '../src/environment';
import { FreezableRelay } from './freezable-relay';
import { startApi } from './start-api';

/** More than the connections of a pool. */
const MANY = 20;
const MISSING = 'The tables are missing or out of date: run the migrations';

describeEachDatabase(
  'GET /health/ready',
  dataSourceOptions,
  (database) => {
    const query = (sql: string) => database.dataSource.query(sql);
    /** The name of a role or a second database of this suite. */
    let name: string;
    beforeAll(() => (name = `${new URL(database.url).pathname.slice(1)}_other`));

    type Ready = () => Promise<[status: number, reason: string | undefined]>;

    async function withApi(
      url: string,
      work: (ready: Ready, url: string) => Promise<void>,
      settings: Partial<Environment> = {},
    ) {
      const api = await startApi(url, settings);
      try {
        await work(async () => {
          const response = await fetch(`${api.url}/health/ready`);
          const { details } = (await response.json()) as {
            details: { database: { message?: string } };
          };
          return [response.status, details.database.message];
        }, api.url);
      } finally {
        await api.close();
      }
    }

    /** Waits for the status, because a result is cached for a second. */
    async function untilStatus(ready: Ready, status: number): Promise<void> {
      await until(async () => (await ready())[0] === status, TIMEOUT_MS);
    }

    const named = (change: (url: URL) => void) => {
      const url = new URL(database.url);
      change(url);
      return url.href;
    };

    it.each([
      ['a table', 'ALTER TABLE calls RENAME TO away', 'ALTER TABLE away RENAME TO calls'],
      [
        'the other',
        'ALTER TABLE assistants RENAME TO away',
        'ALTER TABLE away RENAME TO assistants',
      ],
      [
        'a column',
        'ALTER TABLE calls RENAME duration TO away',
        'ALTER TABLE calls RENAME away TO duration',
      ],
    ])(
      'returns 503 if %s is missing',
      async (_, remove, restore) => {
        await query(remove);
        try {
          await withApi(database.url, async (ready) => {
            expect(await ready()).toEqual([503, MISSING]);
            await query(restore);
            await untilStatus(ready, 200);
            await query(remove);
            await untilStatus(ready, 503);
          });
        } finally {
          await query(restore);
        }
      },
      TIMEOUT_MS,
    );

    it(
      'returns 503 if the user lacks permission to read the columns of an export',
      async () => {
        await query(`CREATE ROLE ${name} LOGIN`);
        try {
          await withApi(
            named((url) => (url.username = name)),
            async (ready) => {
              expect(await ready()).toEqual([
                503,
                'The database user lacks permission to read the tables calls and assistants',
              ]);
              await query(
                `GRANT SELECT (id, account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at)
                 ON calls TO ${name}`,
              );
              await query(`GRANT SELECT ON assistants TO ${name}`);
              await untilStatus(ready, 200);
            },
          );
        } finally {
          await query(`DROP OWNED BY ${name}`);
          await query(`DROP ROLE ${name}`);
        }
      },
      TIMEOUT_MS,
    );

    it.each([
      [
        'the encoding is not UTF8',
        `ENCODING SQL_ASCII LOCALE 'C'`,
        'The database encoding must be UTF8, got SQL_ASCII',
        true,
      ],
      ['the replica lacks the schema', '', MISSING, false],
    ])(
      'returns 503 if %s',
      async (_, options, reason, isMigrated) => {
        await query(`CREATE DATABASE ${name} TEMPLATE template0 ${options}`);
        const other = named((url) => (url.pathname = `/${name}`));
        try {
          const admin = new Client(other);
          await admin.connect();
          if (isMigrated) {
            await admin.query(
              `CREATE TABLE assistants (id int, account_id int, name text);
               CREATE TABLE calls (id bigint, account_id int, call_sid text, assistant_id int, customer_phone_number text,
                 status text, duration int, started_at timestamptz, ended_at timestamptz)`,
            );
          }
          await admin.end();
          const check = async (ready: Ready) => expect(await ready()).toEqual([503, reason]);
          await withApi(database.url, check, { DATABASE_READ_URL: other });
        } finally {
          await query(`DROP DATABASE ${name} WITH (FORCE)`);
        }
      },
      TIMEOUT_MS,
    );

    it(
      'does not wait for exports that use every connection',
      async () => {
        // Exports wait for a lock that the test holds.
        await query('ALTER TABLE calls RENAME TO real_calls');
        await query(
          'CREATE VIEW calls AS SELECT * FROM real_calls WHERE (SELECT pg_advisory_xact_lock_shared(1)) IS NOT NULL',
        );
        await query(
          "INSERT INTO real_calls (account_id, call_sid, status) VALUES (1, 'a', 'busy')",
        );
        const holder = new Client(database.url);
        await holder.connect();
        try {
          await holder.query('SELECT pg_advisory_lock(1)');
          const api = await startApi(database.url, { EXPORT_MAX_PER_ACCOUNT: 32 });
          const exports = Array.from({ length: MANY }, () => api.export());
          const waiting = `SELECT count(*)::int FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event = 'advisory'`;
          await until(async () => (await query(waiting))[0].count >= 10, TIMEOUT_MS);
          expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
          await holder.query('SELECT pg_advisory_unlock(1)');
          for (const response of await Promise.all(exports)) expect(response.status).toBe(200);
          await api.close();
        } finally {
          await holder.end();
          await query('DROP VIEW calls');
          await query('ALTER TABLE real_calls RENAME TO calls');
        }
      },
      TIMEOUT_MS,
    );

    it(
      'checks a hanging database once for concurrent requests, and recovers with it',
      async () => {
        const { hostname, port } = new URL(database.url);
        const relay = await FreezableRelay.to(hostname, Number(port || 5432));
        const url = named((url) => (url.port = String(relay.port)));
        try {
          await withApi(url, async (ready) => {
            expect(await ready()).toEqual([200, undefined]);
            relay.freeze();
            let responses: Awaited<ReturnType<Ready>>[] = [];
            await until(async () => {
              responses = await Promise.all(Array.from({ length: MANY }, ready));
              return responses.every(([status]) => status !== 200);
            }, TIMEOUT_MS);
            expect(responses).toEqual(
              Array.from({ length: MANY }, () => [503, 'The database does not respond']),
            );
            expect(relay.heldBack).toBe(1);
            relay.thaw();
            await untilStatus(ready, 200);
          });
        } finally {
          relay.close();
        }
      },
      TIMEOUT_MS,
    );

    it(
      'recovers after the database has terminated its connections',
      async () => {
        await withApi(database.url, async (ready, url) => {
          expect(await ready()).toEqual([200, undefined]);
          await query(
            `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name LIKE 'calls-export%'
               AND datname = current_database() AND pid <> pg_backend_pid()`,
          );
          let body = '';
          await until(async () => {
            body = await (await fetch(`${url}/health/ready`)).text();
            return !body.includes('cachedResponse');
          }, TIMEOUT_MS);
          expect(JSON.parse(body)).toMatchObject({ status: 'ok' });
        });
      },
      TIMEOUT_MS,
    );
  },
  ['PostgreSQL server'],
);
