import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common' with { 'resolution-mode': 'import' };
import {
  type CallsExportAsyncOptions,
  CALLS_EXPORT_OPTIONS,
  ConfigurableModuleClass,
} from './calls-export.module-definition';
import { CallsEntities } from './entities/calls-entities';
import { CallsExportService } from './export/calls-export.service';
import { ExportSlots } from './export/export-slots';
import { mostPageBytes } from './export/page-size';
import { EXPORT_COLUMNS } from './formats/export-columns';
import {
  type CallsExportModuleOptions,
  checkAsyncOptions,
  RESOLVED_OPTIONS,
  type ResolvedOptions,
  resolveOptions,
} from './options/calls-export-options';
import { CallsSource } from './reading/calls-source';

/**
 * Adds `GET /calls/export` to the app that imports it, and `CallsExportService` to the module that does. The app has a DataSource of
 * `@nestjs/typeorm` with the calls, and a passport strategy `jwt` whose user has the integer `account_id`, unless the options
 * say otherwise.
 */
@Module({
  providers: [
    { provide: RESOLVED_OPTIONS, useFactory: resolveOptions, inject: [CALLS_EXPORT_OPTIONS] },
    {
      provide: CallsExportService,
      inject: [CallsEntities, RESOLVED_OPTIONS],
      // The options end here: what does the work gets what it needs of them.
      useFactory: (entities: CallsEntities, options: ResolvedOptions) => {
        const pageBytes = mostPageBytes(options.pageMemory, options.maxConcurrent);
        return new CallsExportService(
          new CallsSource(entities, EXPORT_COLUMNS, { ...options, pageBytes }),
          new ExportSlots(options),
          EXPORT_COLUMNS,
          { ...options, pageBytes },
        );
      },
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
   * With options that a factory makes. What Nest has to know before that stands beside it: `path`, `guards`, `imports`,
   * `dataSource`, `statuses`, `calls` and `assistants`.
   *
   * @throws Error likewise.
   */
  static override forRootAsync(options: CallsExportAsyncOptions): DynamicModule {
    checkAsyncOptions(options);
    return super.forRootAsync(options);
  }
}
