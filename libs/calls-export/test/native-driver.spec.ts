import { describeEachDatabase } from '@calls/testing';
import { seedCalls } from '@calls/seed-calls';
import { Logger } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { CallsExportModuleOptions } from '../src';
import { ExportingHost, postgresOptions } from './exporting-host';
import { withLockedAssistants } from './locked-assistants';
import { nativeLikeDriver } from './native-like-client';

const CALLS = 1_000;

describeEachDatabase('With pg-native, a host', postgresOptions, (database) => {
  let expected: string;
  let warnings: string[];
  let host: ExportingHost | undefined;

  beforeAll(async () => {
    await seedCalls(database.dataSource, 1, CALLS);
    const dataSource = await new DataSource(postgresOptions(database.url)).initialize();
    const plain = await ExportingHost.start({ ...database, dataSource });
    expected = await plain.export();
    await plain.close();
  }, 60_000);
  afterEach(async () => {
    jest.restoreAllMocks();
    await host?.close();
  });

  async function start(options: CallsExportModuleOptions): Promise<ExportingHost> {
    warnings = [];
    const dataSource = new DataSource({
      ...postgresOptions(database.url),
      driver: nativeLikeDriver,
      poolSize: 2,
    } as DataSourceOptions);
    const started = await ExportingHost.start(
      { ...database, dataSource: await dataSource.initialize() },
      { pageSize: 100, ...options },
    );
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => warnings.push(line));
    host = started;
    return started;
  }

  it.each([true, false])('exports the same file, and counts calls (copy: %s)', async (copy) => {
    const native = await start({ copy });
    expect(await Promise.all([native.export(), native.export()])).toEqual([expected, expected]);
    expect(await native.count()).toBe(CALLS);
    // One line for all exports, and none if COPY is switched off.
    expect(warnings).toEqual(
      copy
        ? [
            "Binary COPY is not available, so calls are read row by row, which is slower: the driver is not the JavaScript client of 'pg'",
          ]
        : [],
    );
  });

  it.each([true, false])('filters calls (copy: %s)', async (copy) => {
    const native = await start({ copy });
    const ids = await native.exportedIds();
    const [{ id: assistantId }] = await database.dataSource.query(
      'SELECT min(id) AS id FROM assistants',
    );
    const idsWhere = async (condition: string, parameter: unknown) => {
      const rows = await database.dataSource.query(
        `SELECT id FROM calls WHERE account_id = 1 AND ${condition} ORDER BY id`,
        [parameter],
      );
      return rows.map(({ id }: { id: string }) => Number(id)) as number[];
    };
    const completed = await idsWhere('status = $1', 'completed');
    const taken = await idsWhere('assistant_id = $1', assistantId);
    expect(Math.min(completed.length, taken.length)).toBeGreaterThan(100);
    expect(ids).toHaveLength(CALLS);
    expect(await native.exportedIds({ status: 'completed' })).toEqual(completed);
    expect(await native.exportedIds({ assistantId })).toEqual(taken);
    expect(await native.count({ status: 'completed', assistantId })).toBe(
      taken.filter((id) => completed.includes(id)).length,
    );
  });
});

describeEachDatabase(
  'With pg-native, a running statement',
  postgresOptions,
  (database) => {
    it.each([true, false])(
      'is abandoned when the export is stopped (copy: %s)',
      async (copy) => {
        await seedCalls(database.dataSource, 1, 10);
        const options = { ...postgresOptions(database.url), driver: nativeLikeDriver, poolSize: 1 };
        const dataSource = await new DataSource(options as DataSourceOptions).initialize();
        const host = await ExportingHost.start({ ...database, dataSource }, { copy });
        const expected = await host.export();
        await withLockedAssistants(database.dataSource, async (untilOneWaits) => {
          const stop = new AbortController();
          const reason = new Error('the job was canceled');
          const stopped = expect(host.export({ signal: stop.signal })).rejects.toBe(reason);
          await untilOneWaits();
          stop.abort(reason);
          await stopped;
        });
        // The pool's only connection is free again, or was replaced.
        expect(await host.export()).toBe(expected);
        await host.close();
        await database.dataSource.query('DELETE FROM calls');
      },
      30_000,
    );
  },
  ['PostgreSQL server'],
);
