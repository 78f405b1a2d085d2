import { describeEachDatabase, until } from '@calls/testing';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ExportingHost, postgresOptions } from './exporting-host';

let warnings: string[];
beforeEach(() => {
  warnings = [];
  jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => void warnings.push(line));
});
afterEach(() => jest.restoreAllMocks());

describeEachDatabase('The index check', postgresOptions, (database) => {
  const connect = () => new DataSource(postgresOptions(database.url)).initialize();

  it('delays the start by at most queryTimeout, and never fails it', async () => {
    const dataSource = await connect();
    const runner = database.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('LOCK TABLE pg_index IN ACCESS EXCLUSIVE MODE');
    try {
      const begun = Date.now();
      const host = await ExportingHost.start({ ...database, dataSource }, { queryTimeout: 0.5 });
      const took = Date.now() - begun;
      expect(took).toBeGreaterThanOrEqual(450);
      // The lock is still held.
      expect(took).toBeLessThan(20_000);
      await runner.rollbackTransaction();
      expect(await host.exportedIds()).toEqual([]);
      await host.close();
    } finally {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      await runner.release();
    }
    expect(warnings).toEqual([]);
  });

  it('runs at the first export from a DataSource that a request chooses', async () => {
    await database.dataSource.query('DROP INDEX calls_account_id_id');
    const [dataSource, tenant] = [await connect(), await connect()];
    const host = await ExportingHost.start(
      { ...database, dataSource },
      { dataSource: () => tenant },
    );
    try {
      expect(warnings).toEqual([]);
      for (let time = 0; time < 3; time++) await host.exportedIds({ dataSource: tenant });
      await until(() => warnings.length > 0, 20_000);
      expect(warnings).toEqual([expect.stringContaining('no index on (account_id, id). Without')]);
    } finally {
      await host.close();
      await tenant.destroy();
    }
  });
});
