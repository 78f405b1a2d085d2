/** Whose calls: an integer, or a text such as a UUID. */
export type AccountId = number | bigint | string;

/** Whether a value may be an account: a safe integer, a bigint, or a text that is not empty. */
export function isAccountId(value: unknown): value is AccountId {
  if (typeof value === 'string') return value !== '';
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}
