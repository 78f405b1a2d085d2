// @needs PostgreSQL server or MariaDB server
import { describeEachDatabase } from '@calls/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Call } from '../src';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';

const CALLS = 5_000;
/** Enough for both replicas to be chosen at random. */
const EXPORTS_MAX = 50;
const EXPORTS_MIN = 4;

describeEachDatabase(
  'With several replicas',
  anyDataSourceOptions,
  (database) => {
    it('an export reads the same replica from its first statement to its last', async () => {
      const other = Object.assign(new URL(database.url), {
        pathname: `${new URL(database.url).pathname}_late`,
      });
      const otherName = other.pathname.slice(1);
      await database.dataSource.query(`CREATE DATABASE ${otherName}`);
      const late = await new DataSource(anyDataSourceOptions(other.href)).initialize();
      const slaves = [{ url: database.url }, { url: other.href }];
      const dataSource = new DataSource({
        ...anyDataSourceOptions(database.url),
        url: undefined,
        synchronize: false,
        replication: { master: { url: database.url }, slaves },
      } as unknown as DataSourceOptions);
      try {
        await late.runMigrations();
        // Unlike real replicas, these two have different calls.
        for (const [source, name] of [
          [database.dataSource, 'A'],
          [late, 'B'],
        ] as const) {
          const calls = Array.from({ length: CALLS }, (_call, index) => ({
            accountId: 1,
            callSid: `${name}${index}`,
            status: 'completed',
          }));
          await source.getRepository(Call).insert(calls);
        }
        await dataSource.initialize();
        const host = await ExportingHost.start({ ...database, dataSource }, { pageSize: 100 });
        try {
          const read = new Set<string>();
          for (let time = 0; time < (read.size < 2 ? EXPORTS_MAX : EXPORTS_MIN); time++) {
            const file = JSON.parse(await host.export({ format: 'json' })) as {
              call_sid: string;
            }[];
            expect(file).toHaveLength(CALLS);
            const names = new Set(file.map(({ call_sid }) => call_sid[0] as string));
            expect(names.size).toBe(1);
            for (const name of names) read.add(name);
          }
          // Different exports use both.
          expect([...read].sort()).toEqual(['A', 'B']);
        } finally {
          await host.close();
        }
      } finally {
        await late.destroy();
        await database.dataSource.query(`DROP DATABASE ${otherName}`);
      }
    }, 60_000);
  },
  ['PostgreSQL server', 'MariaDB server'],
);
