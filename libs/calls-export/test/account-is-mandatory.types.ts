import type { CallsExportService } from '../src';
import type { CallsEntities } from '../src/lib/entities/calls-entities';
import { CallsQuery } from '../src/lib/reading/calls-query';
import type { Connections } from '../src/lib/reading/connections';
import type { Dialect } from '../src/lib/reading/dialects/dialect';

/** For `npm run typecheck` alone: what reads calls and forgets whose does not compile. */
export function withoutAnAccount(
  service: CallsExportService,
  entities: CallsEntities,
  dialect: Dialect,
  connections: Connections,
): void {
  // @ts-expect-error An account is missing.
  service.export();
  // @ts-expect-error An account is missing.
  service.export({ format: 'csv' });
  // @ts-expect-error It may not be undefined, as a claim that is not there would be.
  service.export(undefined, { format: 'csv' });
  // @ts-expect-error An account is missing.
  service.count();
  // @ts-expect-error An account is missing.
  CallsQuery.create(entities, dialect, connections, {});
  // @ts-expect-error Queries are made by `create` alone.
  new CallsQuery();
}
