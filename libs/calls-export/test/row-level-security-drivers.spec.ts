// @needs PostgreSQL server
import { describeEachDatabase, describeWith, PgBouncer } from '@calls/testing';
import { postgresOptions, READERS } from './exporting-host';
import { nativeLikeDriver } from './native-like-client';
import { NO_CALLS, tenantHosts, UNSET } from './tenant-hosts';
import { ACCOUNTS, settings } from './tenants';

describeEachDatabase(
  'Row-level security',
  postgresOptions,
  (database) => {
    const { role, url, assistants, connect, start, expectOwn, leftOn } = tenantHosts(database);

    it.each([true, false])(
      'gives each account its own complete file with pg-native too (copy: %s)',
      async (copy) => {
        const dataSource = await connect(2, url(), nativeLikeDriver);
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

      beforeAll(async () => (pgBouncer = await PgBouncer.start(url(), 2)), 30_000);
      afterAll(() => pgBouncer?.stop());

      it.each(READERS)(
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
