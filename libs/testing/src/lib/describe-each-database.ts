import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { recordNotRun } from '../../not-run.cjs';
import { missing } from '../../requirements.cjs';
import { emptyEmbeddedPostgres } from './empty-embedded-postgres';

/** A database for one suite, with the schema but without rows. */
export interface TestDatabase {
  readonly url: string;
  /** Prepares and inspects data. The code under test uses its own connections. */
  readonly dataSource: DataSource;
}

/** Starting takes seconds, or minutes if all cores are busy. */
const START_TIMEOUT_MS = 180_000;

/** Creates a database. */
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
 * Removes one of the two kinds of PostgreSQL: keeps the server of `TEST_DATABASE_URL`, which is faster, or
 * the embedded one if there is no server.
 */
export function withOnePostgres(kinds: readonly DatabaseKind[]): readonly DatabaseKind[] {
  const bothPostgres = ['embedded PostgreSQL', 'PostgreSQL server'] as const;
  if (!bothPostgres.every((kind) => kinds.includes(kind))) return kinds;
  const [removed] = KINDS['PostgreSQL server'] ? bothPostgres : bothPostgres.toReversed();
  return kinds.filter((kind) => kind !== removed);
}

/**
 * Runs a suite on each kind of database, but on only one PostgreSQL (see `withOnePostgres`).
 * `TEST_DATABASE_URL` (`postgres://…`) and `TEST_MARIADB_URL` (`mysql://…`) name the servers; a kind whose
 * server is missing is recorded as not run. The database is part of the suite's title.
 *
 * @param options returns the options for a database's URL (`sqljs:` is SQLite in memory), with the
 *   migrations.
 */
export function describeEachDatabase(
  title: string,
  options: (url: string) => DataSourceOptions,
  suite: (database: TestDatabase) => void,
  kinds: readonly DatabaseKind[] = ['embedded PostgreSQL', 'PostgreSQL server'],
): void {
  for (const name of withOnePostgres(kinds)) {
    const create: Create | undefined = KINDS[name];
    if (!create) {
      recordNotRun(`${title} (${name})`, missing(name) as string);
      continue;
    }
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
  // Loaded lazily, because loading takes a second.
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
