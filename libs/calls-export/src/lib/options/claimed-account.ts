import { ForbiddenException } from '@nestjs/common';
import type { AccountId } from '../model/account-id';
import type { ExportRequest } from '../model/export-request';

const CLAIM_MAX = 2 ** 31 - 1;

/**
 * Returns the account of the verified token: its integer claim `account_id`.
 *
 * @throws ForbiddenException if the claim is missing or invalid.
 */
export function claimedAccount({ user }: ExportRequest): AccountId {
  const id = (user as { account_id?: number } | undefined)?.account_id as number;
  if (!Number.isInteger(id) || id < 1 || id > CLAIM_MAX) {
    throw new ForbiddenException(
      `The token does not identify an account: its claim account_id must be an integer from 1 to ${CLAIM_MAX}`,
    );
  }
  return id;
}
