import { CreateCalls1700000000000 } from './1700000000000-create-calls.migration';
import { WidenCallSid1795824000000 } from './1795824000000-widen-call-sid.migration';

/**
 * Make the tables of `Call` and `Assistant` on PostgreSQL, in the schema and with the prefix of the DataSource: for its `migrations`.
 */
export const callsMigrations = [CreateCalls1700000000000, WidenCallSid1795824000000];
