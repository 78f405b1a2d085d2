import type { CallsExportService } from '../src';
import type { CallsEntities } from '../src/lib/entities/calls-entities';
import { CallsQuery } from '../src/lib/reading/calls-query';
import type { Connections } from '../src/lib/reading/connections';
import type { Dialect } from '../src/lib/reading/dialects/dialect';

/** Checked by `npm run typecheck` only: code that reads calls without naming an account does not compile. */
export function withoutAnAccount(
  service: CallsExportService,
  entities: CallsEntities,
  dialect: Dialect,
  connections: Connections,
): void {
  // @ts-expect-error The account is missing.
  service.export();
  // @ts-expect-error The account is missing.
  service.export({ format: 'csv' });
  // @ts-expect-error The account may not be undefined, as the value of a missing claim is.
  service.export(undefined, { format: 'csv' });
  // @ts-expect-error The account is missing.
  service.count();
  // @ts-expect-error The account is missing.
  CallsQuery.create(entities, dialect, connections, {});
  // @ts-expect-error Only `create` makes queries.
  new CallsQuery();
}
