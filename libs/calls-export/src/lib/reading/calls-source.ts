import { Logger } from '@nestjs/common';
import type { CallsEntities } from '../entities/calls-entities';
import type { FileEncoder } from '../formats/file-format';
import type { AccountId } from '../model/account-id';
import type { CallsFilter } from '../model/calls-filter';
import type { ExportColumn } from '../model/export-column';
import { reasonOf } from '../model/export-errors';
import { CallsQuery } from './calls-query';
import type { CallsReader } from './calls-reader';
import { Connections } from './connections';
import type { Dialect } from './dialects/dialect';
import { dialectOf } from './dialects/dialect-of';
import { tryCopy } from './postgres/try-copy';
import { PostgresReader } from './postgres/postgres-reader';
import { RowReader } from './row-reader';
import { isTransient } from './transient-error';

/** How calls are read. */
export interface ReadingSettings {
  /** How many seconds the database has to answer a statement. */
  readonly queryTimeout: number;
  /** Whether binary COPY is used where the database has it. */
  readonly copy: boolean;
}

/** The calls of a DataSource: opens those of an account for reading, in the way that is the fastest there. */
export class CallsSource {
  private readonly logger = new Logger(CallsSource.name);
  private readonly dialect: Dialect;
  private readonly connections: Connections;
  /** Whether binary COPY works; undefined until it is tried. */
  private copies: Promise<boolean> | undefined;

  /** @throws Error if there is no support for the database. */
  constructor(
    private readonly entities: CallsEntities,
    private readonly columns: readonly ExportColumn[],
    { queryTimeout, copy }: ReadingSettings,
  ) {
    const { dataSource } = entities;
    this.dialect = dialectOf(dataSource.options.type);
    this.connections = new Connections(dataSource, this.dialect, queryTimeout);
    if (!copy || !this.dialect.mayCopy) this.copies = Promise.resolve(false);
  }

  /**
   * A reader of an account's calls that match the filter, as they are now.
   *
   * @throws TypeError if the account or a date is invalid.
   */
  async open(
    accountId: AccountId,
    filter: CallsFilter,
    encoder: FileEncoder,
  ): Promise<CallsReader> {
    const query = await this.query(accountId, filter);
    const { columns, dialect, connections } = this;
    return (await this.canCopy())
      ? new PostgresReader(query, columns, encoder, connections)
      : new RowReader(query, columns, encoder, dialect, connections);
  }

  /**
   * How many of an account's calls match the filter.
   *
   * @throws TypeError as `open` does.
   */
  async count(accountId: AccountId, filter: CallsFilter): Promise<number> {
    const query = await this.query(accountId, filter);
    const counted = await this.connections.use((runner) =>
      query.count().setQueryRunner(runner).getRawOne<{ count: string | number }>(),
    );
    return Number(counted?.count);
  }

  private query(accountId: AccountId, filter: CallsFilter): Promise<CallsQuery> {
    return CallsQuery.create(this.entities, this.dialect, this.connections, accountId, filter);
  }

  /** Tries it once; a fault that passes leaves it to the next export. */
  private canCopy(): Promise<boolean> {
    this.copies ??= tryCopy(this.connections).then(
      () => true,
      (error: unknown) => {
        if (isTransient(error)) {
          this.copies = undefined;
          throw error;
        }
        this.logger.warn(
          `Calls are read by rows, which is slower than binary COPY: ${reasonOf(error)}`,
        );
        return false;
      },
    );
    return this.copies;
  }
}
