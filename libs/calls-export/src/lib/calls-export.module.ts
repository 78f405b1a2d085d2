import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common' with { 'resolution-mode': 'import' };
import { type DataSource, InstanceChecker } from 'typeorm';
import {
  type CallsExportAsyncOptions,
  CALLS_EXPORT_OPTIONS,
  ConfigurableModuleClass,
} from './calls-export.module-definition';
import { CallsEntities } from './entities/calls-entities';
import { ownEntity } from './entities/entities-to-load';
import { CallsExportService } from './export/calls-export.service';
import { ExportSlots } from './export/export-slots';
import { maxPageBytes } from './export/page-size';
import { DATA_SOURCE, EXPORTED_CALLS, type ExportedCalls } from './options/calls-export-extras';
import {
  type CallsExportModuleOptions,
  RESOLVED_OPTIONS,
  type ResolvedOptions,
} from './options/calls-export-options';
import { checkAsyncOptions } from './options/check-extras';
import { resolveOptions } from './options/resolve-options';
import { CallsSource } from './reading/calls-source';
import { CallsSourceRegistry } from './reading/calls-source-registry';
import { IndexCheck } from './reading/index-check';

/**
 * Adds `GET /calls/export` to the app that imports it, and `CallsExportService` to the module that does. The app has a DataSource of
 * `@nestjs/typeorm` with the calls, and a passport strategy `jwt` whose user has the integer `account_id`, unless the options
 * say otherwise.
 */
@Module({
  // The options end here: what does the work gets what it needs of them.
  providers: [
    { provide: RESOLVED_OPTIONS, useFactory: resolveOptions, inject: [CALLS_EXPORT_OPTIONS] },
    {
      provide: CallsSourceRegistry,
      inject: [DATA_SOURCE, EXPORTED_CALLS, RESOLVED_OPTIONS],
      useFactory: (given: unknown, exported: ExportedCalls, options: ResolvedOptions) =>
        new CallsSourceRegistry(
          (dataSource) => sourceOf(dataSource, exported, options),
          exported.assistants !== false,
          InstanceChecker.isDataSource(given) ? given : undefined,
        ),
    },
    {
      provide: IndexCheck,
      inject: [CallsSourceRegistry],
      useFactory: (sources: CallsSourceRegistry) => new IndexCheck(sources),
    },
    {
      provide: CallsExportService,
      inject: [CallsSourceRegistry, RESOLVED_OPTIONS],
      useFactory: (sources: CallsSourceRegistry, options: ResolvedOptions) =>
        new CallsExportService(sources, new ExportSlots(options), {
          ...options,
          pageBytes: pageBytesOf(options),
        }),
    },
  ],
  exports: [CallsExportService],
})
export class CallsExportModule extends ConfigurableModuleClass {
  /** @throws Error where an option is unknown or not acceptable, here or when the app starts. */
  static override forRoot(options: CallsExportModuleOptions = {}): DynamicModule {
    return super.forRoot(options);
  }

  /**
   * With options that a factory makes. What Nest has to know before that stands beside it: the members of `CallsExportExtras`.
   *
   * @throws Error likewise.
   */
  static override forRootAsync(options: CallsExportAsyncOptions): DynamicModule {
    checkAsyncOptions(options);
    return super.forRootAsync(options);
  }
}

function pageBytesOf({ pageMemory, maxConcurrent }: ResolvedOptions): number {
  return maxPageBytes(pageMemory, maxConcurrent);
}

/** @throws Error if the calls of the DataSource can't be exported. */
function sourceOf(
  dataSource: DataSource,
  { views, calls, assistants }: ExportedCalls,
  options: ResolvedOptions,
): CallsSource {
  const entities = new CallsEntities(
    dataSource,
    views,
    calls ?? { entity: ownEntity(dataSource, 'calls') },
    assistants ?? { entity: ownEntity(dataSource, 'assistants') },
  );
  return new CallsSource(entities, { ...options, pageBytes: pageBytesOf(options) });
}
