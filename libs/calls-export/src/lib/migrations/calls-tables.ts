import type { EntitySchema, EntitySchemaColumnOptions, MigrationInterface } from 'typeorm';
import { Assistant } from '../entities/assistant.entity';
import { Call } from '../entities/call.entity';
import { ownSchemas } from '../entities/own-schemas';
import type { AccountType } from '../model/account-type';
import { TextAccounts1795827600000 } from './1795827600000-text-accounts.migration';
import { UuidAccounts1795831200000 } from './1795831200000-uuid-accounts.migration';
import { callsMigrations } from '.';

/** The part of a DataSource's options that the library's own tables need. */
export interface CallsTables {
  /** The entities of calls and assistants. */
  readonly entities: (typeof Call | typeof Assistant | EntitySchema)[];
  /** The migrations that create the tables. */
  readonly migrations: (new () => MigrationInterface)[];
}

/** The types of the column `account_id`, and the migrations that make it so, after `callsMigrations`. */
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
 * The library's own tables on PostgreSQL with accounts of another type: the entities, which TypeORM knows as `Call` and `Assistant`, and
 * the migrations. Their `accountId` is then a string.
 *
 * @example new DataSource({ type: 'postgres', url, ...callsTables({ accountType: 'uuid' }) })
 * @param options `accountType`: what an account is. Default `integer`, which is `[Assistant, Call]` and `callsMigrations`.
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
    // TypeORM knows it, though its type of schemas does not.
    ...(given.primary && { generated: 'identity' as never }),
    ...(property === 'accountId' && column),
  }));
  return { entities: [assistants, calls], migrations: [...callsMigrations, migration] };
}
