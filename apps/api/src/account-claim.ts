import { ForbiddenException } from '@nestjs/common';
import type { AccountId } from 'nestjs-calls-export';
import { ACCOUNT_RULES, parseAccount } from './account-type';
import type { Environment } from './environment';

/**
 * The account that the claims of a verified token name, as ACCOUNT_TYPE has it.
 *
 * @throws ForbiddenException if they name none.
 */
export function accountOf(
  user: unknown,
  { ACCOUNT_TYPE, JWT_ACCOUNT_CLAIM }: Pick<Environment, 'ACCOUNT_TYPE' | 'JWT_ACCOUNT_CLAIM'>,
): AccountId {
  const claim = (user as Record<string, unknown> | undefined)?.[JWT_ACCOUNT_CLAIM];
  const isRead =
    typeof claim === 'string' || (typeof claim === 'number' && ACCOUNT_TYPE !== 'uuid');
  const account = isRead ? parseAccount(ACCOUNT_TYPE, String(claim)) : undefined;
  if (account !== undefined) return account;
  throw new ForbiddenException(
    `The token opens no account: its claim ${JWT_ACCOUNT_CLAIM} must be ${ACCOUNT_RULES[ACCOUNT_TYPE]}`,
  );
}
