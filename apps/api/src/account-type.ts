import type { DataSource } from 'typeorm';
import type { AccountType } from 'nestjs-calls-export';
import { EnvironmentError } from './read-environment';

const MAX_INTEGER = 2 ** 31 - 1;
/** Well below the size limit of an index entry. */
const MAX_TEXT = 255;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The accounts of the demo data. */
export const DEMO_ACCOUNTS: Readonly<Record<AccountType, readonly (number | string)[]>> = {
  integer: [1, 2, 3],
  text: ['1', '2', '3'],
  uuid: [1, 2, 3].map((number) => `00000000-0000-4000-8000-00000000000${number}`),
};

/** The accepted accounts, for error messages. */
export const ACCOUNT_RULES: Readonly<Record<AccountType, string>> = {
  integer: `an integer from 1 to ${MAX_INTEGER}`,
  text: `a string of 1 to ${MAX_TEXT} characters`,
  uuid: `a UUID such as ${DEMO_ACCOUNTS.uuid[0]}`,
};

/**
 * Parses an account. Integers become numbers, and UUIDs become lower case.
 *
 * @returns undefined if the text is not a valid account.
 */
export function parseAccount(type: AccountType, text: string): number | string | undefined {
  switch (type) {
    case 'integer':
      return /^[1-9]\d*$/.test(text) && Number(text) <= MAX_INTEGER ? Number(text) : undefined;
    case 'uuid':
      return UUID.test(text) ? text.toLowerCase() : undefined;
    case 'text':
      return isStorable(text) ? text : undefined;
  }
}

/**
 * Rejects NUL, which PostgreSQL can't store, and lone surrogates: the driver replaces them, which would yield
 * another account.
 */
function isStorable(text: string): boolean {
  return text.length >= 1 && text.length <= MAX_TEXT && !/\0|\p{Surrogate}/u.test(text);
}

/** An `account_id` column and its type. */
export interface AccountColumn {
  readonly name: string;
  readonly type: AccountType;
}

/** Selects the `account_id` columns of the tables that exist. */
export const ACCOUNT_COLUMNS = `
  SELECT attribute.attrelid::regclass || '.account_id' AS name,
    CASE
      WHEN 'uuid'::regtype IN (type.oid, type.typbasetype) THEN 'uuid'
      WHEN type.typcategory = 'N' THEN 'integer'
      ELSE 'text'
    END AS type
  FROM pg_attribute AS attribute JOIN pg_type AS type ON type.oid = attribute.atttypid
  WHERE attribute.attrelid IN (to_regclass('calls'), to_regclass('assistants'))
    AND attribute.attname = 'account_id' AND NOT attribute.attisdropped
  ORDER BY name DESC`;

/**
 * Compares the columns with ACCOUNT_TYPE.
 *
 * @param remedy what the message suggests besides changing ACCOUNT_TYPE. Default: to run the migration if it
 *   can convert the account ids, or otherwise to use another database.
 * @returns an error message, or undefined if they match.
 */
export function accountTypeMismatch(
  wanted: AccountType,
  columns: readonly AccountColumn[],
  remedy = wanted === 'integer' ? 'use another database' : 'run the migration',
): string | undefined {
  const other = columns.find(({ type }) => type !== wanted);
  if (!other) return undefined;
  const { name, type } = other;
  return `ACCOUNT_TYPE is ${wanted}, but ${name} is ${type}: ${remedy}, or set ACCOUNT_TYPE=${type}`;
}

/** @throws EnvironmentError if the account columns of the database are not of type ACCOUNT_TYPE. */
export async function requireAccountType(
  dataSource: DataSource,
  wanted: AccountType,
  remedy?: string,
): Promise<void> {
  const mismatch = accountTypeMismatch(wanted, await dataSource.query(ACCOUNT_COLUMNS), remedy);
  if (mismatch !== undefined) throw new EnvironmentError(mismatch);
}
