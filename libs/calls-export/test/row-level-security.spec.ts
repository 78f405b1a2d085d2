// @needs PostgreSQL server
import { describeEachDatabase } from '@calls/testing';
import type { ExportQuery } from '../src';
import { postgresOptions, READERS } from './exporting-host';
import { NO_CALLS, PAGE_SIZE, tenantHosts, UNSET } from './tenant-hosts';
import { ACCOUNTS, CALLS_EACH, settings, STATUSES, tenantOf } from './tenants';

describeEachDatabase(
  'Row-level security',
  postgresOptions,
  (database) => {
    const { role, files, assistants, connect, start, rowsOf, idsOf, leftOn } =
      tenantHosts(database);

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

    describe.each(READERS)('with pages read as %s', (_, copy) => {
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

      it('lets a page that is retried on another connection see the same calls', async () => {
        // With one connection, the terminated session is one in use. A client that has just connected has no
        // listener yet.
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
    });
  },
  ['PostgreSQL server'],
);
