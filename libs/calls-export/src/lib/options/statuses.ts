import { CALL_STATUSES } from '../model/call-status';
import { isText } from './rules';

/** The option `statuses`: those that calls have beside the standard ones, or all that they have. */
export type StatusesOption = readonly string[] | { readonly only: readonly string[] };

/** What the option must be, in words. */
export const STATUSES_RULE =
  'a list of texts that are not empty, or { only } with such a list of at least one text';

export function areStatuses(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isText);
  const { only } = (value ?? {}) as { only?: unknown };
  return Array.isArray(only) && only.length > 0 && only.every(isText);
}

/** What a call may have as its status, each once. */
export function statusesOf(option: StatusesOption = []): readonly string[] {
  return [...new Set('only' in option ? option.only : [...CALL_STATUSES, ...option])];
}
