import {
  type ConfigurableModuleAsyncOptions,
  ConfigurableModuleBuilder,
  type ConfigurableModuleCls,
  type DynamicModule,
} from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CallsEntities } from './calls-entities';
import {
  type CallsExportExtras,
  type CallsExportOptions,
  checkExtras,
  EXTRAS,
} from './calls-export-options';
import { callsExportController } from './calls-export.controller';
import { Assistant } from './entities/assistant.entity';
import { Call } from './entities/call.entity';

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
  const { imports = [], dataSource, calls, assistants } = extras;
  return {
    ...definition,
    imports: [
      ...(definition.imports ?? []),
      ...imports,
      // For a DataSource with `autoLoadEntities`.
      TypeOrmModule.forFeature(
        [calls?.entity ?? Call, assistants?.entity ?? Assistant],
        dataSource,
      ),
    ],
    controllers: [callsExportController(extras)],
    providers: [
      ...(definition.providers ?? []),
      {
        provide: CallsEntities,
        inject: [getDataSourceToken(dataSource)],
        useFactory: (source: DataSource) => new CallsEntities(source, calls, assistants),
      },
    ],
  };
}
