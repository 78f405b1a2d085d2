import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { CallField, CallsEntities } from '../entities/calls-entities';
import type { AccountId } from '../model/account-id';
import type { CallKey, CallRange } from '../model/call-key';
import type { CallsFilter } from '../model/calls-filter';
import { BY_ID, BY_START, type CallOrder } from './call-order';
import type { Connections } from './connections';
import type { Dialect } from './dialects/dialect';

type CallsQueryBuilder = SelectQueryBuilder<ObjectLiteral>;

/**
 * The queries of one export.
 *
 * They walk one index in its order: the account's calls by id; or, with dates, those of the range by start and id; or,
 * except on MySQL, an assistant's by id. The walk goes in ranges that hold a number of calls whether these match or not, so no statement is
 * long, however few of an account's calls match. Calls that are created after the export began are left out, so that it ends.
 */
export class CallsQuery {
  private readonly startedFrom?: bigint;
  private readonly startedBefore?: bigint;
  private readonly order: CallOrder;

  private constructor(
    readonly entities: CallsEntities,
    private readonly dialect: Dialect,
    /** Whose calls, as their column has it. */
    private readonly accountId: AccountId,
    private readonly filter: CallsFilter,
    private readonly newestId: string,
  ) {
    this.startedFrom = microsOf('startedFrom', filter.startedFrom);
    this.startedBefore = microsOf('startedBefore', filter.startedBefore);
    const hasDates = this.startedFrom !== undefined || this.startedBefore !== undefined;
    this.order = hasDates ? BY_START : BY_ID;
  }

  /** @throws TypeError if the account or a date is invalid. */
  static async create(
    entities: CallsEntities,
    dialect: Dialect,
    connections: Connections,
    accountId: AccountId,
    filter: CallsFilter,
  ): Promise<CallsQuery> {
    const { calls } = entities;
    const account = entities.account(accountId);
    const newest = await connections.use((runner) =>
      calls.repository
        .createQueryBuilder('call', runner)
        .select(dialect.asText(`MAX(call.${calls.property('id')})`), 'id')
        .where(`call.${calls.property('accountId')} = :account`, { account })
        .getRawOne<{ id: string | null }>(),
    );
    return new CallsQuery(entities, dialect, account, filter, newest?.id ?? '0');
  }

  /** Gives the key of the `count`th call after another one, or no row: with a column for each of its values. */
  keyAfter(after: CallKey | undefined, count: number, end?: CallKey): CallsQueryBuilder {
    const key = this.order.fields.map((field) => this.dialect.asText(this.call(field)));
    return selectValues(this.walk({ after, to: end }), key)
      .offset(count - 1)
      .limit(1);
  }

  /** The range's calls that match the filter, in their order; the caller selects what it needs of them. */
  matches(range: CallRange): CallsQueryBuilder {
    const query = this.walk(range);
    const { status, assistantId } = this.filter;
    // As text, since a column of an enumeration takes no value that it has not.
    if (status !== undefined) {
      query.andWhere(`${this.dialect.asText(this.call('status'))} = :status`, { status });
    }
    if (assistantId !== undefined) this.keepToAssistant(query, assistantId);
    return query;
  }

  /** How many calls match, as `count`. */
  count(): CallsQueryBuilder {
    return this.matches({}).orderBy().select('COUNT(*)', 'count');
  }

  /** A field of a call, as a query of calls has it. */
  call(field: string): string {
    return `call.${this.entities.calls.property(field)}`;
  }

  /** A field of an assistant, as a query of assistants has it. */
  assistant(field: string): string {
    return `assistant.${this.entities.assistants.property(field)}`;
  }

  /**
   * The account's own assistants that meet the condition; also those that are marked as deleted, since they took calls. The
   * caller selects what it needs of them.
   */
  assistants(condition: string, parameters: ObjectLiteral = {}): CallsQueryBuilder {
    const query = this.entities.dataSource.createQueryBuilder();
    return this.ownAssistants(query, condition, parameters);
  }

