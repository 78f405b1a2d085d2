import { resolve } from 'node:path';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './data-source-options';
import { type Environment, EnvironmentError, isLoopback } from './environment';

/** The database that the settings name. */
export interface Database {
  readonly url: string;
  /** It runs in this process or another one of this machine, and keeps its data under `.data/`. */
  readonly embedded: boolean;
  close(): Promise<void>;
}

/** @throws EnvironmentError without a server in production, or where others than this machine reach the API. */
export async function openDatabase({
  NODE_ENV,
  HOST,
  DATABASE_URL,
}: Environment): Promise<Database> {
  if (DATABASE_URL !== undefined) {
    return { url: DATABASE_URL, embedded: false, close: async () => {} };
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
  const { startEmbeddedPostgres } = await import('@calls/embedded-postgres');
  const { url, close } = await startEmbeddedPostgres(resolve('.data'));
  return { url, embedded: true, close };
}

/**
 * Connects to the database for `work`, then closes what it has opened.
 *
 * @throws EnvironmentError where the database can't be reached.
 */
export async function withDataSource<T>(
  { url }: Database,
  work: (dataSource: DataSource) => Promise<T>,
): Promise<T> {
  const dataSource = new DataSource(dataSourceOptions(url));
  await dataSource.initialize().catch((error: Error & { code?: string }) => {
    // Where a host has several addresses, the message of their common error is empty.
    throw new EnvironmentError(
      `DATABASE_URL can't be connected to: ${error.message || error.code}`,
    );
  });
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
