import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase } from '@calls/testing';
import { Logger } from '@nestjs/common';
import * as pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { CallsExportModuleOptions } from '../src';
import { ExportingHost, postgresOptions } from './exporting-host';

/** A client of `pg` whose server lacks COPY, like some servers that speak PostgreSQL's protocol. */
class ClientWithoutCopy extends pg.Client {
  static copies = 0;
  static error: object = { code: '42601', severity: 'ERROR' };

  override query(...args: unknown[]): never {
    if (String(args[0]).includes('COPY (')) {
      ClientWithoutCopy.copies++;
      const message = 'syntax error at or near "COPY"';
      return Promise.reject(Object.assign(new Error(message), ClientWithoutCopy.error)) as never;
    }
    return (super.query as (...all: unknown[]) => never).apply(this, args);
  }
}

describeEachDatabase('Binary COPY', postgresOptions, (database) => {
  const CALLS = 3_000;
  let expected: string;
  let warnings: string[];

  beforeAll(async () => {
    await seedCalls(database.dataSource, 1, CALLS);
    const host = await ExportingHost.start(database);
    expected = await host.export();
    await host.close();
  }, 60_000);
  beforeEach(() => {
    ClientWithoutCopy.copies = 0;
    warnings = [];
  });
  afterEach(() => jest.restoreAllMocks());

  async function start(
    dataSource: DataSource,
    options?: CallsExportModuleOptions,
  ): Promise<ExportingHost> {
    const host = await ExportingHost.start({ ...database, dataSource }, options);
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => {
      // The log line of an export is an object.
      if (typeof line === 'string') warnings.push(line);
    });
    return host;
  }

  async function hostWith(Client: typeof pg.Client): Promise<ExportingHost> {
    class Pool extends pg.Pool {
      constructor(config: pg.PoolConfig) {
        super({ ...config, Client } as pg.PoolConfig);
      }
    }
    const options = { ...postgresOptions(database.url), driver: { ...pg, Pool } };
    const dataSource = await new DataSource(options as DataSourceOptions).initialize();
    return start(dataSource);
  }

  it('falls back to rows if the server lacks it, with the same file and one warning', async () => {
    const host = await hostWith(ClientWithoutCopy);
    expect(await Promise.all([host.export(), host.export()])).toEqual([expected, expected]);
    expect(await host.export()).toBe(expected);
    expect(warnings).toEqual([
      'Binary COPY is not available, so calls are read row by row, which is slower: syntax error at or near "COPY"',
    ]);
    expect(ClientWithoutCopy.copies).toBe(1);
    await host.close();
  });

  it('is tried again if the first attempt failed with a transient error', async () => {
    ClientWithoutCopy.error = { code: '57P01', severity: 'FATAL' };
    try {
      const host = await hostWith(ClientWithoutCopy);
      for (const attempt of [1, 2]) {
        await expect(host.export()).rejects.toThrow('The database is unavailable');
        expect(ClientWithoutCopy.copies).toBe(attempt);
      }
      expect(warnings).toEqual([]);
      await host.close();
    } finally {
      ClientWithoutCopy.error = { code: '42601', severity: 'ERROR' };
    }
  });

  it('is not tried if the option copy is false', async () => {
    const dataSource = await new DataSource(postgresOptions(database.url)).initialize();
    const query = jest.spyOn(pg.Client.prototype, 'query');
    const host = await start(dataSource, { copy: false });
    expect(await host.export()).toBe(expected);
    const copies = query.mock.calls.filter(([statement]) => String(statement).includes('COPY ('));
    expect(copies).toEqual([]);
    expect(warnings).toEqual([]);
    await host.close();
  });
});
