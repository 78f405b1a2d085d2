import { randomBytes } from 'node:crypto';
import { describeEachDatabase, describeWith, PgBouncer } from '@calls/testing';
import { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { AccountId, CallsExportModuleOptions, ExportQuery } from '../src';
import { anyDataSourceOptions, ExportingHost, postgresOptions } from './exporting-host';
import { nativeLikeDriver } from './native-like-client';
import { ACCOUNTS, CALLS_EACH, createTenants, settings, STATUSES, tenantOf } from './tenants';

const PAGE_SIZE = 100;
/** The file in JSON. */
const NO_CALLS = '[]';
/** What a setting is that was never made in a session, and one that a transaction made which is over. */
const UNSET = [null, ''];

describeEachDatabase(
  'Row-level security',
  postgresOptions,
  (database) => {
    const role = `calls_test_${randomBytes(6).toString('hex')}`;
    const hosts: ExportingHost[] = [];
    let url: string;
    /** What the superuser, whom no policy holds for, exports of each account. */
    const files = new Map<AccountId, string>();
    /** By account: one of its assistants. */
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
      // The database, in which it had rights, is gone.
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

    /** Expects that an account gets its own whole file, and that its busy calls are counted. */
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

    it('is in force, and the files that are expected are whole', async () => {
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
      it('hides all calls from an export without settings', async () => {
        const host = await start({ copy }, 1);
        expect(await host.export({ format: 'json' })).toBe(NO_CALLS);
        expect(await host.count()).toBe(0);
      });

      it.each([1, 2])(
        'gives each account its own whole file, all of them at once over %d connections',
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

      it('lets an export filter and count, of each account', async () => {
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

      it('is not opened by the settings of another account', async () => {
        const host = await start({ copy, settings: () => settings(2) }, 1);
        expect(await host.export({ format: 'json' }, 1)).toBe(NO_CALLS);
        expect(await host.export({ format: 'json' }, 2)).toBe(files.get(2));
      });

      it('hides the names of assistants that the settings do not open', async () => {
        const host = await start(
          { copy, settings: (account) => ({ 'app.tenant': tenantOf(account) }) },
          1,
        );
        const rows = JSON.parse(await host.export({ format: 'json' })) as object[];
        expect(rows).toEqual(rowsOf(1).map((row) => ({ ...row, assistant_name: null })));
      });

      it('has nothing of the settings left on the connection, however an export ended', async () => {
        const dataSource = await connect(1);
        const { pid } = await leftOn(dataSource);
        const host = await start({ copy, settings }, dataSource);
        await host.export();
        await host.count();
        const left = await leftOn(dataSource);
        // The very connection that the export had.
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
        // What a policy hides without the settings is hidden again.
        expect(await dataSource.query('SELECT id FROM calls')).toEqual([]);
      });

      it('is met again by a page that is read again on another connection', async () => {
        // One, so that the session that is ended has been in use: a client that has just connected has nobody listening.
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

      it('asks for the settings of the account as the host has it', async () => {
        const asked = jest.fn(settings);
        const host = await start({ copy, settings: asked }, 1);
        await host.export({}, 3);
        await host.count({}, 4);
        expect(new Set(asked.mock.calls.map(([account]) => account))).toEqual(new Set([3, 4]));
      });

      it('fails an export whose settings fail, each time and with what they say', async () => {
        const fail = () => {
          throw new Error('this account has no tenant');
        };
        const host = await start({ copy, settings: fail, maxPerAccount: 1 }, 1);
        for (const ask of [() => host.export(), () => host.count(), () => host.export()]) {
          await expect(ask()).rejects.toThrow('this account has no tenant');
        }
      });

      it.each<[string, unknown]>([
        ['a number', { 'app.tenant': 1 }],
        ['nothing', { 'app.tenant': undefined }],
        ['null', { 'app.tenant': null }],
        ['an object', { 'app.tenant': { toString: () => 'plain' } }],
        ['undefined in the place of all', undefined],
        ['null in the place of all', null],
        ['a text in the place of all', 'plain'],
        ['a promise of them', Promise.resolve(settings(1))],
      ])('fails an export of which a setting is %s', async (_name, made) => {
        const host = await start({ copy, settings: () => made as never }, 1);
        for (const ask of [() => host.export(), () => host.count()]) {
          await expect(ask()).rejects.toThrow(/app\.tenant|settings/);
        }
      });

      it.each([
        ['has no namespace', 'tenant', 'unrecognized configuration parameter "tenant"'],
        ['is SQL', `app.role', 'export', true), set_config('app.tenant`, 'parameter'],
      ])('fails an export of which the name of a setting %s', async (_name, name, message) => {
        const host = await start({ copy, settings: () => ({ [name]: 'plain' }) }, 1);
        for (const ask of [() => host.export(), () => host.count()]) {
          await expect(ask()).rejects.toThrow(message);
        }
      });
    });

    it.each([true, false])(
      'gives each account its own whole file with pg-native as well (copy: %s)',
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
        'gives each account its own whole file, with pages read as %s',
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

          // Transactions that run at the same time are on different connections.
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

      it('hides all calls from an export without settings', async () => {
        const host = await start({}, 2, pgBouncer.url);
        expect(await host.export({ format: 'json' })).toBe(NO_CALLS);
      });
    });
  },
  ['PostgreSQL server'],
);

describeEachDatabase(
  'A database other than PostgreSQL',
  anyDataSourceOptions,
  (database) => {
    it('refuses the option when the app starts', async () => {
      await expect(ExportingHost.start(database, { settings })).rejects.toThrow(
        /settings.*PostgreSQL/,
      );
    });
  },
  ['MariaDB server', 'SQLite'],
);
