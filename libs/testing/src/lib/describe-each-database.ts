import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { emptyEmbeddedPostgres } from './empty-embedded-postgres';

/** A database of the suite's own, with the schema and no rows. */
export interface TestDatabase {
  readonly url: string;
  /** For what a test prepares and looks up; not the connections of what it tests. */
  readonly dataSource: DataSource;
}

/** Seconds, and minutes where all cores are busy. */
const START_TIMEOUT_MS = 180_000;

/** Makes a database; undefined where no server of the kind is at hand. */
type Create = () => Promise<{ url: string; close(): Promise<void> }>;

const KINDS = {
  'embedded PostgreSQL': emptyEmbeddedPostgres,
  'PostgreSQL server': onServer('TEST_DATABASE_URL', createPostgresDatabase),
  'MariaDB server': onServer('TEST_MARIADB_URL', createMariadbDatabase),
  SQLite: async () => ({ url: 'sqljs:', close: async () => {} }),
} satisfies Record<string, Create | undefined>;

export type DatabaseKind = keyof typeof KINDS;

/** Every kind of database that a suite can run on. */
export const EVERY_DATABASE = Object.keys(KINDS) as DatabaseKind[];

/**
 * Runs a suite on each kind of database whose server is there, but on the embedded PostgreSQL only where it can't have a
 * PostgreSQL server, which is the same and faster: `TEST_DATABASE_URL` (`postgres://…`) and
 * `TEST_MARIADB_URL` (`mysql://…`) name them. The suite's title says on which it runs.
 *
 * @param options for a database's URL (`sqljs:` is SQLite in memory), with the migrations that make the schema.
 */
export function describeEachDatabase(
  title: string,
  options: (url: string) => DataSourceOptions,
  suite: (database: TestDatabase) => void,
  kinds: readonly DatabaseKind[] = ['embedded PostgreSQL', 'PostgreSQL server'],
): void {
  const hasServer = kinds.includes('PostgreSQL server') && KINDS['PostgreSQL server'];
  for (const name of kinds) {
    if (name === 'embedded PostgreSQL' && hasServer) continue;
    const create: Create | undefined = KINDS[name];
    if (!create) continue;
    const database = {} as { -readonly [Key in keyof TestDatabase]: TestDatabase[Key] };
    describe(`${title} (${name})`, () => {
      let close = async () => {};

      beforeAll(async () => {
        const created = await create();
        close = created.close;
        database.url = created.url;
        database.dataSource = await new DataSource(options(created.url)).initialize();
        await database.dataSource.runMigrations();
      }, START_TIMEOUT_MS);

      afterAll(async () => {
        if (database.dataSource?.isInitialized) await database.dataSource.destroy();
        await close();
      }, START_TIMEOUT_MS);

      suite(database);
    });
  }
}

function onServer(
  variable: string,
  createDatabase: (serverUrl: string, name: string) => ReturnType<Create>,
): Create | undefined {
  const serverUrl = process.env[variable];
  return serverUrl
    ? () => createDatabase(serverUrl, `calls_test_${randomBytes(6).toString('hex')}`)
    : undefined;
}

async function createPostgresDatabase(serverUrl: string, name: string) {
  const query = async (sql: string) => {
    const client = new Client(serverUrl);
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await query(`CREATE DATABASE ${name}`);
  return {
    url: withDatabase(serverUrl, name),
    close: () => query(`DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function createMariadbDatabase(serverUrl: string, name: string) {
  // Only here, since loading it takes a second.
  const { createConnection } = await import('mysql2/promise');
  const query = async (sql: string) => {
    const connection = await createConnection(serverUrl);
    await connection.query(sql).finally(() => connection.end());
  };
  await query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  return {
    url: withDatabase(serverUrl, name),
    close: () => query(`DROP DATABASE ${name}`),
  };
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
