import { until } from '@calls/testing';
import type { DataSource } from 'typeorm';

/**
 * Locks the table `assistants` on a PostgreSQL server while the work runs.
 *
 * @param work is called with a function that resolves when a statement waits for the lock.
 */
export async function withLockedAssistants(
  dataSource: DataSource,
  work: (untilOneWaits: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    await runner.query('LOCK TABLE assistants');
    await work(() =>
      until(async () => {
        const waiting = await dataSource.query(
          `SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'assistants'::regclass`,
        );
        return waiting.length > 0;
      }, 10_000),
    );
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
}
