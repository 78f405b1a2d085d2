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
  /** Statement timeout, in seconds. */
  readonly queryTimeout: number;
  /** Whether to use binary COPY if the database supports it. */
  readonly copy: boolean;
  /** Whether to read from the primary while no replica is reachable. */
  readonly primaryFallback: boolean;
  /** Maximum size of a page, in bytes. A single call may exceed it. */
  readonly pageBytes: number;
  /** Returns the session variables of an account's export. Default: none. */
  readonly settings?: (accountId: AccountId) => SessionSettings;
}

/**
 * The calls in one DataSource: opens a reader for each export, and counts calls.
 *
 * There are two readers, with the same output:
 * - `PostgresReader` streams pages with binary `COPY`, which is fastest. It needs PostgreSQL and the
 *   JavaScript `pg` driver.
 * - `RowReader` reads rows through TypeORM, which works on every supported database.
 *
 * `PostgresReader` is used if the option `copy` allows it and one trial `COPY` succeeds (see `canCopy`).
 */
export class CallsSource {
  private readonly logger = new Logger(CallsSource.name);
  private readonly dialect: Dialect;
  private readonly servers: ServerSelector;
  /** Whether binary COPY works; undefined until the first export tries it. */
  private copyWorks: Promise<boolean> | undefined;

  /** @throws Error if the database is not supported, or does not support the option `settings`. */
  constructor(
    private readonly entities: CallsEntities,
    private readonly settings: ReadingSettings,
  ) {
    const { queryTimeout, copy, primaryFallback } = settings;
    const { dataSource } = entities;
    this.dialect = dialectOf(dataSource.options.type);
    if (settings.settings && !this.dialect.hasSettings) {
      throw new Error(
        `CallsExportModule option settings requires PostgreSQL, got ${dataSource.options.type}: leave it out`,
      );
    }
    this.servers = new ServerSelector(dataSource, this.dialect, queryTimeout, primaryFallback);
    if (!copy || !this.dialect.mayCopy) this.copyWorks = Promise.resolve(false);
  }

  /** The columns of each view. */
  get views(): Views<ExportColumn> {
    return this.entities.views;
  }

  /** The rule for valid assistant ids; undefined if there are no assistants. */
  get assistantIds(): IdRule | undefined {
    return this.entities.assistantIds;
  }

  /** The rule for valid call ids. */
  get callIds(): IdRule {
    return this.entities.callIds;
  }

  /**
   * Returns the columns of a view.
   *
   * @throws TypeError if there is no view of that name.
   */
  columns(view: string): readonly ExportColumn[] {
    const { views } = this;
    const columns = views.get(view);
    if (columns) return columns;
    throw new TypeError(`view must be one of ${[...views.keys()].join(', ')}, got ${view}`);
  }

  /**
   * Opens a reader for an account's calls that match the filter.
   *
   * It stays on one server: replicas lag differently, so mixing their pages could lose or repeat calls.
   *
   * @param columns the columns to read.
   * @param signal cancels the reads.
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
    return this.servers.run(async (server) => {
      const connections = server.until(signal, variables);
      const query = await this.query(accountId, filter, columns, connections);
      const { facts } = query;
      // If COPY works, the driver is the client of `pg`, whose facts are `PostgresColumns`: the check only
      // narrows the type.
      return (await this.canCopy(server)) && facts instanceof PostgresColumns
        ? new PostgresReader(query, columns, facts, encoder, connections, pageBytes)
        : new RowReader(query, columns, encoder, dialect, connections, pageBytes);
    }, signal);
  }

  /**
   * Counts an account's calls that match the filter.
   *
   * @param signal cancels the count.
   * @throws TypeError if the account or a date is invalid.
   */
  async count(accountId: AccountId, filter: CallsFilter, signal: AbortSignal): Promise<number> {
    const variables = this.variablesOf(accountId);
    return this.servers.run(async (server) => {
      const connections = server.until(signal, variables);
      const query = await this.query(accountId, filter, [], connections);
      const counted = await connections.transaction((runner) =>
        query.count().setQueryRunner(runner).getRawOne<{ count: string | number }>(),
      );
      return Number(counted?.count);
    }, signal);
  }

  /**
   * Returns a warning that names the missing indexes and the DDL that creates them; undefined if none is
   * missing.
   */
  async missingIndexes(): Promise<string | undefined> {
    const { entities, dialect } = this;
    return this.servers.run((server) => missingIndexes(entities, dialect, server));
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

  /** @throws TypeError if the host app's function does not return an object of strings. */
  private variablesOf(accountId: AccountId): SessionSettings {
    const { settings } = this.settings;
    const variables: unknown = settings ? settings(accountId) : {};
    if (
      !isRecord(variables) ||
      !Object.values(variables).every((text) => typeof text === 'string')
    ) {
      throw new TypeError(
        `CallsExportModule option settings must return an object of strings, such as { 'app.tenant': '42' }, got ${inspect(variables)}`,
      );
    }
    return variables as SessionSettings;
  }

  /** Tries binary COPY once for all exports. After a transient error, the next export tries again. */
  private canCopy(server: Connections): Promise<boolean> {
    this.copyWorks ??= tryCopy(server).then(
      () => true,
      (error: unknown) => {
        if (isTransient(error)) {
          this.copyWorks = undefined;
          throw error;
        }
        this.logger.warn(
          `Binary COPY is not available, so calls are read row by row, which is slower: ${reasonOf(error)}`,
        );
        return false;
      },
    );
    return this.copyWorks;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isPromise(value);
}
