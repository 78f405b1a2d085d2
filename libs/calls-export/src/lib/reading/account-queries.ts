import type { CallsEntities } from '../entities/calls-entities';
import type { EntityFields } from '../entities/entity-fields';
import type { AccountId } from '../model/account-id';
import type { ColumnFacts, Dialect } from './dialects/dialect';
import { type CallsQueryBuilder, FieldConditions } from './field-conditions';

/** Builds the base queries, all restricted to one account. The caller adds the columns to select. */
export class AccountQueries {
  readonly conditions: FieldConditions;
  /** The account id as each entity's column stores it. */
  private readonly accounts: ReadonlyMap<EntityFields, unknown>;

  /** @throws InvalidAccountError if the account can't be stored in the account column. */
  constructor(
    readonly entities: CallsEntities,
    readonly dialect: Dialect,
    facts: ColumnFacts,
    accountId: AccountId,
  ) {
    this.conditions = new FieldConditions(dialect, facts);
    const { calls, assistants } = entities;
    const owned = assistants ? [calls, assistants] : [calls];
    this.accounts = new Map(owned.map((entity) => [entity, entity.account(accountId)]));
  }

  /** Returns the SQL name of a call's field in a query of calls. */
  call(field: string): string {
    return `call.${this.entities.calls.property(field)}`;
  }

  /** Returns the SQL name of an assistant's field in a query of assistants. */
  assistant(field: string): string {
    return `assistant.${this.entities.of('assistant').property(field)}`;
  }

  /** Selects the account's calls. */
  calls(): CallsQueryBuilder {
    const { calls } = this.entities;
    return this.keepToAccount(select(calls, 'call'), calls);
  }

  /**
   * Selects the calls of all accounts that the database considers equal to this one. For example, a collation
   * may ignore case.
   */
  callsOfEqualAccounts(): CallsQueryBuilder {
    const { calls } = this.entities;
    const query = select(calls, 'call');
    return this.conditions.same(query, calls, 'accountId', this.accounts.get(calls));
  }

  /** Selects the account's assistants, including soft-deleted ones, since their calls are still exported. */
  assistants(): CallsQueryBuilder {
    const assistants = this.entities.of('assistant');
    return this.keepToAccount(select(assistants, 'assistant').withDeleted(), assistants);
  }

  private keepToAccount(query: CallsQueryBuilder, entity: EntityFields): CallsQueryBuilder {
    return this.conditions.key(query, entity, 'accountId', this.accounts.get(entity));
  }
}

/** A query without the entity's default order and without TypeORM's cache. */
function select({ repository }: EntityFields, alias: 'call' | 'assistant'): CallsQueryBuilder {
  return repository.createQueryBuilder(alias).setOption('disable-global-order').cache(false);
}
