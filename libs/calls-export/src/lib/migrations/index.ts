import { CreateCalls1700000000000 } from './1700000000000-create-calls.migration';
import { WidenCallSid1795824000000 } from './1795824000000-widen-call-sid.migration';

/**
 * Migrations that create the tables of `Call` and `Assistant` on PostgreSQL. They use the DataSource's
 * `schema` and `entityPrefix`.
 *
 * @example
 * new DataSource({ type: 'postgres', url, entities: [Assistant, Call], migrations: callsMigrations })
 * @publicApi
 */
export const callsMigrations = [CreateCalls1700000000000, WidenCallSid1795824000000];
