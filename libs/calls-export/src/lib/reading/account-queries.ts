import type { CallsEntities } from '../entities/calls-entities';
import type { EntityFields } from '../entities/entity-fields';
import type { AccountId } from '../model/account-id';
import type { ColumnFacts, Dialect } from './dialects/dialect';
import { type CallsQueryBuilder, FieldConditions } from './field-conditions';

/** Queries of one account's rows. The caller selects what it needs of them. */
export class AccountQueries {
  readonly conditions: FieldConditions;
  /** The account as each entity's column stores it. */
  private readonly accounts: ReadonlyMap<EntityFields, unknown>;

  /** @throws InvalidAccountError if no call can have the account. */
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

  /** A field of a call, as a query of calls has it. */
  call(field: string): string {
    return `call.${this.entities.calls.property(field)}`;
  }

  /** A field of an assistant, as a query of assistants has it. */
  assistant(field: string): string {
    return `assistant.${this.entities.of('assistant').property(field)}`;
  }

  /** The account's own calls. */
  calls(): CallsQueryBuilder {
    const { calls } = this.entities;
    return this.keepToAccount(select(calls, 'call'), calls);
  }

  /** The account's calls, and those of other accounts that the database takes for the same. */
  callsAlike(): CallsQueryBuilder {
    const { calls } = this.entities;
    const query = select(calls, 'call');
    return this.conditions.same(query, calls, 'accountId', this.accounts.get(calls));
  }

  /** The account's own assistants; also those that are marked as deleted, since they took calls. */
  assistants(): CallsQueryBuilder {
    const assistants = this.entities.of('assistant');
    return this.keepToAccount(select(assistants, 'assistant').withDeleted(), assistants);
  }

  /** By an index, and exactly. */
  private keepToAccount(query: CallsQueryBuilder, entity: EntityFields): CallsQueryBuilder {
    return this.conditions.key(query, entity, 'accountId', this.accounts.get(entity));
  }
}

/** A query of an entity, which neither its own order nor a cache has a part in. */
function select({ repository }: EntityFields, alias: 'call' | 'assistant'): CallsQueryBuilder {
  return repository.createQueryBuilder(alias).setOption('disable-global-order').cache(false);
}
