import type { DataSource } from 'typeorm';
import type { AccountType } from 'nestjs-calls-export';
import { EnvironmentError } from './read-environment';

const MAX_INTEGER = 2 ** 31 - 1;
/** Far below what an entry of an index may have. */
const MAX_TEXT = 255;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The accounts of the demo data. */
export const DEMO_ACCOUNTS: Readonly<Record<AccountType, readonly (number | string)[]>> = {
  integer: [1, 2, 3],
  text: ['1', '2', '3'],
  uuid: [1, 2, 3].map((number) => `00000000-0000-4000-8000-00000000000${number}`),
};

/** What an account must be, for a message. */
export const ACCOUNT_RULES: Readonly<Record<AccountType, string>> = {
  integer: `an integer from 1 to ${MAX_INTEGER}`,
  text: `a text of 1 to ${MAX_TEXT} characters`,
  uuid: `a UUID such as ${DEMO_ACCOUNTS.uuid[0]}`,
};

/**
 * An account that is written as a text: a number for an integer, and lower case for a UUID.
 *
 * @returns undefined if the text is no account.
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

/** PostgreSQL takes no NUL, and a driver replaces half a surrogate pair, by which one account would become another. */
function isStorable(text: string): boolean {
  return text.length >= 1 && text.length <= MAX_TEXT && !/\0|\p{Surrogate}/u.test(text);
}

/** A column of accounts, and what its accounts are. */
export interface AccountColumn {
  readonly name: string;
  readonly type: AccountType;
}

/** Finds the columns of accounts; those of tables that are not there are left out. */
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
 * Compares the database with ACCOUNT_TYPE.
 *
 * @param remedy what to do, beside setting ACCOUNT_TYPE. Default: to migrate, if that helps.
 * @returns a sentence, or undefined if they agree.
 */
export function whyOtherType(
  wanted: AccountType,
  columns: readonly AccountColumn[],
  remedy = wanted === 'integer' ? 'use another database' : 'run the migration',
): string | undefined {
  const other = columns.find(({ type }) => type !== wanted);
  if (!other) return undefined;
  const { name, type } = other;
  return `ACCOUNT_TYPE is ${wanted}, but ${name} is ${type}: ${remedy}, or set ACCOUNT_TYPE=${type}`;
}

/** @throws EnvironmentError if the database has accounts of another type than ACCOUNT_TYPE says. */
export async function requireAccountType(
  dataSource: DataSource,
  wanted: AccountType,
  remedy?: string,
): Promise<void> {
  const fault = whyOtherType(wanted, await dataSource.query(ACCOUNT_COLUMNS), remedy);
  if (fault !== undefined) throw new EnvironmentError(fault);
}
