import {
  type ConfigurableModuleAsyncOptions,
  ConfigurableModuleBuilder,
  type ConfigurableModuleCls,
  type DynamicModule,
} from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CallsEntities } from './entities/calls-entities';
import { entitiesToLoad, ownEntity } from './entities/entities-to-load';
import { EXPORT_COLUMNS } from './formats/export-columns';
import { CallsExportGuard } from './http/calls-export.guard';
import { describeHandlers } from './http/describe-handlers';
import { STATUSES } from './http/export-calls-query.pipe';
import { mountController } from './http/mount-controller';
import { SwallowedRoute } from './http/swallowed-route';
import { CALL_STATUSES } from './model/call-status';
import {
  type CallsExportExtras,
  type CallsExportOptions,
  checkExtras,
  EXTRAS,
  RESOLVED_OPTIONS,
  type ResolvedOptions,
} from './options/calls-export-options';

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

// Their types are written out, since TypeScript would name Nest's by a path that older settings can't resolve.
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
  const statuses = [...CALL_STATUSES, ...(extras.statuses ?? [])];
  const { controller, handlers, mounted } = mountController({ path, guards, decorators });
  const hasOwnGuard = guards.includes(CallsExportGuard);
  const known = { statuses, hasOwnGuard, securityScheme: extras.securityScheme };
  // In Nest's preview mode, which documents are made in, nothing more is known: it makes no providers.
  describeHandlers(handlers, known);
  return {
    ...definition,
    imports: [
      ...(definition.imports ?? []),
      ...imports,
      // For a DataSource with `autoLoadEntities`.
      TypeOrmModule.forFeature(entitiesToLoad(extras), dataSource),
    ],
    controllers: [controller],
    providers: [
      {
        provide: DESCRIPTION,
        inject: [RESOLVED_OPTIONS],
        useFactory: ({ fileName }: ResolvedOptions) =>
          describeHandlers(handlers, { ...known, fileName }),
      },
      ...(definition.providers ?? []),
      {
        provide: SwallowedRoute,
        inject: [HttpAdapterHost, ModulesContainer],
        useFactory: (adapter: HttpAdapterHost, modules: ModulesContainer) =>
          new SwallowedRoute(mounted, adapter, modules),
      },
      { provide: STATUSES, useValue: statuses },
      {
        provide: CallsEntities,
        inject: [getDataSourceToken(dataSource)],
        useFactory: (source: DataSource) =>
          new CallsEntities(
            source,
            EXPORT_COLUMNS,
            calls ?? { entity: ownEntity(source, 'calls') },
            assistants ?? { entity: ownEntity(source, 'assistants') },
          ),
      },
    ],
  };
}
