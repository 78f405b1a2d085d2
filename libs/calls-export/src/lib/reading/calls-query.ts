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

/** Characters that every database can store. */
const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * Builds the queries of one export.
 *
 * An export scans one index in order, page by page:
 * - without dates: the account's calls by id or, if ids do not grow, by creation and id;
 * - with dates: the account's calls in the date range, by start and id (see `DateBounds`);
 * - for one assistant, without dates: the assistant's calls, except on MySQL, which scans the account's.
 *
 * A page covers a fixed number of calls, whether they match the filter or not. So no statement runs long,
 * however few calls match. Calls created after the export started are left out, so the export always ends.
 */
export class CallsQuery {
  private readonly dates: DateBounds | undefined;
  private readonly order: CallOrder;
  private readonly queries: AccountQueries;

  private bounds!: ScanBounds;
  /**
   * The assistant's id as it is stored in the table of calls (`ofCall`) and in that of assistants (`own`).
   */
  private assistantId: { readonly ofCall: unknown; readonly own: unknown } | undefined;
  /**
   * Whether no call can match: the assistant is another account's, or the database can't store the status.
   */
  private isEmpty!: boolean;

  private constructor(
    readonly entities: CallsEntities,
    private readonly dialect: Dialect,
    readonly facts: ColumnFacts,
    accountId: AccountId,
    private readonly filter: CallsFilter,
  ) {
    this.queries = new AccountQueries(entities, dialect, facts, accountId);
    const { calls, assistants } = entities;
    const { assistantId } = filter;
    if (assistantId !== undefined) {
      if (!assistants) throw new TypeError('There are no assistants: leave assistantId out');
      const ofCall = calls.key('assistantId', assistantId);
      const own = assistants.key('id', assistantId);
      // They differ if one column is a UUID and the other a text in another case: such calls never match.
      const isSame = String(ofCall) === String(own);
      this.assistantId = { ofCall: isSame ? ofCall : undefined, own };
    }
    const from = microsOf('startedFrom', filter.startedFrom);
    const before = microsOf('startedBefore', filter.startedBefore);
    if (from !== undefined || before !== undefined) {
      const clock = facts.clock(calls.column('startedAt'));
      this.dates = new DateBounds(dialect, clock, { from, before });
    }
    this.order = this.dates ? BY_START : orderOfAll(entities.growing);
  }

  /**
   * Looks up the bounds of the scan, and checks the filter against the database.
   *
   * @throws InvalidAccountError if the account can't be stored in the account column.
   * @throws InvalidAfterError if the call that `after` names is not in the export.
   * @throws TypeError if a date is invalid, or if `assistantId` is given although calls have no assistants.
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
    query.bounds = await findScanBounds(query.queries, query.order, filter.after, runner);
    query.isEmpty = !(await query.canMatch(runner));
    return query;
  }

  /** Selects the key of the `count`th call after `after`, one column for each of its values. */
  keyAfter(after: CallKey | undefined, count: number, end?: CallKey): CallsQueryBuilder {
    const key = this.order.fields.map((field) => this.dialect.asText(this.call(field)));
    return selectValues(this.scan({ after, to: end }), key)
      .offset(count - 1)
      .limit(1);
  }

  /**
   * Selects the range's calls that match the filter, in the order of the scan. The caller adds the columns to
   * select.
   */
  matches(range: CallRange): CallsQueryBuilder {
    const query = this.scan(range);
    if (this.isEmpty) return query;
    this.filterByStatus(query);
    // A scan of the assistant's calls already has the condition.
    if (!this.scansByAssistant()) this.filterByAssistant(query);
    return query;
  }

  /** Selects the number of calls that match the filter, as `count`. */
  count(): CallsQueryBuilder {
    return this.matches({}).orderBy().select('COUNT(*)', 'count');
  }

  /** Returns the SQL name of a call's field in a query of calls. */
  call(field: string): string {
    return this.queries.call(field);
  }

  /** Returns the SQL name of an assistant's field in a query of assistants. */
  assistant(field: string): string {
    return this.queries.assistant(field);
  }

  /** Selects the account's assistants, including soft-deleted ones. The caller adds the columns to select. */
  assistants(): CallsQueryBuilder {
    return this.queries.assistants();
  }

