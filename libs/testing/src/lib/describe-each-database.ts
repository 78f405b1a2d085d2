import { randomBytes } from 'node:crypto';
import { startEmbeddedPostgres } from '@calls/embedded-postgres';
import { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';

/** A database of the suite's own, with the schema and no rows. */
export interface TestDatabase {
  readonly url: string;
  /** For what a test prepares and looks up; not the connections of what it tests. */
  readonly dataSource: DataSource;
}

const START_TIMEOUT_MS = 60_000;

/**
 * Runs a suite on an embedded PostgreSQL, and on the server of `TEST_DATABASE_URL` as well where that is set.
 * The suite's title says on which.
 *
 * @param options for a database's URL, with the migrations that make the schema.
 */
export function describeEachDatabase(
  title: string,
  options: (url: string) => DataSourceOptions,
  suite: (database: TestDatabase) => void,
): void {
  const serverUrl = process.env['TEST_DATABASE_URL'];
  const kinds: [name: string, create: () => Promise<{ url: string; close(): Promise<void> }>][] = [
    ['embedded PostgreSQL', () => startEmbeddedPostgres()],
  ];
  if (serverUrl) kinds.push(['PostgreSQL server', () => createDatabase(serverUrl)]);

  describe.each(kinds)(`${title} (%s)`, (_name, create) => {
    const database = {} as { -readonly [Key in keyof TestDatabase]: TestDatabase[Key] };
    let close = async () => {};

    beforeAll(async () => {
      const created = await create();
      close = created.close;
      database.url = created.url;
      database.dataSource = await new DataSource(options(created.url)).initialize();
      await database.dataSource.runMigrations();
    }, START_TIMEOUT_MS);

    afterAll(async () => {
      await database.dataSource?.destroy();
      await close();
    }, START_TIMEOUT_MS);

    suite(database);
  });
}

async function createDatabase(serverUrl: string) {
  const name = `calls_test_${randomBytes(6).toString('hex')}`;
  const onServer = async (sql: string) => {
    const client = new Client(serverUrl);
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await onServer(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, close: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`) };
}
