/**
 * The id of an account: an integer, or a string such as a UUID.
 *
 * @publicApi
 */
export type AccountId = number | bigint | string;

/** Whether a value is a safe integer, a bigint or a non-empty string. */
export function isAccountId(value: unknown): value is AccountId {
  if (typeof value === 'string') return value !== '';
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}
