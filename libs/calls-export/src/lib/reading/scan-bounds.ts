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

/** Where the walk of an export begins and ends. */
export interface ScanBounds {
  /** The key behind which it begins; undefined if it begins at the first call. */
  readonly after: CallKey | undefined;
  /** The greatest id or creation of the account's calls when the export began; undefined if there is none. */
  readonly newest: string | undefined;
}

/**
 * @param after the id of the call behind which the walk begins.
 * @throws InvalidAccountError if no call can have the account.
 * @throws InvalidAfterError if the walk has no place behind that call.
 * @throws UnexportableCallError if a call has no place in the walk.
 */
export async function findScanBounds(
  rows: AccountQueries,
  order: CallOrder,
  after: CallsFilter['after'],
  runner: QueryRunner,
): Promise<ScanBounds> {
  const newest = await findNewest(rows, runner);
  if (rows.entities.growing === 'createdAt') await requireCreation(rows, runner);
  return { newest, after: after === undefined ? after : await keyOf(after, rows, order, runner) };
}

async function findNewest(rows: AccountQueries, runner: QueryRunner): Promise<string | undefined> {
  // Of other accounts as well, if the database takes theirs for the same: later ones than the newest do no harm.
  const newest = rows.dialect
    .greatest(rows.callsAlike(), rows.call(rows.entities.growing))
    .setQueryRunner(runner);
  try {
    return (await newest.getRawOne<{ c0: string | null }>())?.c0 ?? undefined;
  } catch (error) {
    // There is nothing else in the statement that a value could be wrong for.
    throw isDataException(error)
      ? new InvalidAccountError('one that their column takes', error)
      : error;
  }
}

/** A call that says nothing of its creation would be in no page. */
async function requireCreation(rows: AccountQueries, runner: QueryRunner): Promise<void> {
  const query = rows
    .calls()
    .andWhere(`${rows.call('createdAt')} IS NULL`)
    .limit(1);
  const found = await selectValues(query, [rows.dialect.asText(rows.call('id'))])
    .setQueryRunner(runner)
    .getRawOne<{ c0: string }>();
  if (found) throw new UnexportableCallError(found.c0, 'createdAt', 'creation');
}

/** Where a call stands in the order. */
async function keyOf(
  id: string | number | bigint,
  rows: AccountQueries,
  { fields }: CallOrder,
  runner: QueryRunner,
): Promise<CallKey> {
  const { calls } = rows.entities;
  const value = calls.key('id', id);
  const query = rows.conditions.key(rows.calls(), calls, 'id', value);
  // The ids of a view may be integers to the database, and MySQL takes 7 for the text 7a.
  if (calls.form('id') === undefined) rows.conditions.text(query, calls, 'id', value);
  const values = fields.map((field) => rows.dialect.asText(rows.call(field)));
  let found: Record<string, string | null> | undefined;
  try {
    found = await selectValues(query, values).limit(1).setQueryRunner(runner).getRawOne();
  } catch (error) {
    // The column has no place for the id.
    if (!isDataException(error)) throw error;
  }
  if (!found) throw new InvalidAfterError('unknown');
  return Object.values(found).map((value) => {
    if (value === null) throw new InvalidAfterError('not started');
    return value;
  });
}
