import type { DataSource, QueryDeepPartialEntity } from 'typeorm';
import { Call } from '../src';

/** SQLite limits the number of parameters of a statement. */
const CALLS_PER_STATEMENT = 200;

/** Inserts any number of calls. */
export async function insertCalls(
  dataSource: DataSource,
  calls: readonly QueryDeepPartialEntity<Call>[],
): Promise<void> {
  const repository = dataSource.getRepository(Call);
  for (let done = 0; done < calls.length; done += CALLS_PER_STATEMENT) {
    await repository.insert(calls.slice(done, done + CALLS_PER_STATEMENT));
  }
}
