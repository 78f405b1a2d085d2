import type { DynamicModule, InjectionToken, Provider, Type } from '@nestjs/common';
import { entitiesToLoad } from './entities/entities-to-load';
import {
  type CallsExportExtras,
  DATA_SOURCE,
  type DataSourceOfRequest,
  type DataSourceOption,
} from './options/calls-export-extras';

/** The imports and providers that make the DataSource injectable. */
export interface DataSourceProviders {
  readonly imports: DynamicModule[];
  readonly providers: Provider[];
}

/**
 * Returns what the module needs to inject the DataSource of the option `dataSource`.
 *
 * @throws Error if the option needs `@nestjs/typeorm`, but it is not installed.
 */
export function dataSourceProviders(
  option: DataSourceOption | undefined,
  entities: Pick<CallsExportExtras, 'calls' | 'assistants'>,
): DataSourceProviders {
  const existing = (token: InjectionToken) => [{ provide: DATA_SOURCE, useExisting: token }];
  if (option === undefined || typeof option === 'string') {
    const { getDataSourceToken, TypeOrmModule } = loadNestTypeOrm();
    return {
      // For a DataSource with `autoLoadEntities`.
      imports: [TypeOrmModule.forFeature(entitiesToLoad(entities), option)],
      providers: existing(getDataSourceToken(option) as InjectionToken),
    };
  }
  if (typeof option !== 'function') return { imports: [], providers: existing(option.token) };
  if (isClass(option)) return { imports: [], providers: existing(option) };
  return { imports: [], providers: [{ provide: DATA_SOURCE, useValue: option }] };
}

function isClass(value: Type | DataSourceOfRequest): value is Type {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** Loaded only when needed: a host app that provides its own DataSource can do without it. */
function loadNestTypeOrm(): typeof import('@nestjs/typeorm') {
  try {
    return require('@nestjs/typeorm');
  } catch (error) {
    throw new Error(
      'CallsExportModule needs @nestjs/typeorm: install it, or set the option dataSource: { token } ' +
        "to the injection token of your app's DataSource",
      { cause: error },
    );
  }
}
