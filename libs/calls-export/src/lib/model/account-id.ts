/** Whose calls: an integer, or a text such as a UUID. */
export type AccountId = number | string;

/** Whether a value may be an account: a safe integer, or a text that is not empty. */
export function isAccountId(value: unknown): value is AccountId {
  return typeof value === 'string' ? value !== '' : Number.isSafeInteger(value);
}
