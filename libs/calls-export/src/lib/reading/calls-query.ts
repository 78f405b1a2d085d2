import type { ObjectLiteral, QueryRunner, SelectQueryBuilder } from 'typeorm';
import type { CallField, CallsEntities, EntityFields } from '../entities/calls-entities';
import type { AccountId } from '../model/account-id';
import type { CallKey, CallRange } from '../model/call-key';
import type { CallsFilter } from '../model/calls-filter';
import { InvalidAccountError } from '../model/export-errors';
import { BY_ID, BY_START, type CallOrder } from './call-order';
import type { ColumnFacts, Dialect } from './dialects/dialect';
import { selectValues } from './select-values';
import { StartBounds } from './start-bounds';
import { isDataException } from './transient-error';

/** What the texts of every database may have. */
const PRINTABLE_ASCII = /^[ -~]*$/;

type CallsQueryBuilder = SelectQueryBuilder<ObjectLiteral>;

/**
 * The queries of one export.
 *
 * They walk one index in its order: the account's calls by id; or, with dates, those of the range by start and id; or,
 * except on MySQL, an assistant's by id. The walk goes in ranges that hold a number of calls whether these match or not, so no statement is
 * long, however few of an account's calls match. Calls with greater ids than there were when the export began are left out,
 * so that it ends.
 */
export class CallsQuery {
  private readonly starts: StartBounds | undefined;
  private readonly order: CallOrder;
  /** The account as each entity's column stores it. */
  private readonly accounts: ReadonlyMap<EntityFields, unknown>;

  /** The greatest id of the account's calls when the export began; undefined if there is none. */
  private newestId: string | undefined;
  /** Whether no call matches: of an assistant that is not the account's, or with a status that the database can't even be asked for. */
  private isEmpty = false;

  private constructor(
    readonly entities: CallsEntities,
    private readonly dialect: Dialect,
    readonly facts: ColumnFacts,
    accountId: AccountId,
    private readonly filter: CallsFilter,
  ) {
    const { calls, assistants } = entities;
    this.accounts = new Map(
      [calls, assistants].map((entity) => [entity, entity.account(accountId)]),
    );
    const from = microsOf('startedFrom', filter.startedFrom);
    const before = microsOf('startedBefore', filter.startedBefore);
    if (from !== undefined || before !== undefined) {
      const clock = facts.clock(calls.column('startedAt'));
      this.starts = new StartBounds(dialect, clock, { from, before });
    }
    this.order = this.starts ? BY_START : BY_ID;
  }

  /**
   * @param runner for a connection that what the export begins with is asked of.
   * @throws InvalidAccountError if no call can have the account.
   * @throws TypeError if a date is invalid.
   */
  static async create(
    entities: CallsEntities,
    dialect: Dialect,
    facts: ColumnFacts,
    runner: QueryRunner,
    accountId: AccountId,
    filter: CallsFilter,
  ): Promise<CallsQuery> {
    const query = new CallsQuery(entities, dialect, facts, accountId, filter);
    query.newestId = await query.findNewest(runner);
    query.isEmpty = !(await query.canMatch(runner));
    return query;
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
    if (this.isEmpty) return query;
    const { status, assistantId } = this.filter;
    if (status !== undefined) {
      this.keepToText(
        query,
        this.entities.calls,
        'status',
        this.entities.calls.persisted('status', status),
      );
    }
    if (assistantId !== undefined && !this.walksAssistant()) this.keepToCallsOf(query, assistantId);
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
    const { assistants } = this.entities;
    const query = this.select(assistants, 'assistant').withDeleted();
    return this.keepToAccount(query, assistants).andWhere(condition, parameters);
  }

  /** A query of an entity, which neither its own order nor a cache has a part in. */
  private select({ repository }: EntityFields, alias: 'call' | 'assistant'): CallsQueryBuilder {
    return repository.createQueryBuilder(alias).setOption('disable-global-order').cache(false);
  }

