import type { CallField } from '../entities/mapped-entity';

/** An order in which an export walks an account's calls: along an index, from key to key. */
export interface CallOrder {
  /** The fields of a key, by which calls are ordered. The last one is the id, so that no two calls have the same key. */
  readonly fields: readonly CallField[];
}

/** In the order in which the calls were created, as their ids tell. */
const BY_ID: CallOrder = { fields: ['id'] };

/** In the order in which the calls were created, where their ids do not tell. */
const BY_CREATION: CallOrder = { fields: ['createdAt', 'id'] };

/** In the order in which the calls started; those that have not started are in no range of dates. */
export const BY_START: CallOrder = { fields: ['startedAt', 'id'] };

/** The order of all calls, by the field that grows from one to the next. */
export function orderOfAll(growing: 'id' | 'createdAt'): CallOrder {
  return growing === 'id' ? BY_ID : BY_CREATION;
}

/** The fields of the index that has the calls of an account in an order. */
export function accountIndex({ fields }: CallOrder): readonly CallField[] {
  return ['accountId', ...fields];
}

/** The fields of the index that has the calls of an assistant in an order. */
export function assistantIndex({ fields }: CallOrder): readonly CallField[] {
  return ['assistantId', ...fields];
}
