import { CALL_STATUSES } from '../model/call-status';
import { isText } from './rules';

/**
 * Statuses in addition to `CALL_STATUSES`, or with `{ only }` instead of them.
 *
 * @publicApi
 */
export type StatusesOption =
  | readonly string[]
  | {
      /** All statuses that clients may filter by. */
      readonly only: readonly string[];
    };

export const STATUSES_RULE =
  'a list of non-empty strings, or { only } with at least one such string';

export function areStatuses(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isText);
  const { only } = (value ?? {}) as { only?: unknown };
  return Array.isArray(only) && only.length > 0 && only.every(isText);
}

/** Returns the statuses that clients may filter by, without duplicates. */
export function statusesOf(option: StatusesOption = []): readonly string[] {
  return [...new Set('only' in option ? option.only : [...CALL_STATUSES, ...option])];
}
