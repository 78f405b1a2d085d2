import { claimAt } from '@calls/auth';
import { ForbiddenException } from '@nestjs/common';
import { ACCOUNT_RULES, parseAccount } from './account-type';
import type { Environment } from './environment';

/**
 * The account that a verified token opens, as ACCOUNT_TYPE has it. One account has one value here, by which its requests are
 * counted.
 *
 * @param user the claims of the token.
 * @throws ForbiddenException if the claim JWT_ACCOUNT_CLAIM names none.
 */
export function accountOf(
  user: unknown,
  { ACCOUNT_TYPE, JWT_ACCOUNT_CLAIM }: Pick<Environment, 'ACCOUNT_TYPE' | 'JWT_ACCOUNT_CLAIM'>,
): number | string {
  const claim = claimAt(Object(user), JWT_ACCOUNT_CLAIM);
  // Some providers keep numbers as texts, and others texts of digits as numbers. A greater one is another by the time it is parsed.
  const text = Number.isSafeInteger(claim) ? String(claim) : claim;
  const account = typeof text === 'string' ? parseAccount(ACCOUNT_TYPE, text) : undefined;
  if (account !== undefined) return account;
  throw new ForbiddenException(
    `The token opens no account: its claim ${JWT_ACCOUNT_CLAIM} must be ${ACCOUNT_RULES[ACCOUNT_TYPE]}`,
  );
}
