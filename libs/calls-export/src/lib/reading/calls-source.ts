import { inspect } from 'node:util';
import { isPromise } from 'node:util/types';
import { Logger } from '@nestjs/common';
import type { CallsEntities, IdRule } from '../entities/calls-entities';
import type { FileEncoder } from '../formats/file-format';
import type { AccountId } from '../model/account-id';
import type { CallsFilter } from '../model/calls-filter';
import type { ExportColumn, Views } from '../model/export-column';
import { reasonOf } from '../model/export-errors';
import { CallsQuery } from './calls-query';
import type { PageReader } from './page-reader';
import type { Connections } from './connections';
import type { Dialect, SessionSettings } from './dialects/dialect';
import { dialectOf } from './dialects/dialect-of';
import { missingIndexes } from './missing-indexes';
import { tryCopy } from './postgres/try-copy';
import { PostgresColumns } from './postgres/postgres-columns';
import { PostgresReader } from './postgres/postgres-reader';
import { RowReader } from './row-reader';
import { ServerSelector } from './server-selector';
import { isTransient } from './transient-error';

/** How calls are read. */
export interface ReadingSettings {
  /** How many seconds the database has to answer a statement. */
  readonly queryTimeout: number;
  /** Whether binary COPY is used where the database has it. */
  readonly copy: boolean;
  /** Whether the primary is read from while no replica can be reached. */
  readonly primaryFallback: boolean;
  /** How many bytes a page has at most, unless it is one call. */
  readonly pageBytes: number;
  /** The session variables of an account's export. Default none. */
  readonly settings?: (accountId: AccountId) => SessionSettings;
}

/** The calls of a DataSource: opens those of an account for reading, in the way that is the fastest there. */
export class CallsSource {
  private readonly logger = new Logger(CallsSource.name);
  private readonly dialect: Dialect;
  private readonly servers: ServerSelector;
  /** Whether binary COPY works; undefined until it is tried. */
  private copies: Promise<boolean> | undefined;

  /** @throws Error if there is no support for the database. */
  constructor(
    private readonly entities: CallsEntities,
    private readonly settings: ReadingSettings,
  ) {
    const { queryTimeout, copy, primaryFallback } = settings;
    const { dataSource } = entities;
    this.dialect = dialectOf(dataSource.options.type);
    if (settings.settings && !this.dialect.hasSettings) {
      throw new Error(
        `CallsExportModule's option settings is for the row-level security of PostgreSQL, not for ${dataSource.options.type}: leave it out`,
      );
    }
    this.servers = new ServerSelector(dataSource, this.dialect, queryTimeout, primaryFallback);
    if (!copy || !this.dialect.mayCopy) this.copies = Promise.resolve(false);
  }

  /** The columns of each view. */
  get views(): Views<ExportColumn> {
    return this.entities.views;
  }

  /** What the id of an assistant is; undefined if there are none. */
  get assistantIds(): IdRule | undefined {
    return this.entities.assistantIds;
  }

  /** What the id of a call is. */
  get callIds(): IdRule {
    return this.entities.callIds;
  }

  /**
   * The columns of a view.
   *
   * @throws TypeError if there is none of this name.
   */
  columns(view: string): readonly ExportColumn[] {
    const { views } = this;
    const columns = views.get(view);
    if (columns) return columns;
    throw new TypeError(`view must be one of ${[...views.keys()].join(', ')}, not ${view}`);
  }

  /**
   * A reader of an account's calls that match the filter, as they are now, on one server. Replicas are late by different times,
   * so that pages of two of them would not make a whole file.
   *
   * @param columns which of their values are read.
   * @param signal stops what is read.
   * @throws TypeError if the account or a date is invalid.
   */
  async open(
    accountId: AccountId,
    filter: CallsFilter,
    columns: readonly ExportColumn[],
    encoder: FileEncoder,
    signal: AbortSignal,
  ): Promise<PageReader> {
    const { dialect } = this;
    const { pageBytes } = this.settings;
    const variables = this.variablesOf(accountId);
    return this.servers.begin(async (server) => {
      const connections = server.until(signal, variables);
      const query = await this.query(accountId, filter, columns, connections);
      const { facts } = query;
      return (await this.canCopy(server)) && facts instanceof PostgresColumns
        ? new PostgresReader(query, columns, facts, encoder, connections, pageBytes)
        : new RowReader(query, columns, encoder, dialect, connections, pageBytes);
    }, signal);
  }

  /**
   * How many of an account's calls match the filter.
   *
   * @param signal stops the counting.
   * @throws TypeError as `open` does.
   */
  async count(accountId: AccountId, filter: CallsFilter, signal: AbortSignal): Promise<number> {
    const variables = this.variablesOf(accountId);
    return this.servers.begin(async (server) => {
      const connections = server.until(signal, variables);
      const query = await this.query(accountId, filter, [], connections);
      const counted = await connections.transaction((runner) =>
        query.count().setQueryRunner(runner).getRawOne<{ count: string | number }>(),
      );
      return Number(counted?.count);
    }, signal);
  }

  /** What to tell of indexes that exports need and that are not there; undefined if there is nothing to tell. */
  async missingIndexes(): Promise<string | undefined> {
    const { entities, dialect } = this;
    return this.servers.begin((server) => missingIndexes(entities, dialect, server));
  }

  private query(
    accountId: AccountId,
    filter: CallsFilter,
    columns: readonly ExportColumn[],
    connections: Connections,
  ): Promise<CallsQuery> {
    const { entities, dialect } = this;
    return connections.transaction(async (runner, connection) => {
      const facts = await dialect.facts(entities, columns, runner, connection);
      return CallsQuery.create(entities, dialect, facts, runner, accountId, filter);
    });
  }

  /** @throws TypeError if the host gives something else than texts by their names. */
  private variablesOf(accountId: AccountId): SessionSettings {
    const { settings } = this.settings;
    const variables: unknown = settings ? settings(accountId) : {};
    if (
      !isRecord(variables) ||
      !Object.values(variables).every((text) => typeof text === 'string')
    ) {
      throw new TypeError(
        `CallsExportModule's option settings must give an object of texts, such as { 'app.tenant': '42' }, not ${inspect(variables)}`,
      );
    }
    return variables as SessionSettings;
  }

  /** Tries it once, for all exports; a fault that passes leaves it to the next one. */
  private canCopy(server: Connections): Promise<boolean> {
    this.copies ??= tryCopy(server).then(
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isPromise(value);
}
