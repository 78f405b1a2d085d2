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
 * Adds the endpoint `GET /calls/export`, and exports `CallsExportService` to the module that imports it.
 *
 * By default, it reads the calls from the default DataSource of `@nestjs/typeorm`. The account is the integer
 * `account_id` of the user that the passport strategy `jwt` returns.
 *
 * @example
 * imports: [CallsExportModule.forRoot({ path: 'reports/calls', maxConcurrent: 8 })]
 * @publicApi
 */
@Module({
  // Only these factories read the options; each class gets just the ones it needs.
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
  /**
   * Imports the module with fixed options.
   *
   * @throws Error if an option is unknown or invalid, either here or when the app starts.
   */
  static override forRoot(options: CallsExportModuleOptions = {}): DynamicModule {
    return super.forRoot(options);
  }

  /**
   * Imports the module with options from a factory. Those of `CallsExportExtras` go next to the factory,
   * because Nest needs them first.
   *
   * @example
   * CallsExportModule.forRootAsync({
   *   path: 'reports/calls',
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ maxConcurrent: config.get('EXPORTS') }),
   * })
   * @throws Error if an option is unknown or invalid, either here or when the app starts.
   */
  static override forRootAsync(options: CallsExportAsyncOptions): DynamicModule {
    checkAsyncOptions(options);
    return super.forRootAsync(options);
  }
}

function pageBytesOf({ pageMemory, maxConcurrent }: ResolvedOptions): number {
  return maxPageBytes(pageMemory, maxConcurrent);
}

/**
 * Creates the source of the calls of one DataSource.
 *
 * @throws Error if its calls can't be exported.
 */
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
