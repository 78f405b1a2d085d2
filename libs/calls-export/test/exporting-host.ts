import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { TestDatabase } from '@calls/testing';
import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import {
  type AccountId,
  Assistant,
  Call,
  CallsExportModule,
  type CallsExportModuleOptions,
  CallsExportService,
  type CallsFilter,
  callsMigrations,
  type ExportQuery,
  type ExportStream,
  portableEntities,
} from '../src';

/** The ways in which an export reads pages from PostgreSQL, with the value of the option `copy`. */
export const READERS: readonly [title: string, copy: boolean][] = [
  ['binary COPY', true],
  ['rows', false],
];

/** Options for a database without tables, and without entities. */
export function emptyDatabase(url: string) {
  if (url.startsWith('postgres')) return { type: 'postgres', url } as const;
  if (url.startsWith('mysql')) return { type: 'mariadb', url, timezone: 'Z' } as const;
  return { type: 'sqljs' } as const;
}

/** Options for PostgreSQL with the library's entities and migrations. */
export function postgresOptions(url: string) {
  return {
    type: 'postgres',
    url,
    entities: [Assistant, Call],
    migrations: [...callsMigrations],
    migrationsTransactionMode: 'each',
  } as const satisfies DataSourceOptions;
}

/** Options for a database of any kind, whose tables TypeORM creates. */
export function anyDataSourceOptions(url: string): DataSourceOptions {
  if (url.startsWith('postgres')) return postgresOptions(url);
  const type = url.startsWith('mysql') ? 'mariadb' : 'sqljs';
  const { calls, assistants } = portableEntities(type);
  const options = { entities: [assistants.entity, calls.entity], synchronize: true };
  return type === 'mariadb' ? { type, url, timezone: 'Z', ...options } : { type, ...options };
}

/** The modules that an app imports to export the calls of a connected DataSource. */
export function importsOn(
  dataSource: DataSource,
  options?: CallsExportModuleOptions,
): DynamicModule[] {
  return [
    TypeOrmModule.forRootAsync({
      useFactory: () => ({ ...dataSource.options }),
      dataSourceFactory: async () => dataSource,
    }),
    CallsExportModule.forRoot(options),
  ];
}

/** A Nest app without HTTP. */
export function startApp(imports: DynamicModule[]): Promise<INestApplicationContext> {
  @Module({ imports })
  class HostModule {}
  return NestFactory.createApplicationContext(HostModule, { logger: false, abortOnError: false });
}

/** A Nest app without HTTP that imports the library. */
export class ExportingHost {
  private constructor(private readonly app: INestApplicationContext) {}

  static async start(
    { dataSource }: TestDatabase,
    options?: CallsExportModuleOptions,
  ): Promise<ExportingHost> {
    return new ExportingHost(await startApp(importsOn(dataSource, options)));
  }

  /**
   * Starts a host whose DataSource Nest creates, by default with `autoLoadEntities`. The DataSource gets a
   * unique name because Nest keeps the auto-loaded entities of a name for as long as the process runs.
   *
   * @param features the entities that other modules of the host register.
   */
  static async withSettings(
    settings: TypeOrmModuleOptions,
    options?: CallsExportModuleOptions,
    features: Parameters<typeof TypeOrmModule.forFeature>[0] = [],
  ): Promise<ExportingHost & { readonly dataSource: DataSource }> {
    const name = randomUUID();
    let dataSource: DataSource | undefined;
    const imports: DynamicModule[] = [
      TypeOrmModule.forRootAsync({
        name,
        useFactory: () => ({ autoLoadEntities: true, retryAttempts: 0, ...settings }),
        dataSourceFactory: async (made) => (dataSource = new DataSource(made as DataSourceOptions)),
      }),
      CallsExportModule.forRoot({ ...options, dataSource: name }),
      TypeOrmModule.forFeature(features, name),
    ];
    try {
      const app = await startApp(imports);
      return Object.assign(new ExportingHost(app), { dataSource: dataSource as DataSource });
    } catch (error) {
      if (dataSource?.isInitialized) await dataSource.destroy();
      throw error;
    }
  }

  stream(query: ExportQuery = {}, accountId: AccountId = 1): Promise<ExportStream> {
    return this.app.get(CallsExportService).export(accountId, query);
  }

  async export(query: ExportQuery = {}, accountId: AccountId = 1): Promise<string> {
    return text(await this.stream(query, accountId));
  }

  count(
    filter: CallsFilter = {},
    accountId: AccountId = 1,
    signal?: AbortSignal,
  ): Promise<number | undefined> {
    return this.app.get(CallsExportService).count(accountId, filter, signal);
  }

  async exportedIds(query: ExportQuery = {}, accountId: AccountId = 1): Promise<number[]> {
    const json = await this.export({ ...query, format: 'json' }, accountId);
    return (JSON.parse(json) as { id: number }[]).map(({ id }) => id);
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
