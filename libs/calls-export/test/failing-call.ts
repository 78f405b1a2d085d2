import type { DataSource } from 'typeorm';

/** PostgreSQL's error message. */
export const FAILURE = 'division by zero';

/**
 * Runs work while PostgreSQL fails as soon as a statement reaches the newest call, in the middle of its
 * result.
 */
export async function withFailingCall(
  dataSource: DataSource,
  work: () => Promise<void>,
): Promise<void> {
  await dataSource.query('ALTER TABLE calls RENAME TO all_calls');
  await dataSource.query(`
    CREATE VIEW calls AS
    SELECT
      id, account_id, call_sid, assistant_id, customer_phone_number, status,
      CASE WHEN id < (SELECT max(id) FROM all_calls) THEN duration ELSE 1 / (id - id)::int END AS duration,
      started_at, ended_at, created_at
    FROM all_calls`);
  try {
    await work();
  } finally {
    await dataSource.query('DROP VIEW calls');
    await dataSource.query('ALTER TABLE all_calls RENAME TO calls');
  }
}
