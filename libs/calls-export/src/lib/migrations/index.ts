import { CreateCalls1700000000000 } from './1700000000000-create-calls.migration';

/** Make the tables of `Call` and `Assistant` on PostgreSQL: for the `migrations` of the DataSource. */
export const callsMigrations = [CreateCalls1700000000000];
