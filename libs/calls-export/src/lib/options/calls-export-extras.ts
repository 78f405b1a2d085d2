import type { CanActivate, InjectionToken, ModuleMetadata, Type } from '@nestjs/common' with {
  'resolution-mode': 'import',
};
import type { DataSource } from 'typeorm';
import type { AssistantField, MappedCalls, MappedEntity } from '../entities/mapped-entity';
import type { Views } from '../model/export-column';
import type { ExportRequest } from '../model/export-request';
import type { CallsExportColumn } from './columns';
import type { StatusesOption } from './statuses';

/**
 * Returns the DataSource for a request. If it returns undefined, the response is 403.
 *
 * @publicApi
 */
// A method's type, because method parameters are bivariant: a host app may declare a narrower request.
export type DataSourceOfRequest = {
  of(request: ExportRequest): DataSource | undefined | Promise<DataSource | undefined>;
}['of'];

/**
 * Where the calls are stored. One of:
 * - the name of a DataSource;
 * - the injection token of a DataSource or of a `DataSourceOfRequest`: a class, or `{ token }`;
 * - a `DataSourceOfRequest`.
 *
 * @publicApi
 */
export type DataSourceOption =
  | string
  | {
      /** The injection token. */
      readonly token: InjectionToken;
    }
  | Type<DataSource>
  | DataSourceOfRequest;

/**
 * The options that Nest needs when the module is imported: the endpoint and what it exports.
 * `forRootAsync` accepts them next to its factory.
 *
 * @publicApi
 */
export interface CallsExportExtras {
  /** The path of the endpoint, after the app's global prefix and version. Default `calls/export`. */
  readonly path?: string;
  /**
   * The guards of the endpoint, in order. Pass an empty list if a global guard protects the app. Default
   * `[CallsExportGuard]`: `AuthGuard('jwt')` with the challenges of RFC 6750. You provide the strategy.
   */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[];
  /**
   * Decorators for the controller, the first one outermost. They also apply to both of its handlers. Guards
   * that they add run after `guards`. Default none.
   *
   * @example
   * decorators: [Roles('admin'), SkipThrottle(), Version('2')]
   */
  readonly decorators?: readonly (ClassDecorator | MethodDecorator)[];
  /**
   * The name of the security scheme in your OpenAPI document. Default `bearer` if `guards` includes
   * `CallsExportGuard`, otherwise none.
   */
  readonly securityScheme?: string;
  /** Modules that export the providers that the guards inject. Default none. */
  readonly imports?: ModuleMetadata['imports'];
  /**
   * The DataSource that has the calls: its name in `@nestjs/typeorm`, an injection token, or a function that
   * returns the DataSource for a request, such as a tenant's. A DataSource without a name must list the
   * entities itself. Default: the default DataSource of `@nestjs/typeorm`.
   *
   * @example
   * dataSource: { token: 'DATA_SOURCE' }
   */
  readonly dataSource?: DataSourceOption;
  /**
   * The name of this import, if the module is imported more than once: inject its service by
   * `getCallsExportServiceToken(name)`. Default: the name of the DataSource, if it has one.
   */
  readonly name?: string;
  /**
   * The statuses that clients may filter by. A list adds to `CALL_STATUSES`; `{ only }` replaces them.
   * Default `CALL_STATUSES`.
   *
   * @example
   * statuses: ['voicemail']
   * @example
   * statuses: { only: ['ongoing', 'completed', 'failed'] }
   */
  readonly statuses?: StatusesOption;
  /** The entity of calls, and the names of its properties. Default `{ entity: Call }`. */
  readonly calls?: MappedCalls;
  /**
   * The entity of assistants, and the names of its properties. False removes the column `assistant_name` and
   * the parameter `assistant_id`. Default `{ entity: Assistant }`.
   */
  readonly assistants?: MappedEntity<AssistantField> | false;
  /**
   * The columns of the file, in order: the keys of standard columns, standard columns with changes, and your
   * own. Queries select no other properties except those they filter or sort by. Default: the standard
   * columns.
   *
   * @example
   * columns: [
   *   'id',
   *   { key: 'status', title: 'State' },
   *   { key: 'price', property: 'price', kind: 'decimal' },
   * ]
   */
  readonly columns?: readonly CallsExportColumn[];
  /**
   * Additional lists of columns by name, for users who may see less. `findView` chooses one per request.
   * Default none.
   */
  readonly views?: Readonly<Record<string, readonly CallsExportColumn[]>>;
}

/** The injection token of the DataSource or of a `DataSourceOfRequest`. */
export const DATA_SOURCE = Symbol('DATA_SOURCE');

/** What one import of the module exports. */
export interface ExportedCalls extends Pick<CallsExportExtras, 'calls' | 'assistants'> {
  readonly views: Views;
}

/** The injection token of the `ExportedCalls`. */
export const EXPORTED_CALLS = Symbol('EXPORTED_CALLS');
