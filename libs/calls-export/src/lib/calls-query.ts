import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { AccountId } from './account-id';
import type { AssistantField, CallField, CallsEntities } from './calls-entities';
import type { CallsFilter } from './calls-filter';
import { withConnection } from './connection';
import { SqlDialect } from './sql-dialect';

/** Where a call stands in the order of an export. */
export interface CallKey {
  readonly id: string;
  /** As the database writes it, to the last fraction; only where the order is that of the starts. */
  readonly startedAt?: string;
}

/** The calls behind one key, from the first on where it is left out, up to another one and with that. */
export interface CallRange {
  readonly after?: CallKey;
  readonly to: CallKey;
}

/**
 * The queries of one export.
 *
 * They walk one index in its order: the account's calls by id; or, with dates, those of the range by start and id; or,
 * except on MySQL, an assistant's by id. The walk goes in ranges that hold a number of calls whether these match or not, so no statement is
 * long, however few of an account's calls match. Calls that are created after the export began are left out, so that it ends.
 */
export class CallsQuery {
  private readonly byStart: boolean;
  private readonly byAssistant: boolean;
  private readonly startedFrom?: bigint;
  private readonly startedBefore?: bigint;

  private constructor(
    readonly entities: CallsEntities,
    readonly dialect: SqlDialect,
    private readonly accountId: AccountId,
    private readonly filter: CallsFilter,
    private readonly newestId: string,
  ) {
    this.startedFrom = microsOf('startedFrom', filter.startedFrom);
    this.startedBefore = microsOf('startedBefore', filter.startedBefore);
    this.byStart = this.startedFrom !== undefined || this.startedBefore !== undefined;
    this.byAssistant = filter.assistantId !== undefined && !this.byStart && !dialect.isMysql;
  }

  /** @throws TypeError where the account or a date is none. */
  static async create(
    entities: CallsEntities,
    accountId: AccountId,
    filter: CallsFilter,
  ): Promise<CallsQuery> {
    const { dataSource, calls } = entities;
    const dialect = new SqlDialect(dataSource.options.type);
    const account = entities.account(accountId);
    const newest = await withConnection(dataSource, (runner) =>
      calls.repository
        .createQueryBuilder('call', runner)
        .select(dialect.asText(`MAX(call.${calls.property('id')})`), 'id')
        .where(`call.${calls.property('accountId')} = :account`, { account })
        .getRawOne<{ id: string | null }>(),
    );
    return new CallsQuery(entities, dialect, account, filter, newest?.id ?? '0');
  }

  /** Gives the `CallKey` of the last of the next `count` calls, up to `end` where it is given, or no row where none is left. */
  lastKey(after: CallKey | undefined, count: number, end?: CallKey): SelectQueryBuilder<object> {
    const next = this.walk(after).select(this.call('id'), 'id').limit(count);
    if (end) this.bound(next, '<=', end, 'to');
    const last = this.entities.dataSource
      .createQueryBuilder()
      .select(this.dialect.asText('page.id'), 'id')
      .orderBy('page.id', 'DESC')
      .limit(1);
    if (this.byStart) {
      next.addSelect(this.call('startedAt'), 'started_at');
      last
        .addSelect(this.dialect.asText('page.started_at'), 'startedAt')
        .orderBy('page.started_at', 'DESC')
        .addOrderBy('page.id', 'DESC');
    }
    return last.from(`(${next.getQuery()})`, 'page').setParameters(next.getParameters());
  }

  /**
   * The range's calls that match, in their order: with the columns `id`, `call_sid`, `customer_phone_number` and `status`, as
   * text, and with `account_id`, `assistant_id`, `duration`, `started_at` and `ended_at` as they are.
   */
  matches({ after, to }: CallRange): SelectQueryBuilder<ObjectLiteral> {
    const query = this.narrowed(after).select(this.dialect.asText(this.call('id')), 'id');
    for (const [field, name] of TEXT_COLUMNS) {
      query.addSelect(this.dialect.asText(this.call(field)), name);
    }
    for (const [field, name] of OTHER_COLUMNS) query.addSelect(this.call(field), name);
    this.bound(query, '<=', to, 'to');
    return query;
  }

  /** How many calls match, as `count`. */
  count(): SelectQueryBuilder<ObjectLiteral> {
    return this.narrowed(undefined).orderBy().select('COUNT(*)', 'count');
  }

  /** The name of a call's assistant, for a query of calls; also of one that is marked as deleted, since it took the call. */
  assistantName(query: SelectQueryBuilder<ObjectLiteral>): SelectQueryBuilder<ObjectLiteral> {
    return (
      this.assistants(query)
        .select(this.dialect.asText(this.assistant('name')))
        .where(`${this.assistant('id')} = ${this.call('assistantId')}`)
        // An assistant of another account keeps its name to itself.
        .andWhere(`${this.assistant('accountId')} = ${this.call('accountId')}`)
    );
  }

