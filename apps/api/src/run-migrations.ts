import { AccountTypeError } from 'nestjs-calls-export';
import { type DataSource, type Migration, QueryFailedError } from 'typeorm';
import { requireAccountType } from './account-type';
import type { Database } from './database';
import { EnvironmentError } from './read-environment';

/** "calls" in ASCII. */
const LOCK = 0x63616c6c73;
/** PostgreSQL's codes of a statement that ran into `statement_timeout` and of one that ran into `lock_timeout`. */
const GAVE_UP_WAITING = ['57014', '55P03'];

/**
 * Applies the pending migrations, after which accounts are of ACCOUNT_TYPE. Processes that do so at the same time take turns.
 *
 * @returns the migrations that were applied.
 * @throws EnvironmentError if the accounts can't become of that type, or if another process migrates for longer than the database lets
 *   a statement wait.
 */
export async function runMigrations(
  dataSource: DataSource,
  { embedded, accountType }: Pick<Database, 'embedded' | 'accountType'>,
): Promise<Migration[]> {
  try {
    // The embedded database runs one transaction at a time, so one that holds a lock would keep out the migrations.
    const applied = await (embedded ? dataSource.runMigrations() : migrateInTurn(dataSource));
    await requireAccountType(dataSource, accountType, 'use another database');
    return applied;
  } catch (error) {
    throw error instanceof AccountTypeError ? new EnvironmentError(error.message) : error;
  }
}

/**
 * Makes the schema of the embedded database if it is new, or updates it. Accounts stay of their type, which only the command that
 * migrates changes.
 *
 * @throws EnvironmentError if accounts are of another type than ACCOUNT_TYPE says.
 */
export async function prepareEmbedded(
  dataSource: DataSource,
  { accountType }: Pick<Database, 'accountType'>,
): Promise<void> {
  await requireAccountType(dataSource, accountType, 'delete the directory .data');
  await dataSource.runMigrations();
}

/** The lock belongs to a transaction, since that works through a connection pooler as well. */
function migrateInTurn(dataSource: DataSource): Promise<Migration[]> {
  return dataSource.transaction(async (manager) => {
    // This transaction is idle while the migrations run on another connection, however long they take.
    await manager.query(
      `SELECT set_config(name, '0', true) FROM pg_settings
       WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')`,
    );
    await manager.query('SELECT pg_advisory_xact_lock($1)', [LOCK]).catch((error: unknown) => {
      if (!(error instanceof QueryFailedError)) throw error;
      const { code } = error.driverError as { code?: string };
      throw GAVE_UP_WAITING.includes(code ?? '')
        ? new EnvironmentError(
            'Another process is still migrating the database of DATABASE_URL: try again when it has finished',
          )
        : error;
    });
    return dataSource.runMigrations();
  });
}
