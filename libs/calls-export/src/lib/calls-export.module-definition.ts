import { ConfigurableModuleBuilder } from '@nestjs/common';
// Nest 12 is ES modules: without the mode, TypeScript's `node16` refuses these types in the declarations, which are CommonJS's.
import type {
  ConfigurableModuleAsyncOptions,
  ConfigurableModuleCls,
  DynamicModule,
} from '@nestjs/common' with { 'resolution-mode': 'import' };
import { dataSourceProviders } from './data-source-providers';
import { CallsExportService } from './export/calls-export.service';
import { getCallsExportServiceToken } from './export/service-token';
import { CallsExportGuard } from './http/calls-export.guard';
import { STATUSES } from './http/export-calls-query.pipe';
import { mountController } from './http/mount-controller';
import { CALL_STATUSES } from './model/call-status';
import {
  type CallsExportExtras,
  type CallsExportOptions,
  checkExtras,
  EXPORTED_CALLS,
  type ExportedCalls,
  EXTRAS,
} from './options/calls-export-options';
import { viewsOf } from './options/columns';

/** Nest tells the extras from the options by their names. */
const NO_EXTRAS = Object.fromEntries(EXTRAS.map((name) => [name, undefined]));

const host = new ConfigurableModuleBuilder<CallsExportOptions>({ moduleName: 'CallsExport' })
  .setClassMethodName('forRoot')
  .setExtras<CallsExportExtras>(NO_EXTRAS, addExport)
  .build();

/** What `CallsExportModule.forRootAsync` takes. */
export type CallsExportAsyncOptions = ConfigurableModuleAsyncOptions<CallsExportOptions> &
  CallsExportExtras;

// Their types are written out: TypeScript would import Nest's from a path within its package, which not every host resolves.
export const CALLS_EXPORT_OPTIONS: string | symbol = host.MODULE_OPTIONS_TOKEN;
export const ConfigurableModuleClass: ConfigurableModuleCls<
  CallsExportOptions,
  'forRoot',
  'create',
  CallsExportExtras
> = host.ConfigurableModuleClass;

function addExport(definition: DynamicModule, extras: CallsExportExtras): DynamicModule {
  checkExtras(extras);
  const { path = 'calls/export', guards = [CallsExportGuard], imports = [] } = extras;
  const { dataSource, calls, assistants } = extras;
  const { name = typeof dataSource === 'string' ? dataSource : undefined } = extras;
  const statuses = [...CALL_STATUSES, ...(extras.statuses ?? [])];
  const views = viewsOf(extras.columns, extras.views ?? {}, assistants !== false);
  const exported: ExportedCalls = { views, calls, assistants };
  const found = dataSourceProviders(dataSource, { calls, assistants });
  const service = getCallsExportServiceToken(name);
  return {
    ...definition,
    imports: [...(definition.imports ?? []), ...imports, ...found.imports],
    controllers: [mountController({ path, guards, statuses })],
    providers: [
      ...(definition.providers ?? []),
      ...found.providers,
      { provide: STATUSES, useValue: statuses },
      { provide: EXPORTED_CALLS, useValue: exported },
      ...(name === undefined ? [] : [{ provide: service, useExisting: CallsExportService }]),
    ],
    exports: [...(definition.exports ?? []), service],
  };
}
