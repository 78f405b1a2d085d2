import type { CanActivate, InjectionToken, ModuleMetadata, Type } from '@nestjs/common' with {
  'resolution-mode': 'import',
};
import type { DataSource } from 'typeorm';
import type { AssistantField, MappedCalls, MappedEntity } from '../entities/mapped-entity';
import type { Views } from '../model/export-column';
import type { ExportRequest } from '../model/export-request';
import type { CallsExportColumn } from './columns';
import type { StatusesOption } from './statuses';

/** A function that gives the DataSource of a request; one that is given none is answered 403. */
export type DataSourceOfRequest = DataSourceChoice['of'];

/** Declared as a method, so that a host may say more of its request than is known here. */
interface DataSourceChoice {
  of(request: ExportRequest): DataSource | undefined | Promise<DataSource | undefined>;
}

/** The name of a DataSource; the injection token of one, or of a function that gives that of a request; a class that is such a token; or such a function. */
export type DataSourceOption =
  string | { readonly token: InjectionToken } | Type<DataSource> | DataSourceOfRequest;

/**
 * Where an export is and what it exports: known when the module is imported, so that `forRootAsync` takes it beside its
 * factory.
 */
export interface CallsExportExtras {
  /** The path of the endpoint, behind the host's global prefix and version. Default `calls/export`. */
  readonly path?: string;
  /**
   * The guards of the endpoint, in their order. None where a global guard of the host does the work.
   *
   * Default: `CallsExportGuard`, which is `AuthGuard('jwt')` with the challenges of RFC 6750. The strategy is the host's.
   */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[];
  /**
   * Decorators for the controller, the first one outermost: `Roles('admin')`, `Public()`, `SkipThrottle()`, `Version('2')`. They are
   * applied to both of its handlers, and what metadata they leave is on its class too. Their guards run after those of `guards`.
   * Default none.
   */
  readonly decorators?: readonly (ClassDecorator | MethodDecorator)[];
  /**
   * The name of the security scheme in the host's OpenAPI document by which requests are let in. Default `bearer` with
   * `CallsExportGuard`, else none.
   */
  readonly securityScheme?: string;
  /** Modules whose providers the guards need. Default none. */
  readonly imports?: ModuleMetadata['imports'];
  /**
   * The DataSource that has the calls: its name in `@nestjs/typeorm`; the injection token of one that the app provides itself; or a function
   * that gives that of a request, such as a tenant's, which may be the one that is behind a token. Other ones than those with a name list the entities themselves.
   *
   * Default: the one of `@nestjs/typeorm` that has no name.
   *
   * @example { token: 'DATA_SOURCE' }
   */
  readonly dataSource?: DataSourceOption;
  /**
   * By which name the service is injected where the module is imported more than once: `getCallsExportServiceToken(name)`.
   *
   * Default: the name of the DataSource, if it has one.
   */
  readonly name?: string;
  /**
   * The statuses that the client may filter by: a list adds to `CALL_STATUSES`, and `{ only }` replaces them. Default `CALL_STATUSES`.
   *
   * @example ['voicemail']
   * @example { only: ['ongoing', 'completed', 'failed'] }
   */
  readonly statuses?: StatusesOption;
  /** The entity that calls are, and what its properties are called. Default `Call`. */
  readonly calls?: MappedCalls;
  /**
   * The entity that assistants are, and what its properties are called. If it is false there are none: neither the column
   * `assistant_name` nor the parameter `assistant_id`. Default `Assistant`.
   */
  readonly assistants?: MappedEntity<AssistantField> | false;
  /**
   * The columns of a file, in their order: standard ones by their keys or with another title, and further ones by the entity's property.
   * Nothing else is read of a call than what is exported, filtered by or walked along. Default: the standard columns.
   *
   * @example ['id', { key: 'status', title: 'State' }, { key: 'price', property: 'price', kind: 'decimal' }]
   */
  readonly columns?: readonly CallsExportColumn[];
  /** Other lists of columns, by the names that `findView` gives, as for those who may see less. Default: none. */
  readonly views?: Readonly<Record<string, readonly CallsExportColumn[]>>;
}

/** The injection token of the DataSource, or of a function that gives that of a request. */
export const DATA_SOURCE = Symbol('DATA_SOURCE');

/** What an import of the module exports. */
export interface ExportedCalls extends Pick<CallsExportExtras, 'calls' | 'assistants'> {
  readonly views: Views;
}

/** The injection token of what an import exports. */
export const EXPORTED_CALLS = Symbol('EXPORTED_CALLS');
