import { AccountTypeError } from 'nestjs-calls-export';
import { type DataSource, type Migration, QueryFailedError } from 'typeorm';
import { requireAccountType } from './account-type';
import type { Database } from './database';
import { EnvironmentError } from './read-environment';

/** The key of the advisory lock: "calls" in ASCII. */
const LOCK = 0x63616c6c73;
/** PostgreSQL's error codes for `statement_timeout` and `lock_timeout`. */
const TIMEOUT_CODES = ['57014', '55P03'];

/**
 * Applies the pending migrations, which also convert account ids to ACCOUNT_TYPE. Concurrent processes wait
 * for each other.
 *
 * @returns the migrations that were applied.
 * @throws EnvironmentError if the account ids can't be converted, or waiting for another process times out.
 */
export async function runMigrations(
  dataSource: DataSource,
  { embedded, accountType }: Pick<Database, 'embedded' | 'accountType'>,
): Promise<Migration[]> {
  try {
    // The embedded database runs one transaction at a time, so the one that holds the lock would block the
    // migrations.
    const applied = await (embedded ? dataSource.runMigrations() : migrateWithLock(dataSource));
    await requireAccountType(dataSource, accountType, 'use another database');
    return applied;
  } catch (error) {
    throw error instanceof AccountTypeError ? new EnvironmentError(error.message) : error;
  }
}

/**
 * Creates or updates the schema of the embedded database. It does not convert account ids; only the migrate
 * command does.
 *
 * @throws EnvironmentError if the account ids are not of type ACCOUNT_TYPE.
 */
export async function prepareEmbedded(
  dataSource: DataSource,
  { accountType }: Pick<Database, 'accountType'>,
): Promise<void> {
  await requireAccountType(dataSource, accountType, 'delete the directory .data');
  await dataSource.runMigrations();
}

/**
 * Migrates while holding a lock. The lock is bound to a transaction, which also works through a connection
 * pooler.
 */
function migrateWithLock(dataSource: DataSource): Promise<Migration[]> {
  return dataSource.transaction(async (manager) => {
    // This transaction idles while the migrations run on another connection, so it must not time out.
    await manager.query(
      `SELECT set_config(name, '0', true) FROM pg_settings
       WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')`,
    );
    await manager.query('SELECT pg_advisory_xact_lock($1)', [LOCK]).catch((error: unknown) => {
      if (!(error instanceof QueryFailedError)) throw error;
      const { code } = error.driverError as { code?: string };
      throw TIMEOUT_CODES.includes(code ?? '')
        ? new EnvironmentError(
            'Another process is still migrating the database at DATABASE_URL: try again when it finishes',
          )
        : error;
    });
    return dataSource.runMigrations();
  });
}
