import { randomBytes } from 'node:crypto';
import type { TestDatabase } from '@calls/testing';
import { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { AccountId, CallsExportModuleOptions } from '../src';
import { ExportingHost, postgresOptions } from './exporting-host';
import { ACCOUNTS, createTenants } from './tenants';

export const PAGE_SIZE = 100;
/** A JSON file without calls. */
export const NO_CALLS = '[]';
/** A setting's values if the session never set it, and if it was set in a transaction that has ended. */
export const UNSET = [null, ''];

/** Creates the tenants for the tests of a suite, and starts and closes hosts for them. */
export function tenantHosts(database: TestDatabase) {
  const role = `calls_test_${randomBytes(6).toString('hex')}`;
  const hosts: ExportingHost[] = [];
  let ownUrl: string;
  /** Each account's file, exported as the superuser, who is not subject to policies. */
  const files = new Map<AccountId, string>();
  /** One assistant of each account. */
  const assistants = new Map<AccountId, number>();

  beforeAll(async () => {
    ownUrl = await createTenants(database, role);
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

  async function connect(poolSize: number, at = ownUrl, driver?: unknown): Promise<DataSource> {
    const options = { ...postgresOptions(at), poolSize, driver } satisfies DataSourceOptions;
    return new DataSource(options).initialize();
  }

  async function start(
    options: CallsExportModuleOptions,
    connections: number | DataSource,
    at = ownUrl,
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
      `SELECT pg_backend_pid() AS pid, current_setting('app.tenant', true) AS tenant,
         current_setting('app.role', true) AS role`,
    );
    return row as { pid: number; tenant: string | null; role: string | null };
  }

  return {
    role,
    /** The database's URL for the role. */
    url: () => ownUrl,
    files,
    assistants,
    connect,
    start,
    expectOwn,
    rowsOf,
    idsOf,
    leftOn,
  };
}