  /**
   * Returns the SQL condition that joins an assistant to a call.
   *
   * @param assistantId the SQL expression of the call's assistant id.
   */
  isAssistantOf(assistantId: string): string {
    const { dialect, entities, facts } = this;
    const id = this.assistant('id');
    const otherText = dialect.asText(assistantId);
    if (entities.joinsByText) return dialect.isText(id, otherText, 'loose');
    const same = `${id} = ${assistantId}`;
    const equality = facts.equality(entities.of('assistant').column('id'));
    return equality === 'exact' ? same : `${same} AND ${dialect.isText(id, otherText, equality)}`;
  }

  /**
   * Whether a call may match the filter. No statement may follow one that fails here, since PostgreSQL aborts
   * the transaction.
   */
  private async canMatch(runner: QueryRunner): Promise<boolean> {
    const { status } = this.filter;
    try {
      if (this.assistantId && !(await this.ownsAssistant(this.assistantId.own, runner))) {
        return false;
      }
      // The database's character set may lack a character, or the id may exceed the range of its column.
      const isAscii = PRINTABLE_ASCII.test(status ?? '');
      if (!isAscii || this.assistantId) await this.probe(runner);
      return true;
    } catch (error) {
      if (isDataException(error)) return false;
      throw error;
    }
  }

  private async ownsAssistant(assistantId: unknown, runner: QueryRunner): Promise<boolean> {
    const own = this.assistants();
    this.queries.conditions.key(own, this.entities.of('assistant'), 'id', assistantId);
    const row = await own.select('1', 'own').limit(1).setQueryRunner(runner).getRawOne();
    return row !== undefined;
  }

  /** Runs the filter without reading a row, so that the database rejects values that it can't compare. */
  private async probe(runner: QueryRunner): Promise<void> {
    const query = this.queries.calls().select('1', 'any').andWhere('1 = 0');
    this.filterByStatus(query);
    this.filterByAssistant(query);
    await query.setQueryRunner(runner).getRawOne();
  }

  private filterByStatus(query: CallsQueryBuilder): void {
    const { calls } = this.entities;
    const { status } = this.filter;
    if (status === undefined) return;
    this.queries.conditions.text(query, calls, 'status', calls.persisted('status', status));
  }

  private filterByAssistant(query: CallsQueryBuilder): void {
    if (!this.assistantId) return;
    const { calls } = this.entities;
    this.queries.conditions.key(query, calls, 'assistantId', this.assistantId.ofCall);
  }

  /** Selects the range's calls, whether they match the filter or not, in the order of the scan. */
  private scan({ after = this.bounds.after, to }: CallRange): CallsQueryBuilder {
    const { newest } = this.bounds;
    const query = this.queries.calls();
    // No further condition: the database may reject its values.
    if (newest === undefined || this.isEmpty) return query.andWhere('1 = 0');
    query.andWhere(`${this.call(this.entities.growing)} <= :newest`, { newest });
    const index = this.accountIndexName();
    if (index) query.useIndex(index);
    if (this.scansByAssistant()) this.filterByAssistant(query);
    this.dates?.apply(query, this.call('startedAt'));
    if (after) this.compareKey(query, '>', after, 'after');
    if (to) this.compareKey(query, '<=', to, 'to');
    for (const field of this.order.fields) query.addOrderBy(this.call(field));
    return query;
  }

  /** Whether an export of one assistant scans the assistant's index rather than the account's. */
  private scansByAssistant(): boolean {
    return this.order !== BY_START && this.dialect.scansByAssistant;
  }

  /**
   * Returns the name of the account's index if the entity declares one, for an index hint on MySQL. Without
   * it, MySQL uses only the account column, and scans the account from the start for each page. TypeORM sends
   * no hint to other databases.
   */
  private accountIndexName(): string | undefined {
    const { calls } = this.entities;
    const wanted = accountIndex(this.order).map((field: CallField) => calls.column(field));
    return calls.repository.metadata.indices.find(
      ({ columns }) =>
        columns.length === wanted.length && columns.every((column, i) => column === wanted[i]),
    )?.name;
  }

  private compareKey(
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
