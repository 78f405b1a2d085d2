import type { CallField } from '../entities/calls-entities';

/** An order in which an export walks an account's calls: along an index, from key to key. */
export interface CallOrder {
  /** The fields of a key, by which calls are ordered. The last one is the id, so that no two calls have the same key. */
  readonly fields: readonly CallField[];
  /** The fields of the index that has the calls of an account in this order. */
  readonly index: readonly CallField[];
}

/** In the order in which the calls were created. */
export const BY_ID: CallOrder = { fields: ['id'], index: ['accountId', 'id'] };

/** In the order in which the calls started; those that have not started are in no range of dates. */
export const BY_START: CallOrder = {
  fields: ['startedAt', 'id'],
  index: ['accountId', 'startedAt', 'id'],
};
