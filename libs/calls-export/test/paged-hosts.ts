import type { TestDatabase } from '@calls/testing';
import { DataSource } from 'typeorm';
import type { CallsExportModuleOptions } from '../src';
import { ExportingHost, postgresOptions } from './exporting-host';

export const CALLS = 1_000;
export const PAGE_SIZE = 100;
export const PAGES = CALLS / PAGE_SIZE;

/** Whether a statement only describes the columns. */
export const describes = (statement: string) => statement.includes('"described"');
/** Whether a statement of an export reads a page. */
export const readsPage = (statement: string) =>
  /"call_sid"[^]*"calls"/.test(statement) && !describes(statement);

/**
 * Returns a function that starts a host with small pages and a pool of two connections. After each test, all
 * hosts are closed and all mocks restored.
 */
export function pagedHosts(
  database: TestDatabase,
): (options?: CallsExportModuleOptions) => Promise<ExportingHost> {
  const hosts: ExportingHost[] = [];
  // Even after a failed test, so that its statements don't reach the next one.
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close();
    jest.restoreAllMocks();
  });

  return async (options = {}) => {
    const dataSource = new DataSource({ ...postgresOptions(database.url), poolSize: 2 });
    const host = await ExportingHost.start(
      { ...database, dataSource: await dataSource.initialize() },
      { pageSize: PAGE_SIZE, ...options },
    );
    hosts.push(host);
    return host;
  };
}
