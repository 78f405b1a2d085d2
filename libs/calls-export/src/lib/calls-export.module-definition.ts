import { ConfigurableModuleBuilder } from '@nestjs/common';
// Nest 12 is ES modules: without the mode, TypeScript's `node16` refuses these types in the declarations, which are CommonJS's.
import type {
  ConfigurableModuleAsyncOptions,
  ConfigurableModuleCls,
  DynamicModule,
} from '@nestjs/common' with { 'resolution-mode': 'import' };
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CallsEntities } from './entities/calls-entities';
import { entitiesToLoad, ownEntity } from './entities/entities-to-load';
import { EXPORT_COLUMNS } from './formats/export-columns';
import { CallsExportGuard } from './http/calls-export.guard';
import { STATUSES } from './http/export-calls-query.pipe';
import { mountController } from './http/mount-controller';
import { CALL_STATUSES } from './model/call-status';
import {
  type CallsExportExtras,
  type CallsExportOptions,
  checkExtras,
  EXTRAS,
} from './options/calls-export-options';

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
  const statuses = [...CALL_STATUSES, ...(extras.statuses ?? [])];
  return {
    ...definition,
    imports: [
      ...(definition.imports ?? []),
      ...imports,
      // For a DataSource with `autoLoadEntities`.
      TypeOrmModule.forFeature(entitiesToLoad(extras), dataSource),
    ],
    controllers: [mountController({ path, guards, statuses })],
    providers: [
      ...(definition.providers ?? []),
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
