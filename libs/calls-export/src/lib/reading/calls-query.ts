import type { QueryRunner } from 'typeorm';
import type { CallsEntities } from '../entities/calls-entities';
import type { CallField } from '../entities/mapped-entity';
import type { AccountId } from '../model/account-id';
import type { CallKey, CallRange } from '../model/call-key';
import type { CallsFilter } from '../model/calls-filter';
import { AccountQueries } from './account-queries';
import { accountIndex, BY_START, type CallOrder, orderOfAll } from './call-order';
import type { ColumnFacts, Dialect } from './dialects/dialect';
import type { CallsQueryBuilder } from './field-conditions';
import { selectValues } from './select-values';
import { DateBounds } from './date-bounds';
import { isDataException } from './transient-error';
import { findScanBounds, type ScanBounds } from './scan-bounds';

/** What the texts of every database may have. */
const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * The queries of one export.
 *
 * They walk one index in its order: the account's calls by id or, where ids do not grow, by creation and id; or, with dates, those of the range
 * by start and id; or, except on MySQL, an assistant's like the account's. The walk goes in ranges that hold a number of calls whether these
 * match or not, so no statement is long, however few of an account's calls match. Calls that were created after the newest one that was there when
 * the export began are left out, so that it ends.
 */
export class CallsQuery {
  private readonly starts: DateBounds | undefined;
  private readonly order: CallOrder;
  private readonly rows: AccountQueries;

  private ends!: ScanBounds;
  /** The assistant as the columns of calls and of assistants store it. */
  private assistantId: { readonly ofCall: unknown; readonly own: unknown } | undefined;
  /** Whether no call matches: of an assistant that is not the account's, or with a status that the database can't even be asked for. */
  private isEmpty!: boolean;

  private constructor(
    readonly entities: CallsEntities,
    private readonly dialect: Dialect,
    readonly facts: ColumnFacts,
    accountId: AccountId,
    private readonly filter: CallsFilter,
  ) {
    this.rows = new AccountQueries(entities, dialect, facts, accountId);
    const { calls, assistants } = entities;
    const { assistantId } = filter;
    if (assistantId !== undefined) {
      if (!assistants) throw new TypeError('There are no assistants: leave assistantId out');
      const ofCall = calls.key('assistantId', assistantId);
      const own = assistants.key('id', assistantId);
      // Else one of them is a UUID in another case, and not the text of the other.
      const isSame = String(ofCall) === String(own);
      this.assistantId = { ofCall: isSame ? ofCall : undefined, own };
    }
    const from = microsOf('startedFrom', filter.startedFrom);
    const before = microsOf('startedBefore', filter.startedBefore);
    if (from !== undefined || before !== undefined) {
      const clock = facts.clock(calls.column('startedAt'));
      this.starts = new DateBounds(dialect, clock, { from, before });
    }
    this.order = this.starts ? BY_START : orderOfAll(entities.growing);
  }

  /**
   * @param runner for a connection that what the export begins with is asked of.
   * @throws InvalidAccountError if no call can have the account.
   * @throws InvalidAfterError if there is no file behind the call that `after` names.
   * @throws TypeError if a date is invalid, or if there are no assistants to filter by.
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
    query.ends = await findScanBounds(query.rows, query.order, filter.after, runner);
    query.isEmpty = !(await query.canMatch(runner));
    return query;
  }

  /** Gives the key of the `count`th call after another one, or no row: with a column for each of its values. */
  keyAfter(after: CallKey | undefined, count: number, end?: CallKey): CallsQueryBuilder {
    const key = this.order.fields.map((field) => this.dialect.asText(this.call(field)));
    return selectValues(this.scan({ after, to: end }), key)
      .offset(count - 1)
      .limit(1);
  }

  /** The range's calls that match the filter, in their order; the caller selects what it needs of them. */
  matches(range: CallRange): CallsQueryBuilder {
    const query = this.scan(range);
    if (this.isEmpty) return query;
    this.keepToStatus(query);
    if (!this.scansByAssistant()) this.keepToAssistant(query);
    return query;
  }

