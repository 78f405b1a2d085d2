import type { CallsExportService } from '../src';
import type { CallsEntities } from '../src/lib/calls-entities';
import { CallsQuery } from '../src/lib/calls-query';

/** For `npm run typecheck` alone: what reads calls and forgets whose does not compile. */
export function withoutAnAccount(service: CallsExportService, entities: CallsEntities): void {
  // @ts-expect-error An account is missing.
  service.export();
  // @ts-expect-error An account is missing.
  service.export({ format: 'csv' });
  // @ts-expect-error It may not be undefined, as a claim that is not there would be.
  service.export(undefined, { format: 'csv' });
  // @ts-expect-error An account is missing.
  service.count();
  // @ts-expect-error An account is missing.
  CallsQuery.create(entities, {});
  // @ts-expect-error Queries are made by `create` alone.
  new CallsQuery();
}
