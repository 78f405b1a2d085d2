import type { DataSource } from 'typeorm';

/** Runs `work` while the table of calls is missing, so that every statement of an export fails. */
export async function whileCallsMissing<T>(
  dataSource: DataSource,
  work: () => Promise<T>,
): Promise<T> {
  await dataSource.query('ALTER TABLE calls RENAME TO elsewhere');
  try {
    return await work();
  } finally {
    await dataSource.query('ALTER TABLE elsewhere RENAME TO calls');
  }
}

/** Runs `work` while a lock blocks every read of the calls. */
export async function whileCallsLocked<T>(
  dataSource: DataSource,
  work: () => Promise<T>,
): Promise<T> {
  return dataSource.transaction(async ({ queryRunner }) => {
    await queryRunner?.query('LOCK TABLE calls IN ACCESS EXCLUSIVE MODE');
    return work();
  });
}
