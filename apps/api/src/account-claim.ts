import { claimAt } from '@calls/auth';
import { ForbiddenException } from '@nestjs/common';
import type { AccountType, Environment } from './environment';

const INTEGER_MAX = 2 ** 31 - 1;
const TEXT_MAX = 255;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** What a claim that names an account must be. */
const ACCEPTED: Readonly<Record<AccountType, string>> = {
  integer: `an integer from 1 to ${INTEGER_MAX}`,
  text: `a text of 1 to ${TEXT_MAX} characters`,
  uuid: 'a UUID',
};

/**
 * The account that a verified token opens: an integer as a number, a UUID in lower case, a text as it is.
 *
 * @param user the claims of the token.
 * @throws ForbiddenException if the claim JWT_ACCOUNT_CLAIM names none.
 */
export function accountOf(
  user: unknown,
  { ACCOUNT_TYPE, JWT_ACCOUNT_CLAIM }: Environment,
): number | string {
  const account = READERS[ACCOUNT_TYPE](claimAt(Object(user), JWT_ACCOUNT_CLAIM));
  if (account !== undefined) return account;
  throw new ForbiddenException(
    `The token opens no account: its claim ${JWT_ACCOUNT_CLAIM} must be ${ACCEPTED[ACCOUNT_TYPE]}`,
  );
}

/** What reads an account from a claim; undefined if it is none. One account has one value here, by which its requests are counted. */
const READERS: Readonly<Record<AccountType, (claim: unknown) => number | string | undefined>> = {
  integer: (claim) => {
    // Some providers keep all attributes as texts.
    const number = typeof claim === 'string' && /^[1-9]\d*$/.test(claim) ? Number(claim) : claim;
    return isIntegerUpTo(number, INTEGER_MAX) ? number : undefined;
  },
  text: (claim) => {
    // Others write a text of digits as a number. A greater one is another number by the time it is parsed.
    const text = isIntegerUpTo(claim, Number.MAX_SAFE_INTEGER) ? String(claim) : claim;
    return typeof text === 'string' && isStorable(text) ? text : undefined;
  },
  uuid: (claim) => {
    const uuid = typeof claim === 'string' ? claim.toLowerCase() : '';
    return UUID.test(uuid) ? uuid : undefined;
  },
};

function isIntegerUpTo(value: unknown, max: number): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max;
}

/** PostgreSQL has no NUL, and half a surrogate pair would reach it as U+FFFD, which may be in another account. */
function isStorable(text: string): boolean {
  return text.length >= 1 && text.length <= TEXT_MAX && !/[\0\p{Cs}]/u.test(text);
}
