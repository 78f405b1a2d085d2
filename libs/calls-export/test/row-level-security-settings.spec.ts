import { describeEachDatabase } from '@calls/testing';
import { anyDataSourceOptions, ExportingHost, postgresOptions, READERS } from './exporting-host';
import { tenantHosts } from './tenant-hosts';
import { settings } from './tenants';

describeEachDatabase(
  'The option settings',
  postgresOptions,
  (database) => {
    const { start } = tenantHosts(database);

    describe.each(READERS)('with pages read as %s', (_, copy) => {
      it('is called with the account that the host passes', async () => {
        const called = jest.fn(settings);
        const host = await start({ copy, settings: called }, 1);
        await host.export({}, 3);
        await host.count({}, 4);
        expect(new Set(called.mock.calls.map(([account]) => account))).toEqual(new Set([3, 4]));
      });

      it('fails each export with the error that it throws', async () => {
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
