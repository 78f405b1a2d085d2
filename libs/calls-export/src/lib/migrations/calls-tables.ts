import type { EntitySchema, EntitySchemaColumnOptions, MigrationInterface } from 'typeorm';
import { Assistant } from '../entities/assistant.entity';
import { Call } from '../entities/call.entity';
import { ownSchemas } from '../entities/own-schemas';
import type { AccountType } from '../model/account-type';
import { TextAccounts1795827600000 } from './1795827600000-text-accounts.migration';
import { UuidAccounts1795831200000 } from './1795831200000-uuid-accounts.migration';
import { callsMigrations } from '.';

/**
 * The DataSource options for the library's own tables.
 *
 * @publicApi
 */
export interface CallsTables {
  /** The entities of calls and assistants. */
  readonly entities: (typeof Call | typeof Assistant | EntitySchema)[];
  /** The migrations that create the tables. */
  readonly migrations: (new () => MigrationInterface)[];
}

/** The column `account_id` by account type, and the migration to it after `callsMigrations`. */
const ACCOUNTS: Readonly<
  Record<
    Exclude<AccountType, 'integer'>,
    { column: EntitySchemaColumnOptions; migration: new () => MigrationInterface }
  >
> = {
  text: { column: { type: 'text', collation: 'C' }, migration: TextAccounts1795827600000 },
  uuid: { column: { type: 'uuid' }, migration: UuidAccounts1795831200000 },
};

/**
 * Returns the entities and migrations of the library's own tables on PostgreSQL for an account type.
 *
 * The entities have the targets `Call` and `Assistant`. With `text` and `uuid`, `accountId` is a string.
 *
 * @param options `accountType`: the type of `account_id`. Default `integer`, for which the result is
 *   `[Assistant, Call]` and `callsMigrations`.
 *
 * @example new DataSource({ type: 'postgres', url, ...callsTables({ accountType: 'uuid' }) })
 * @publicApi
 */
export function callsTables({
  accountType = 'integer',
}: { readonly accountType?: AccountType } = {}): CallsTables {
  if (accountType === 'integer') {
    return { entities: [Assistant, Call], migrations: [...callsMigrations] };
  }
  const { column, migration } = ACCOUNTS[accountType];
  const { calls, assistants } = ownSchemas((given, property) => ({
    ...given,
    // TypeORM supports it, but its type for schemas lacks it.
    ...(given.primary && { generated: 'identity' as never }),
    ...(property === 'accountId' && column),
  }));
  return { entities: [assistants, calls], migrations: [...callsMigrations, migration] };
}
