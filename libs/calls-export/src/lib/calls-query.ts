import { Assistant, type Call } from '@calls/data-access';
import type { Repository, SelectQueryBuilder } from 'typeorm';
import type { CallsFilter } from './calls-filter';
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

  private constructor(
    readonly dialect: SqlDialect,
    private readonly calls: Repository<Call>,
    private readonly accountId: number,
    private readonly filter: CallsFilter,
    private readonly newestId: string,
  ) {
    this.byStart = filter.startedFrom !== undefined || filter.startedBefore !== undefined;
    this.byAssistant = filter.assistantId !== undefined && !this.byStart && !dialect.isMysql;
  }

  static async create(
    calls: Repository<Call>,
    accountId: number,
    filter: CallsFilter,
  ): Promise<CallsQuery> {
    const dialect = new SqlDialect(calls.manager.dataSource.options.type);
    const newest = await calls
      .createQueryBuilder('call')
      .select(dialect.asText('MAX(call.id)'), 'id')
      .where('call.accountId = :accountId', { accountId })
      .getRawOne<{ id: string | null }>();
    return new CallsQuery(dialect, calls, accountId, filter, newest?.id ?? '0');
  }

  /** Gives the `CallKey` of the last of the next `count` calls, or no row where none is left. */
  lastKey(after: CallKey | undefined, count: number): SelectQueryBuilder<object> {
    const next = this.walk(after).select('call.id', 'id').limit(count);
    const last = this.calls.manager
      .createQueryBuilder()
      .select(this.dialect.asText('page.id'), 'id')
      .orderBy('page.id', 'DESC')
      .limit(1);
    if (this.byStart) {
      next.addSelect('call.startedAt', 'started_at');
      last
        .addSelect(this.dialect.asText('page.started_at'), 'startedAt')
        .orderBy('page.started_at', 'DESC')
        .addOrderBy('page.id', 'DESC');
    }
    return last.from(`(${next.getQuery()})`, 'page').setParameters(next.getParameters());
  }

  /** The range's calls that match, in their order; without columns. */
  matches({ after, to }: CallRange): SelectQueryBuilder<Call> {
    const query = this.walk(after);
    const { status, assistantId } = this.filter;
    if (status !== undefined) query.andWhere('call.status = :status', { status });
    if (assistantId !== undefined && !this.byAssistant) this.keepToAssistant(query, assistantId);
    this.bound(query, '<=', to, 'to');
    return query;
  }

  private walk(after: CallKey | undefined): SelectQueryBuilder<Call> {
    const { accountId, newestId } = this;
    const { assistantId, startedFrom, startedBefore } = this.filter;
    const query = this.calls
      .createQueryBuilder('call')
      .where('call.accountId = :accountId', { accountId })
      .andWhere('call.id <= :newestId', { newestId });

    if (assistantId !== undefined && this.byAssistant) this.keepToAssistant(query, assistantId);
    const index = this.indexToWalk();
    if (index) query.useIndex(index);
    if (startedFrom !== undefined) this.boundStart(query, '>=', startedFrom, 'from');
    if (startedBefore !== undefined) this.boundStart(query, '<', startedBefore, 'before');
    if (this.byStart) query.orderBy('call.startedAt');
    query.addOrderBy('call.id');
    if (after) this.bound(query, '>', after, 'after');
    return query;
  }

  /**
   * The name of the account's index, where the entity has one. MySQL has to be told: else it looks up the account alone
   * and walks it from its beginning, for each page anew. Other databases are not told, by TypeORM.
   */
  private indexToWalk(): string | undefined {
    const properties = this.byStart ? 'accountId,startedAt,id' : 'accountId,id';
    return this.calls.metadata.indices.find(
      ({ columns }) => columns.map(({ propertyName }) => propertyName).join() === properties,
    )?.name;
  }

  private keepToAssistant(query: SelectQueryBuilder<Call>, assistantId: number): void {
    // An assistant of another account opens nothing, should a call ever name one.
    const own = query
      .subQuery()
      .select('1')
      .from(Assistant, 'own')
      .where('own.id = :assistantId AND own.accountId = :accountId');
    query
      .andWhere('call.assistantId = :assistantId', { assistantId })
      .andWhere(`EXISTS ${own.getQuery()}`);
  }

  private boundStart(
    query: SelectQueryBuilder<Call>,
    operator: '>=' | '<',
    micros: bigint,
    name: string,
  ): void {
    const { sql, parameters } = this.dialect.instant(micros, name);
    query.andWhere(`call.startedAt ${operator} ${sql}`, parameters);
  }

  private bound(
    query: SelectQueryBuilder<Call>,
    operator: '>' | '<=',
    key: CallKey,
    name: string,
  ): void {
    const [id, startedAt] = [`${name}Id`, `${name}StartedAt`];
    query.andWhere(
      this.byStart
        ? this.dialect.comparePairs(
            'call.startedAt',
            'call.id',
            operator,
            `:${startedAt}`,
            `:${id}`,
          )
        : `call.id ${operator} :${id}`,
      { [id]: key.id, [startedAt]: key.startedAt },
    );
  }
}