  private ownAssistants(
    query: SelectQueryBuilder<ObjectLiteral>,
    condition: string,
    parameters: ObjectLiteral,
  ): CallsQueryBuilder {
    return query
      .from(this.entities.assistants.repository.metadata.target, 'assistant')
      .withDeleted()
      .where(`${this.assistant('accountId')} = :accountId`, { accountId: this.accountId })
      .andWhere(condition, parameters);
  }

  private walk({ after, to }: CallRange): CallsQueryBuilder {
    const { accountId, newestId, startedFrom, startedBefore } = this;
    const query = this.entities.calls.repository
      .createQueryBuilder('call')
      .where(`${this.call('accountId')} = :accountId`, { accountId })
      .andWhere(`${this.call('id')} <= :newestId`, { newestId });
    const index = this.indexToWalk();
    if (index) query.useIndex(index);
    if (this.walksAssistant()) this.keepToCallsOf(query, this.filter.assistantId as number);
    if (startedFrom !== undefined) this.boundStart(query, '>=', startedFrom, 'from');
    if (startedBefore !== undefined) this.boundStart(query, '<', startedBefore, 'before');
    if (after) this.bound(query, '>', after, 'after');
    if (to) this.bound(query, '<=', to, 'to');
    for (const field of this.order.fields) query.addOrderBy(this.call(field));
    return query;
  }

  /** Whether the walk goes along the assistant's calls. */
  private walksAssistant(): boolean {
    const { assistantId } = this.filter;
    return assistantId !== undefined && this.order === BY_ID && this.dialect.walksAssistants;
  }

  private keepToCallsOf(query: CallsQueryBuilder, assistantId: number): void {
    query.andWhere(`${this.call('assistantId')} = :assistantId`, { assistantId });
  }

  private keepToAssistant(query: CallsQueryBuilder, assistantId: number): void {
    if (!this.walksAssistant()) this.keepToCallsOf(query, assistantId);
    // An assistant of another account opens nothing, should a call ever name one.
    const isTheOne = `${this.assistant('id')} = :assistantId`;
    const own = this.ownAssistants(query.subQuery(), isTheOne, { assistantId }).select('1');
    query.andWhere(`EXISTS ${own.getQuery()}`);
  }

  /**
   * The name of the account's index, if the entity has one. MySQL has to be told: else it looks up the account alone
   * and walks it from its beginning, for each page anew. Other databases are not told, by TypeORM.
   */
  private indexToWalk(): string | undefined {
    const { calls } = this.entities;
    const wanted = this.order.index.map((field: CallField) => calls.column(field));
    return calls.repository.metadata.indices.find(
      ({ columns }) =>
        columns.length === wanted.length && columns.every((column, i) => column === wanted[i]),
    )?.name;
  }

  private boundStart(
    query: CallsQueryBuilder,
    operator: '>=' | '<',
    micros: bigint,
    name: string,
  ): void {
    const { sql, parameters } = this.dialect.instant(micros, name);
    query.andWhere(`${this.call('startedAt')} ${operator} ${sql}`, parameters);
  }

  private bound(
    query: CallsQueryBuilder,
    operator: '>' | '<=',
    key: CallKey,
    name: 'after' | 'to',
  ): void {
    const columns = this.order.fields.map((field) => this.call(field));
    const parameters = Object.fromEntries(key.map((value, index) => [`${name}${index}`, value]));
    const values = Object.keys(parameters).map((parameter) => `:${parameter}`);
    query.andWhere(this.dialect.compareLists(columns, operator, values), parameters);
  }
}

function microsOf(name: string, instant: Date | bigint | undefined): bigint | undefined {
  if (!(instant instanceof Date)) return instant;
  if (Number.isNaN(instant.getTime())) throw new TypeError(`${name} is not a valid date`);
  return BigInt(instant.getTime()) * 1000n;
}

/**
 * Has a query select these values, in this order, as `c0`, `c1` and so on. Each is in brackets, since TypeORM puts bare columns
 * before all else.
 */
export function selectValues(
  query: CallsQueryBuilder,
  values: readonly string[],
): CallsQueryBuilder {
  values.forEach((value, index) => {
    if (index === 0) query.select(`(${value})`, `c${index}`);
    else query.addSelect(`(${value})`, `c${index}`);
  });
  return query;
}
