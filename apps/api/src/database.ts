import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { requireAccountType } from './account-type';
import { dataSourceOptions } from './data-source-options';
import type { AccountType } from 'nestjs-calls-export';
import type { Environment } from './environment';
import { EnvironmentError, isLoopback } from './read-environment';

const CONNECT_TIMEOUT_MS = 5_000;
/** The error messages of poolers that reject a startup parameter: PgBouncer and Neon; Amazon RDS Proxy. */
const REJECTED_PARAMETER = /unsupported startup parameter|doesn't support the option/;

/** The database from the settings. */
export interface Database {
  readonly url: string;
  /** The URL of the replica that exports read from. */
  readonly readUrl?: string;
  /** The type of account ids, which the migration creates the columns with. */
  readonly accountType: AccountType;
  /** Whether it is the embedded database, in this process or in another one on this machine. */
  readonly embedded: boolean;
  close(): Promise<void>;
}

/**
 * Returns the database from the settings. Without DATABASE_URL, it starts the embedded one.
 *
 * @param mayJoin whether to use the embedded database of another process, as a command does beside a running
 *   server. Default true.
 * @throws EnvironmentError if DATABASE_URL is required but missing, another process uses the embedded
 *   database, or a URL names invalid certificates.
 */
export async function openDatabase(
  { NODE_ENV, HOST, DATABASE_URL, DATABASE_READ_URL, ACCOUNT_TYPE }: Environment,
  mayJoin = true,
): Promise<Database> {
  if (DATABASE_URL !== undefined) {
    checkCertificates('DATABASE_URL', DATABASE_URL);
    if (DATABASE_READ_URL !== undefined) checkCertificates('DATABASE_READ_URL', DATABASE_READ_URL);
    return {
      url: DATABASE_URL,
      readUrl: DATABASE_READ_URL,
      accountType: ACCOUNT_TYPE,
      embedded: false,
      close: async () => {},
    };
  }
  if (DATABASE_READ_URL !== undefined) {
    throw new EnvironmentError(
      'DATABASE_READ_URL requires DATABASE_URL, the primary of the replica',
    );
  }
  if (NODE_ENV === 'production') {
    throw new EnvironmentError(
      'DATABASE_URL is required in production: the embedded database is for development',
    );
  }
  if (!isLoopback(HOST)) {
    throw new EnvironmentError(
      `DATABASE_URL is required if HOST is ${HOST}: the embedded database only serves the local machine`,
    );
  }
  // Loaded lazily: a production install does not include it.
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

/** The limits of the connections that serve requests. Commands run without them. */
export function servingOptions(environment: Environment) {
  const { DATABASE_POOL_SIZE, DATABASE_STATEMENT_TIMEOUT } = environment;
  return {
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    poolSize: DATABASE_POOL_SIZE,
    ...(DATABASE_STATEMENT_TIMEOUT > 0 && {
      extra: { statement_timeout: DATABASE_STATEMENT_TIMEOUT * 1000 },
    }),
  };
}

/**
 * Connects to the database, runs `work`, and disconnects.
 *
 * @param variable the setting that contains the URL, for messages.
 * @param options of the connection. Default: those of a command, which has no pool or statement limits.
 * @throws EnvironmentError if it can't connect.
 */
export async function withDataSource<T>(
  { url, accountType }: Pick<Database, 'url' | 'accountType'>,
  work: (dataSource: DataSource) => Promise<T>,
  variable = 'DATABASE_URL',
  options: Partial<ReturnType<typeof servingOptions>> = { connectTimeoutMS: CONNECT_TIMEOUT_MS },
): Promise<T> {
  const dataSource = new DataSource({
    ...dataSourceOptions(url, undefined, accountType),
    // The default logger would also print a failed migration, which the command reports itself.
    logger: 'debug',
    ...options,
  });
  await dataSource.initialize().catch((error: Error & { code?: string }) => {
    // The AggregateError of a host with several addresses has an empty message.
    const reason = error.message || error.code || error.name;
    throw new EnvironmentError(
      REJECTED_PARAMETER.test(reason)
        ? `${variable} points to a connection pooler that rejects the startup parameter statement_timeout: ` +
            'set DATABASE_STATEMENT_TIMEOUT=0'
        : `Can't connect to ${variable}: ${reason.replace(/\s+/g, ' ')}`,
    );
  });
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/**
 * Checks that the replica, if any, is reachable.
 *
 * @param warn called with the failure if DATABASE_READ_FALLBACK is set.
 * @throws EnvironmentError if it is unreachable and DATABASE_READ_FALLBACK is not set.
 */
export async function checkReplica(
  { readUrl, accountType }: Database,
  environment: Environment,
  warn: (warning: string) => void,
): Promise<void> {
  if (readUrl === undefined) return;
  const connected = withDataSource(
    { url: readUrl, accountType },
    (dataSource) => requireAccountType(dataSource, accountType),
    'DATABASE_READ_URL',
    servingOptions(environment),
  );
  await connected.catch((error: Error) => {
    if (environment.DATABASE_READ_FALLBACK !== 'true') throw error;
    warn(`${error.message}. Until it is reachable, exports start on DATABASE_URL`);
  });
}

/** @throws EnvironmentError if a certificate or key file of the URL is unreadable or invalid. */
function checkCertificates(variable: string, url: string): void {
  try {
    // The constructor reads the files but does not connect.
    const { ssl } = new Client({ connectionString: url }) as {
      ssl?: boolean | SecureContextOptions;
    };
    if (typeof ssl !== 'object') return;
    // Node.js silently ignores a CA file without a certificate.
    if (ssl.ca !== undefined) new X509Certificate(String(ssl.ca));
    createSecureContext(ssl);
  } catch (error) {
    const { message } = error as Error;
    throw new EnvironmentError(`${variable} has invalid TLS parameters: ${message}`);
  }
}
