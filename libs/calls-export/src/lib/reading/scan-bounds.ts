import type { QueryRunner } from 'typeorm';
import type { CallKey } from '../model/call-key';
import type { CallsFilter } from '../model/calls-filter';
import {
  InvalidAccountError,
  InvalidAfterError,
  UnexportableCallError,
} from '../model/export-errors';
import type { AccountQueries } from './account-queries';
import type { CallOrder } from './call-order';
import { selectValues } from './select-values';
import { isDataException } from './transient-error';

/** Where the scan of an export starts and ends. */
export interface ScanBounds {
  /** The key of the call to start after; undefined to start at the first call. */
  readonly after: CallKey | undefined;
  /**
   * The highest id or latest creation among the account's calls when the export started; undefined if it has
   * no calls.
   */
  readonly newest: string | undefined;
}

/**
 * Finds where the scan of an export starts and ends.
 *
 * @param after the id of the call to start after.
 * @throws InvalidAccountError if the account can't be stored in the account column.
 * @throws InvalidAfterError if `after` is not one of the account's calls, or has not started although there
 *   are dates.
 * @throws UnexportableCallError if a call lacks the creation time that calls are ordered by.
 */
export async function findScanBounds(
  queries: AccountQueries,
  order: CallOrder,
  after: CallsFilter['after'],
  runner: QueryRunner,
): Promise<ScanBounds> {
  const newest = await findNewest(queries, runner);
  if (queries.entities.growing === 'createdAt') await requireCreation(queries, runner);
  return {
    newest,
    after: after === undefined ? after : await keyOf(after, queries, order, runner),
  };
}

async function findNewest(
  queries: AccountQueries,
  runner: QueryRunner,
): Promise<string | undefined> {
  // May include calls of accounts that the database considers equal. A bound that is too late does no harm.
  const newest = queries.dialect
    .selectMaximum(queries.callsOfEqualAccounts(), queries.call(queries.entities.growing))
    .setQueryRunner(runner);
  try {
    return (await newest.getRawOne<{ c0: string | null }>())?.c0 ?? undefined;
  } catch (error) {
    // The account is the only value in the statement.
    throw isDataException(error)
      ? new InvalidAccountError('a value that the account column accepts', error)
      : error;
  }
}

/** A call without a creation time would be in no page, so the export fails instead of losing it. */
async function requireCreation(queries: AccountQueries, runner: QueryRunner): Promise<void> {
  const query = queries
    .calls()
    .andWhere(`${queries.call('createdAt')} IS NULL`)
    .limit(1);
  const found = await selectValues(query, [queries.dialect.asText(queries.call('id'))])
    .setQueryRunner(runner)
    .getRawOne<{ c0: string }>();
  if (found) throw new UnexportableCallError(found.c0, 'createdAt', 'creation');
}

/** Returns the key of a call. */
async function keyOf(
  id: string | number | bigint,
  queries: AccountQueries,
  { fields }: CallOrder,
  runner: QueryRunner,
): Promise<CallKey> {
  const { calls } = queries.entities;
  const value = calls.key('id', id);
  const query = queries.conditions.key(queries.calls(), calls, 'id', value);
  // The type of a view's id is unknown. If it is an integer, MySQL's `=` considers 7 equal to the text '7a'.
  if (calls.form('id') === undefined) queries.conditions.text(query, calls, 'id', value);
  const values = fields.map((field) => queries.dialect.asText(queries.call(field)));
  let found: Record<string, string | null> | undefined;
  try {
    found = await selectValues(query, values).limit(1).setQueryRunner(runner).getRawOne();
  } catch (error) {
    // The column can't store the id, so no call has it.
    if (!isDataException(error)) throw error;
  }
  if (!found) throw new InvalidAfterError('unknown');
  return Object.values(found).map((value) => {
    if (value === null) throw new InvalidAfterError('not started');
    return value;
  });
}
