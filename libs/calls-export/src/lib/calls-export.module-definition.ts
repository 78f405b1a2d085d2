import { ConfigurableModuleBuilder } from '@nestjs/common';
// Nest 12 is ES modules: without the mode, TypeScript's `node16` refuses these types in the declarations, which are CommonJS's.
import type {
  ConfigurableModuleAsyncOptions,
  ConfigurableModuleCls,
  DynamicModule,
} from '@nestjs/common' with { 'resolution-mode': 'import' };
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { dataSourceProviders } from './data-source-providers';
import { CallsExportService } from './export/calls-export.service';
import { getCallsExportServiceToken } from './export/service-token';
import { CallsExportGuard } from './http/calls-export.guard';
import { describeHandlers } from './http/describe-handlers';
import { STATUSES } from './http/export-calls-query.pipe';
import { mountController } from './http/mount-controller';
import { ShadowedRouteWarning } from './http/shadowed-route-warning';
import {
  type CallsExportExtras,
  EXPORTED_CALLS,
  type ExportedCalls,
} from './options/calls-export-extras';
import {
  type CallsExportOptions,
  RESOLVED_OPTIONS,
  type ResolvedOptions,
} from './options/calls-export-options';
import { checkExtras, EXTRAS } from './options/check-extras';
import { viewsOf } from './options/columns';
import { statusesOf } from './options/statuses';
import { CallsSourceRegistry } from './reading/calls-source-registry';

/** The injection token of what describes the endpoint, once the options are there. */
const DESCRIPTION = Symbol('DESCRIPTION');

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
  const {
    path = 'calls/export',
    guards = [CallsExportGuard],
    decorators = [],
    imports = [],
  } = extras;
  const { dataSource, calls, assistants } = extras;
  const { name = typeof dataSource === 'string' ? dataSource : undefined } = extras;
  const statuses = statusesOf(extras.statuses);
  const views = viewsOf(extras.columns, extras.views ?? {}, assistants !== false);
  const exported: ExportedCalls = { views, calls, assistants };
  const found = dataSourceProviders(dataSource, { calls, assistants });
  const service = getCallsExportServiceToken(name);
  const { controller, handlers, mounted } = mountController({ path, guards, decorators });
  const known = {
    statuses,
    views,
    hasAssistants: assistants !== false,
    hasOwnGuard: guards.includes(CallsExportGuard),
    securityScheme: extras.securityScheme,
  };
  // In Nest's preview mode, which documents are made in, nothing more is known: it makes no providers.
  describeHandlers(handlers, known);
  return {
    ...definition,
    imports: [...(definition.imports ?? []), ...imports, ...found.imports],
    controllers: [controller],
    providers: [
      {
        provide: DESCRIPTION,
        inject: [RESOLVED_OPTIONS, CallsSourceRegistry],
        useFactory: ({ fileName }: ResolvedOptions, sources: CallsSourceRegistry) =>
          describeHandlers(handlers, {
            ...known,
            fileName,
            views: sources.views ?? views,
            assistantIds: sources.assistantIds,
            callIds: sources.callIds,
          }),
      },
      ...(definition.providers ?? []),
      ...found.providers,
      {
        provide: ShadowedRouteWarning,
        inject: [HttpAdapterHost, ModulesContainer],
        useFactory: (adapter: HttpAdapterHost, modules: ModulesContainer) =>
          new ShadowedRouteWarning(mounted, adapter, modules),
      },
      { provide: STATUSES, useValue: statuses },
      { provide: EXPORTED_CALLS, useValue: exported },
      ...(name === undefined ? [] : [{ provide: service, useExisting: CallsExportService }]),
    ],
    exports: [...(definition.exports ?? []), service],
  };
}