  /** How many calls match, as `count`. */
  count(): CallsQueryBuilder {
    return this.matches({}).orderBy().select('COUNT(*)', 'count');
  }

  /** A field of a call, as a query of calls has it. */
  call(field: string): string {
    return this.rows.call(field);
  }

  /** A field of an assistant, as a query of assistants has it. */
  assistant(field: string): string {
    return this.rows.assistant(field);
  }

  /** The account's own assistants; also those that are marked as deleted. The caller selects what it needs of them. */
  assistants(): CallsQueryBuilder {
    return this.rows.assistants();
  }

  /** Whether an assistant is that of a call, whose column the query knows by this expression. */
  isAssistantOf(assistantId: string): string {
    const { dialect, entities, facts } = this;
    const id = this.assistant('id');
    const otherText = dialect.asText(assistantId);
    if (entities.joinsByText) return dialect.isText(id, otherText, 'loose');
    const same = `${id} = ${assistantId}`;
    const equality = facts.equality(entities.of('assistant').column('id'));
    return equality === 'exact' ? same : `${same} AND ${dialect.isText(id, otherText, equality)}`;
  }

  /** Whether a call may match the filter. A statement that fails is the last one, since it ends its transaction. */
  private async canMatch(runner: QueryRunner): Promise<boolean> {
    const { status } = this.filter;
    try {
      if (this.assistantId && !(await this.isOwn(this.assistantId.own, runner))) return false;
      // Where the database has other texts than Unicode's, or a value has no place in its column.
      const isOdd = !PRINTABLE_ASCII.test(status ?? '');
      if (isOdd || this.assistantId) await this.askFor(runner);
      return true;
    } catch (error) {
      if (isDataException(error)) return false;
      throw error;
    }
  }

  private async isOwn(assistantId: unknown, runner: QueryRunner): Promise<boolean> {
    const own = this.assistants();
    this.rows.conditions.key(own, this.entities.of('assistant'), 'id', assistantId);
    const row = await own.select('1', 'own').limit(1).setQueryRunner(runner).getRawOne();
    return row !== undefined;
  }

  private async askFor(runner: QueryRunner): Promise<void> {
    const query = this.rows.calls().select('1', 'any').andWhere('1 = 0');
    this.keepToStatus(query);
    this.keepToAssistant(query);
    await query.setQueryRunner(runner).getRawOne();
  }

  private keepToStatus(query: CallsQueryBuilder): void {
    const { calls } = this.entities;
    const { status } = this.filter;
    if (status === undefined) return;
    this.rows.conditions.text(query, calls, 'status', calls.persisted('status', status));
  }

  private keepToAssistant(query: CallsQueryBuilder): void {
    if (!this.assistantId) return;
    const { calls } = this.entities;
    this.rows.conditions.key(query, calls, 'assistantId', this.assistantId.ofCall);
  }

  private scan({ after = this.ends.after, to }: CallRange): CallsQueryBuilder {
    const { newest } = this.ends;
    const query = this.rows.calls();
    // Nothing else is asked for, since the database may have no place for it.
    if (newest === undefined || this.isEmpty) return query.andWhere('1 = 0');
    query.andWhere(`${this.call(this.entities.growing)} <= :newest`, { newest });
    const index = this.accountIndexName();
    if (index) query.useIndex(index);
    if (this.scansByAssistant()) this.keepToAssistant(query);
    this.starts?.apply(query, this.call('startedAt'));
    if (after) this.bound(query, '>', after, 'after');
    if (to) this.bound(query, '<=', to, 'to');
    for (const field of this.order.fields) query.addOrderBy(this.call(field));
    return query;
  }

  /** Whether the walk goes along the assistant's calls, if it is for one. */
  private scansByAssistant(): boolean {
    return this.order !== BY_START && this.dialect.scansByAssistant;
  }

  /**
   * The name of the account's index, if the entity has one. MySQL has to be told: else it looks up the account alone
   * and walks it from its beginning, for each page anew. Other databases are not told, by TypeORM.
   */
  private accountIndexName(): string | undefined {
    const { calls } = this.entities;
    const wanted = accountIndex(this.order).map((field: CallField) => calls.column(field));
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
