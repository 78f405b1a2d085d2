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
/** What poolers say to what the driver sends as a connection starts: PgBouncer and Neon, and Amazon's RDS Proxy. */
const REFUSED_PARAMETER = /unsupported startup parameter|doesn't support the option/;

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
 * @throws EnvironmentError without a server in production, where others than this machine reach the API, where another
 *   process has the embedded database, or where the certificates of a URL can't be used.
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

/** How the connections are that serve requests; those of commands have no limits. */
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
 * Connects to the database for `work`, then closes what it has opened.
 *
 * @param variable that has its address.
 * @param options other than those of a command.
 * @throws EnvironmentError where the database can't be reached.
 */
export async function withDataSource<T>(
  { url, accountType }: Pick<Database, 'url' | 'accountType'>,
  work: (dataSource: DataSource) => Promise<T>,
  variable = 'DATABASE_URL',
  options: Partial<ReturnType<typeof servingOptions>> = { connectTimeoutMS: CONNECT_TIMEOUT_MS },
): Promise<T> {
  const dataSource = new DataSource({
    ...dataSourceOptions(url, undefined, accountType),
    // The default one prints that a migration failed, which the command says in a sentence.
    logger: 'debug',
    ...options,
  });
  await dataSource.initialize().catch((error: Error & { code?: string }) => {
    // Where a host has several addresses, the message of their common error is empty.
    const reason = error.message || error.code || error.name;
    throw new EnvironmentError(
      REFUSED_PARAMETER.test(reason)
        ? `${variable} names a connection pooler that refuses statement_timeout at the start of a connection: set DATABASE_STATEMENT_TIMEOUT=0`
        : `${variable} can't be connected to: ${reason.replace(/\s+/g, ' ')}`,
    );
  });
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/**
 * Connects to the replica, if there is one.
 *
 * @param warn is told that it can't be reached, if exports may begin on the primary then.
 * @throws EnvironmentError where it can't be reached, if they may not.
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
    warn(`${error.message}. Until it can, exports begin on DATABASE_URL`);
  });
}

/** @throws EnvironmentError where a file that a URL names can't be read, or has no certificate or key that TLS takes. */
function checkCertificates(variable: string, url: string): void {
  try {
    // The driver reads the files; nothing is connected.
    const { ssl } = new Client({ connectionString: url }) as {
      ssl?: boolean | SecureContextOptions;
    };
    if (typeof ssl !== 'object') return;
    // TLS ignores a file without a certificate.
    if (ssl.ca !== undefined) new X509Certificate(String(ssl.ca));
    createSecureContext(ssl);
  } catch (error) {
    const { message } = error as Error;
    throw new EnvironmentError(`${variable} has TLS parameters that can't be used: ${message}`);
  }
}
