import type { CallField } from '../entities/mapped-entity';

/** The order in which an export scans an account's calls: that of an index. */
export interface CallOrder {
  /** The fields that make up a call's key. The last one is the id, which makes keys unique. */
  readonly fields: readonly CallField[];
}

/** The order of creation if ids grow. */
const BY_ID: CallOrder = { fields: ['id'] };

/** The order of creation if ids do not grow, such as UUIDs. */
const BY_CREATION: CallOrder = { fields: ['createdAt', 'id'] };

/** The order of exports with a date range. Calls that have not started are in no date range. */
export const BY_START: CallOrder = { fields: ['startedAt', 'id'] };

/** Returns the order of exports without a date range. */
export function orderOfAll(growing: 'id' | 'createdAt'): CallOrder {
  return growing === 'id' ? BY_ID : BY_CREATION;
}

/** Returns the fields of the index that serves a scan of an account's calls. */
export function accountIndex({ fields }: CallOrder): readonly CallField[] {
  return ['accountId', ...fields];
}

/** Returns the fields of the index that serves a scan of an assistant's calls. */
export function assistantIndex({ fields }: CallOrder): readonly CallField[] {
  return ['assistantId', ...fields];
}
