import { claimAt } from '@calls/auth';
import { ForbiddenException } from '@nestjs/common';
import { ACCOUNT_RULES, parseAccount } from './account-type';
import type { Environment } from './environment';

/**
 * Returns the account that a verified token identifies. The value is normalized, so that all tokens of an
 * account share its limits.
 *
 * @param user the claims of the token.
 * @throws ForbiddenException if the claim JWT_ACCOUNT_CLAIM is not a valid account.
 */
export function accountOf(
  user: unknown,
  { ACCOUNT_TYPE, JWT_ACCOUNT_CLAIM }: Pick<Environment, 'ACCOUNT_TYPE' | 'JWT_ACCOUNT_CLAIM'>,
): number | string {
  const claim = claimAt(Object(user), JWT_ACCOUNT_CLAIM);
  // Some providers send numbers as strings; others send numeric strings as numbers. An unsafe integer may
  // have been rounded by JSON.parse, so it does not identify an account.
  const text = Number.isSafeInteger(claim) ? String(claim) : claim;
  const account = typeof text === 'string' ? parseAccount(ACCOUNT_TYPE, text) : undefined;
  if (account !== undefined) return account;
  throw new ForbiddenException(
    `The token does not identify an account: its claim ${JWT_ACCOUNT_CLAIM} must be ${ACCOUNT_RULES[ACCOUNT_TYPE]}`,
  );
}
