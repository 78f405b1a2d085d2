import { randomBytes } from 'node:crypto';
import { describeEachDatabase, describeWith, PgBouncer } from '@calls/testing';
import { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { AccountId, CallsExportModuleOptions, ExportQuery } from '../src';
import { anyDataSourceOptions, ExportingHost, postgresOptions } from './exporting-host';
import { nativeLikeDriver } from './native-like-client';
import { ACCOUNTS, CALLS_EACH, createTenants, settings, STATUSES, tenantOf } from './tenants';

const PAGE_SIZE = 100;
/** A JSON file without calls. */
const NO_CALLS = '[]';
/** A setting's value if the session never set it, and if a transaction that is over set it. */
const UNSET = [null, ''];

describeEachDatabase(
  'Row-level security',
  postgresOptions,
  (database) => {
    const role = `calls_test_${randomBytes(6).toString('hex')}`;
    const hosts: ExportingHost[] = [];
    let url: string;
    /** Each account's file, exported as the superuser, who is not subject to policies. */
    const files = new Map<AccountId, string>();
    /** One assistant of each account. */
    const assistants = new Map<AccountId, number>();

    beforeAll(async () => {
      url = await createTenants(database, role);
      const host = await start({ maxPerAccount: 20 }, 10, database.url);
      for (const account of ACCOUNTS) {
        files.set(account, await host.export({ format: 'json' }, account));
        const [{ id }] = await database.dataSource.query(
          'SELECT max(id) AS id FROM assistants WHERE account_id = $1',
          [account],
        );
        assistants.set(account, id);
      }
    }, 60_000);
    afterEach(closeHosts);
    afterAll(async () => {
      await closeHosts();
      // The database in which the role had rights is gone.
      const server = new Client(process.env['TEST_DATABASE_URL']);
      await server.connect();
      await server.query(`DROP ROLE IF EXISTS ${role}`).finally(() => server.end());
    });

    async function closeHosts(): Promise<void> {
      for (const host of hosts.splice(0)) await host.close();
    }

    async function connect(poolSize: number, at = url, driver?: unknown): Promise<DataSource> {
      const options = { ...postgresOptions(at), poolSize, driver } satisfies DataSourceOptions;
      return new DataSource(options).initialize();
    }

    async function start(
      options: CallsExportModuleOptions,
      connections: number | DataSource,
      at = url,
    ): Promise<ExportingHost> {
      const dataSource =
        typeof connections === 'number' ? await connect(connections, at) : connections;
      const host = await ExportingHost.start(
        { url: at, dataSource },
        { pageSize: PAGE_SIZE, maxPerAccount: 20, ...options },
      );
      hosts.push(host);
      return host;
    }

    /** Expects that an account gets its own complete file, and that its busy calls are counted. */
    async function expectOwn(host: ExportingHost, account: AccountId): Promise<void> {
      expect(await host.export({ format: 'json' }, account)).toBe(files.get(account));
      expect(await host.count({ status: 'busy' }, account)).toBe(idsOf(account, 'busy').length);
    }

    const rowsOf = (account: AccountId) =>
      JSON.parse(files.get(account) as string) as {
        id: number;
        status: string;
        assistant_name: string;
      }[];
    const idsOf = (account: AccountId, ...statuses: string[]) =>
      rowsOf(account)
        .filter(({ status }) => statuses.includes(status))
        .map(({ id }) => id);

    async function leftOn(dataSource: DataSource) {
      const [row] = await dataSource.query(
        `SELECT pg_backend_pid() AS pid, current_setting('app.tenant', true) AS tenant, current_setting('app.role', true) AS role`,
      );
      return row as { pid: number; tenant: string | null; role: string | null };
    }

    it('is in force, and the expected files are complete', async () => {
      for (const account of ACCOUNTS) {
        const rows = rowsOf(account);
        expect(rows).toHaveLength(CALLS_EACH);
        expect(rows[0]?.assistant_name).toMatch(/^Assistant \d of /);
        expect(rows[0]?.assistant_name).toContain(tenantOf(account));
      }
      const dataSource = await connect(1);
      try {
        const count = async (table: string) =>
          Number((await dataSource.query(`SELECT count(*) FROM ${table}`))[0].count);
        expect([await count('calls'), await count('assistants')]).toEqual([0, 0]);
      } finally {
        await dataSource.destroy();
      }
    });

    describe.each([
      ['binary COPY', true],
      ['rows', false],
    ])('with pages read as %s', (_, copy) => {
      it('hides all calls from an export without the option settings', async () => {
        const host = await start({ copy }, 1);
        expect(await host.export({ format: 'json' })).toBe(NO_CALLS);
        expect(await host.count()).toBe(0);
      });

      it.each([1, 2])(
        'gives each account its own complete file, all at the same time over %d connections',
        async (connections) => {
          const host = await start({ copy, settings }, connections);
          const exported = await Promise.all(
            ACCOUNTS.map((account) => host.export({ format: 'json' }, account)),
          );
          for (const [index, account] of ACCOUNTS.entries()) {
            expect(exported[index]).toBe(files.get(account));
          }
        },
        60_000,
      );

      it('allows filters and counts for each account', async () => {
        const host = await start({ copy, settings }, 2);
        await Promise.all(
          ACCOUNTS.map(async (account) => {
            const assistantId = assistants.get(account) as number;
            const name = `Assistant 3 of ${tenantOf(account)}`;
            const expected: [ExportQuery, number[]][] = [
              [{ status: 'busy' }, idsOf(account, 'busy')],
              [
                { assistantId },
                rowsOf(account)
                  .filter((row) => row.assistant_name === name)
                  .map(({ id }) => id),
              ],
              [
                {
                  startedFrom: new Date('2023-10-30T11:00:00Z'),
                  startedBefore: new Date('2023-10-30T19:00:00Z'),
                },
                rowsOf(account)
                  .slice(59, 539)
                  .map(({ id }) => id),
              ],
              [{}, idsOf(account, ...STATUSES)],
            ];
            for (const [query, ids] of expected) {
              expect(ids.length).toBeGreaterThan(2 * PAGE_SIZE);
              expect(await host.exportedIds(query, account)).toEqual(ids);
              expect(await host.count(query, account)).toBe(ids.length);
            }
          }),
        );
      }, 60_000);

      it("hides an account's calls from another account's settings", async () => {
        const host = await start({ copy, settings: () => settings(2) }, 1);
        expect(await host.export({ format: 'json' }, 1)).toBe(NO_CALLS);
        expect(await host.export({ format: 'json' }, 2)).toBe(files.get(2));
      });

      it('hides the names of assistants that the settings give no access to', async () => {
        const host = await start(
          { copy, settings: (account) => ({ 'app.tenant': tenantOf(account) }) },
          1,
        );
        const rows = JSON.parse(await host.export({ format: 'json' })) as object[];
        expect(rows).toEqual(rowsOf(1).map((row) => ({ ...row, assistant_name: null })));
      });

      it('leaves no settings on the connection, however the export ended', async () => {
        const dataSource = await connect(1);
        const { pid } = await leftOn(dataSource);
        const host = await start({ copy, settings }, dataSource);
        await host.export();
        await host.count();
        const left = await leftOn(dataSource);
        // The connection is the one that the export used.
        expect(left.pid).toBe(pid);
        expect(UNSET).toContain(left.tenant);
        expect(UNSET).toContain(left.role);

        const stop = new AbortController();
        const stream = await host.stream({ signal: stop.signal });
        stream.once('data', () => stop.abort());
        await expect(stream.toArray()).rejects.toMatchObject({ name: 'AbortError' });
        const stopped = await leftOn(dataSource);
        expect(UNSET).toContain(stopped.tenant);
        expect(UNSET).toContain(stopped.role);
        // The policy hides all calls again.
        expect(await dataSource.query('SELECT id FROM calls')).toEqual([]);
      });

      it('is passed by a page that is retried on another connection', async () => {
        // With one connection, the terminated session is one in use. A client that has just connected has no listener yet.
        const host = await start({ copy, settings }, 1);
        let [text, ended] = ['', 0];
        for await (const piece of await host.stream({ format: 'json' })) {
          text += piece;
          if (ended > 0) continue;
          const sessions = await database.dataSource.query(
            'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1',
            [role],
          );
          ended = sessions.length;
        }
        expect(ended).toBeGreaterThan(0);
        expect(text).toBe(files.get(1));
      });

      it('calls settings with the account that the host passes', async () => {
        const asked = jest.fn(settings);
        const host = await start({ copy, settings: asked }, 1);
        await host.export({}, 3);
        await host.count({}, 4);
        expect(new Set(asked.mock.calls.map(([account]) => account))).toEqual(new Set([3, 4]));
      });

      it('fails each export with the error that settings throws', async () => {
        const fail = () => {
          throw new Error('this account has no tenant');
        };
        const host = await start({ copy, settings: fail, maxPerAccount: 1 }, 1);
        for (const run of [() => host.export(), () => host.count(), () => host.export()]) {
          await expect(run()).rejects.toThrow('this account has no tenant');
        }
      });

      it.each<[string, unknown]>([
        ['a number', { 'app.tenant': 1 }],
        ['undefined', { 'app.tenant': undefined }],
        ['null', { 'app.tenant': null }],
        ['an object', { 'app.tenant': { toString: () => 'plain' } }],
        ['undefined instead of the object', undefined],
        ['null instead of the object', null],
        ['a string instead of the object', 'plain'],
        ['a promise instead of the object', Promise.resolve(settings(1))],
      ])('fails an export if a setting is %s', async (_name, made) => {
        const host = await start({ copy, settings: () => made as never }, 1);
        for (const run of [() => host.export(), () => host.count()]) {
          await expect(run()).rejects.toThrow(/app\.tenant|settings/);
        }
      });

      it.each([
        ['without a namespace', 'tenant', 'unrecognized configuration parameter "tenant"'],
        ['with SQL in it', `app.role', 'export', true), set_config('app.tenant`, 'parameter'],
      ])('fails an export if a setting has a name %s', async (_name, name, message) => {
        const host = await start({ copy, settings: () => ({ [name]: 'plain' }) }, 1);
        for (const run of [() => host.export(), () => host.count()]) {
          await expect(run()).rejects.toThrow(message);
        }
      });
    });

    it.each([true, false])(
      'gives each account its own complete file with pg-native too (copy: %s)',
      async (copy) => {
        const dataSource = await connect(2, url, nativeLikeDriver);
        const host = await start({ copy, settings }, dataSource);
        await Promise.all(
          ACCOUNTS.map(async (account) => {
            await expectOwn(host, account);
          }),
        );
        expect(UNSET).toContain((await leftOn(dataSource)).tenant);
      },
      60_000,
    );

    describeWith(['pgbouncer'], 'behind PgBouncer, whose clients share 2 connections,', () => {
      let pgBouncer: PgBouncer;

      beforeAll(async () => (pgBouncer = await PgBouncer.start(url, 2)), 30_000);
      afterAll(() => pgBouncer?.stop());

      it.each([
        ['binary COPY', true],
        ['rows', false],
      ])(
        'gives each account its own complete file, with pages read as %s',
        async (_, copy) => {
          const dataSource = await connect(ACCOUNTS.length, pgBouncer.url);
          const host = await start({ copy, settings }, dataSource);
          await Promise.all(
            ACCOUNTS.map(async (account) => {
              await expectOwn(host, account);
              const assistantId = assistants.get(account) as number;
              expect((await host.exportedIds({ assistantId }, account)).length).toBeGreaterThan(
                600,
              );
            }),
          );
          const sessions = await database.dataSource.query(
            'SELECT pid FROM pg_stat_activity WHERE usename = $1',
            [role],
          );
          expect(sessions.length).toBeLessThanOrEqual(2);

          // Concurrent transactions are on different connections.
          const runners = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
          for (const runner of runners) await runner.startTransaction();
          const left = await Promise.all(
            runners.map((runner) =>
              runner.query(
                `SELECT pg_backend_pid() AS pid, current_setting('app.tenant', true) AS tenant`,
              ),
            ),
          );
          for (const runner of runners) {
            await runner.rollbackTransaction();
            await runner.release();
          }
          const pids = left.map(([{ pid }]) => pid as number);
          expect(new Set(pids).size).toBe(2);
          for (const [{ tenant }] of left) expect(UNSET).toContain(tenant);
        },
        60_000,
      );

      it('hides all calls from an export without the option settings', async () => {
        const host = await start({}, 2, pgBouncer.url);
        expect(await host.export({ format: 'json' })).toBe(NO_CALLS);
      });
    });
  },
  ['PostgreSQL server'],
);

describeEachDatabase(
  'The option settings on a database other than PostgreSQL',
  anyDataSourceOptions,
  (database) => {
    it('keeps the app from starting', async () => {
      await expect(ExportingHost.start(database, { settings })).rejects.toThrow(
        /settings.*PostgreSQL/,
      );
    });
  },
  ['MariaDB server', 'SQLite'],
);
