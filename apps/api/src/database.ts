import { resolve } from 'node:path';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './data-source-options';
import type { AccountType, Environment } from './environment';
import { EnvironmentError, isLoopback } from './read-environment';

/** The database that the settings name. */
export interface Database {
  readonly url: string;
  /** Of a replica, from which exports are read. */
  readonly readUrl?: string;
  /** What its accounts are, or the migration makes of them. */
  readonly accountType: AccountType;
  /** It runs in this process or another one of this machine, and keeps its data under `.data/`. */
  readonly embedded: boolean;
  close(): Promise<void>;
}

/**
 * @param mayJoin whether the embedded database of another process will do, as for a command beside a running server.
 *   Default true.
 * @throws EnvironmentError without a server in production, where others than this machine reach the API, or where another
 *   process has the embedded database.
 */
export async function openDatabase(
  { NODE_ENV, HOST, DATABASE_URL, DATABASE_READ_URL, ACCOUNT_TYPE }: Environment,
  mayJoin = true,
): Promise<Database> {
  if (DATABASE_URL !== undefined) {
    return {
      url: DATABASE_URL,
      readUrl: DATABASE_READ_URL,
      accountType: ACCOUNT_TYPE,
      embedded: false,
      close: async () => {},
    };
  }
  if (DATABASE_READ_URL !== undefined) {
    throw new EnvironmentError('DATABASE_READ_URL is a replica, so it needs DATABASE_URL');
  }
  if (NODE_ENV === 'production') {
    throw new EnvironmentError(
      'DATABASE_URL is required in production, where the embedded database is not used',
    );
  }
  if (!isLoopback(HOST)) {
    throw new EnvironmentError(
      `DATABASE_URL is required where HOST is ${HOST}: the embedded database is for this machine alone`,
    );
  }
  // Loaded here since a production install goes without it.
  const { DataDirectoryInUseError, startEmbeddedPostgres } =
    await import('@calls/embedded-postgres');
  const directory = resolve('.data');
  const { url, close } = await startEmbeddedPostgres(directory, mayJoin).catch((error: unknown) => {
    if (!(error instanceof DataDirectoryInUseError)) throw error;
    throw new EnvironmentError(
      `The embedded database in ${directory} is in use by process ${error.pid}: stop that process, or set DATABASE_URL`,
    );
  });
  return { url, accountType: ACCOUNT_TYPE, embedded: true, close };
}

/**
 * Connects to the database for `work`, then closes what it has opened.
 *
 * @param variable that has its address.
 * @throws EnvironmentError where the database can't be reached.
 */
export async function withDataSource<T>(
  { url, accountType }: Pick<Database, 'url' | 'accountType'>,
  work: (dataSource: DataSource) => Promise<T>,
  variable = 'DATABASE_URL',
): Promise<T> {
  const dataSource = new DataSource({
    ...dataSourceOptions(url, undefined, accountType),
    // The default one prints that a migration failed, which the command says in a sentence.
    logger: 'debug',
  });
  await dataSource.initialize().catch((error: Error & { code?: string }) => {
    // Where a host has several addresses, the message of their common error is empty.
    throw new EnvironmentError(`${variable} can't be connected to: ${error.message || error.code}`);
  });
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