  /** The calls behind a key that match. */
  private narrowed(after: CallKey | undefined): SelectQueryBuilder<ObjectLiteral> {
    const { status, assistantId } = this.filter;
    const query = this.walk(after);
    // As text, since a column of an enumeration takes no value that it has not.
    if (status !== undefined)
      query.andWhere(`${this.dialect.asText(this.call('status'))} = :status`, { status });
    if (assistantId !== undefined && !this.byAssistant) this.keepToAssistant(query, assistantId);
    return query;
  }

  private walk(after: CallKey | undefined): SelectQueryBuilder<ObjectLiteral> {
    const { accountId, newestId, startedFrom, startedBefore } = this;
    const { assistantId } = this.filter;
    const query = this.entities.calls.repository
      .createQueryBuilder('call')
      .where(`${this.call('accountId')} = :accountId`, { accountId })
      .andWhere(`${this.call('id')} <= :newestId`, { newestId });

    if (assistantId !== undefined && this.byAssistant) this.keepToAssistant(query, assistantId);
    const index = this.indexToWalk();
    if (index) query.useIndex(index);
    if (startedFrom !== undefined) this.boundStart(query, '>=', startedFrom, 'from');
    if (startedBefore !== undefined) this.boundStart(query, '<', startedBefore, 'before');
    if (this.byStart) query.orderBy(this.call('startedAt'));
    query.addOrderBy(this.call('id'));
    if (after) this.bound(query, '>', after, 'after');
    return query;
  }

  /** A field, as a query of the calls has it. */
  private call(field: CallField): string {
    return `call.${this.entities.calls.property(field)}`;
  }

  private assistant(field: AssistantField): string {
    return `assistant.${this.entities.assistants.property(field)}`;
  }

  private assistants(query: SelectQueryBuilder<ObjectLiteral>): SelectQueryBuilder<ObjectLiteral> {
    const { target } = this.entities.assistants.repository.metadata;
    return query.subQuery().from(target, 'assistant').withDeleted();
  }

  /**
   * The name of the account's index, where the entity has one. MySQL has to be told: else it looks up the account alone
   * and walks it from its beginning, for each page anew. Other databases are not told, by TypeORM.
   */
  private indexToWalk(): string | undefined {
    const { calls } = this.entities;
    const fields = this.byStart
      ? (['accountId', 'startedAt', 'id'] as const)
      : (['accountId', 'id'] as const);
    const wanted = fields.map((field) => calls.column(field));
    return calls.repository.metadata.indices.find(
      ({ columns }) =>
        columns.length === wanted.length && columns.every((column, i) => column === wanted[i]),
    )?.name;
  }

  private keepToAssistant(query: SelectQueryBuilder<ObjectLiteral>, assistantId: number): void {
    // An assistant of another account opens nothing, should a call ever name one.
    const own = this.assistants(query)
      .select('1')
      .where(`${this.assistant('id')} = :assistantId`)
      .andWhere(`${this.assistant('accountId')} = :accountId`);
    query
      .andWhere(`${this.call('assistantId')} = :assistantId`, { assistantId })
      .andWhere(`EXISTS ${own.getQuery()}`);
  }

  private boundStart(
    query: SelectQueryBuilder<ObjectLiteral>,
    operator: '>=' | '<',
    micros: bigint,
    name: string,
  ): void {
    const { sql, parameters } = this.dialect.instant(micros, name);
    query.andWhere(`${this.call('startedAt')} ${operator} ${sql}`, parameters);
  }

  private bound(
    query: SelectQueryBuilder<ObjectLiteral>,
    operator: '>' | '<=',
    key: CallKey,
    name: string,
  ): void {
    const [id, startedAt] = [`${name}Id`, `${name}StartedAt`];
    query.andWhere(
      this.byStart
        ? this.dialect.comparePairs(
            this.call('startedAt'),
            this.call('id'),
            operator,
            `:${startedAt}`,
            `:${id}`,
          )
        : `${this.call('id')} ${operator} :${id}`,
      { [id]: key.id, [startedAt]: key.startedAt },
    );
  }
}

const TEXT_COLUMNS = [
  ['callSid', 'call_sid'],
  ['customerPhoneNumber', 'customer_phone_number'],
  ['status', 'status'],
] as const;
const OTHER_COLUMNS = [
  ['accountId', 'account_id'],
  ['assistantId', 'assistant_id'],
  ['duration', 'duration'],
  ['startedAt', 'started_at'],
  ['endedAt', 'ended_at'],
] as const;

function microsOf(name: string, instant: Date | bigint | undefined): bigint | undefined {
  if (!(instant instanceof Date)) return instant;
  if (Number.isNaN(instant.getTime())) throw new TypeError(`${name} is not a valid date`);
  return BigInt(instant.getTime()) * 1000n;
}
