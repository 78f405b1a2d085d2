import { type DataSource, type Migration, QueryFailedError } from 'typeorm';
import { EnvironmentError } from './read-environment';

/** "calls" in ASCII. */
const LOCK = 0x63616c6c73;
/** PostgreSQL's codes of a statement that ran into `statement_timeout` and of one that ran into `lock_timeout`. */
const GAVE_UP_WAITING = ['57014', '55P03'];

/**
 * Applies the pending migrations. Processes that do so at the same time take turns.
 *
 * The lock belongs to a transaction, since that works through a connection pooler as well.
 *
 * @returns the migrations that were applied.
 * @throws EnvironmentError if another process migrates for longer than the database lets a statement wait.
 */
export async function runMigrations(dataSource: DataSource): Promise<Migration[]> {
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