  private async findNewest(runner: QueryRunner): Promise<string | undefined> {
    const { calls } = this.entities;
    const { asText } = this.dialect;
    // Of other accounts as well, if the database takes theirs for the same: later ones than the newest do no harm.
    const newest = this.compareAccount(this.select(calls, 'call'), calls)
      .select(asText(`MAX(${this.call('id')})`), 'id')
      .setQueryRunner(runner);
    try {
      return (await newest.getRawOne<{ id: string | null }>())?.id ?? undefined;
    } catch (error) {
      // There is nothing else in the statement that a value could be wrong for.
      throw isDataException(error)
        ? new InvalidAccountError('one that their column takes', error)
        : error;
    }
  }

  /** Whether a call may match the filter. A statement that fails is the last one, since it ends its transaction. */
  private async canMatch(runner: QueryRunner): Promise<boolean> {
    const { assistantId, status } = this.filter;
    try {
      if (assistantId !== undefined && !(await this.isOwn(assistantId, runner))) return false;
      // Where the database has other texts than Unicode's, or an id is too large for its column.
      if (status !== undefined && !PRINTABLE_ASCII.test(status)) await this.askFor(status, runner);
      return true;
    } catch (error) {
      if (isDataException(error)) return false;
      throw error;
    }
  }

  private async isOwn(assistantId: number, runner: QueryRunner): Promise<boolean> {
    const soughtAssistant = this.entities.assistants.persisted('id', assistantId);
    if (soughtAssistant === undefined) return false;
    const own = this.assistants(`${this.assistant('id')} = :soughtAssistant`, { soughtAssistant });
    const row = await own.select('1', 'own').limit(1).setQueryRunner(runner).getRawOne();
    return row !== undefined;
  }

  private async askFor(status: string, runner: QueryRunner): Promise<void> {
    const { calls } = this.entities;
    const query = this.select(calls, 'call').select('1', 'any').where('1 = 0');
    await this.keepToText(query, calls, 'status', calls.persisted('status', status))
      .setQueryRunner(runner)
      .getRawOne();
  }

  /** Keeps to the rows of the account, by an index, and to exactly those. */
  private keepToAccount(query: CallsQueryBuilder, entity: EntityFields): CallsQueryBuilder {
    this.compareAccount(query, entity);
    if (this.facts.equality(entity.column('accountId')) === 'exact') return query;
    return this.keepToText(query, entity, 'accountId', this.accounts.get(entity));
  }

  private compareAccount(query: CallsQueryBuilder, entity: EntityFields): CallsQueryBuilder {
    return query.andWhere(`${query.alias}.${entity.property('accountId')} = :exportedAccount`, {
      exportedAccount: this.dialect.comparable(this.accounts.get(entity)),
    });
  }

  /** Keeps to the rows whose field has exactly this value, of which a text is compared. */
  private keepToText(
    query: CallsQueryBuilder,
    entity: EntityFields,
    field: 'accountId' | 'status',
    value: unknown,
  ): CallsQueryBuilder {
    if (value === undefined) return query.andWhere('1 = 0');
    const expression = `${query.alias}.${entity.property(field)}`;
    const name = `exact_${field}`;
    const isText = ['string', 'number', 'bigint'].includes(typeof value);
    const equality = this.facts.equality(entity.column(field));
    return isText
      ? query.andWhere(this.dialect.isText(expression, `:${name}`, equality), {
          [name]: String(value),
        })
      : query.andWhere(`${expression} = :${name}`, { [name]: value });
  }

  private walk({ after, to }: CallRange): CallsQueryBuilder {
    const { newestId } = this;
    const { calls } = this.entities;
    const query = this.keepToAccount(this.select(calls, 'call'), calls);
    // Nothing else is asked for, since the database may have no place for it.
    if (newestId === undefined || this.isEmpty) return query.andWhere('1 = 0');
    query.andWhere(`${this.call('id')} <= :newestId`, { newestId });
    const index = this.indexToWalk();
    if (index) query.useIndex(index);
    if (this.walksAssistant()) this.keepToCallsOf(query, this.filter.assistantId as number);
    this.starts?.apply(query, this.call('startedAt'));
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

  private keepToCallsOf(query: CallsQueryBuilder, id: number): void {
    const assistantId = this.entities.calls.persisted('assistantId', id);
    query.andWhere(`${this.call('assistantId')} = :exportedAssistant`, {
      exportedAssistant: assistantId,
    });
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
