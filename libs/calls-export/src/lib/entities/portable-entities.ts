import type { DataSourceOptions, EntitySchema, EntitySchemaColumnOptions } from 'typeorm';
import { ownSchemas } from './own-schemas';

/**
 * Values for the module options `calls` and `assistants`.
 *
 * Without `autoLoadEntities`, list the entities in the DataSource too.
 *
 * @publicApi
 */
export interface EntitySchemas<Assistants = { readonly entity: EntitySchema }> {
  /** The value of the option `calls`. */
  readonly calls: { readonly entity: EntitySchema; readonly idsGrow?: boolean };
  /** The value of the option `assistants`. */
  readonly assistants: Assistants;
}

/**
 * For host apps without assistants.
 *
 * @publicApi
 */
export interface WithoutAssistants {
  /** The value of the option `assistants`. */
  readonly assistants: false;
}

/**
 * Returns the entity of the library's own table of calls, without assistants; see the other overload.
 *
 * @publicApi
 */
export function portableEntities(
  type: DataSourceOptions['type'],
  options: WithoutAssistants,
): EntitySchemas<false>;
/**
 * Returns entities for the library's own tables on a database other than PostgreSQL.
 *
 * `Call` and `Assistant` have PostgreSQL's column types. These have `datetime` columns, with microseconds on
 * MySQL and MariaDB. The driver sets their time zone: `timezone` of mysql2, UTC in SQLite.
 *
 * @param type the `type` of the DataSource.
 *
 * @example
 * CallsExportModule.forRoot(portableEntities('mysql'))
 *
 * @publicApi
 */
export function portableEntities(type: DataSourceOptions['type']): EntitySchemas;
export function portableEntities(
  type: DataSourceOptions['type'],
  options?: WithoutAssistants,
): EntitySchemas<EntitySchemas['assistants'] | false> {
  const hasAssistants = options?.assistants !== false;
  const isMysql = type === 'mysql' || type === 'mariadb';

  const portable = ({ type, ...column }: EntitySchemaColumnOptions): EntitySchemaColumnOptions => {
    if (column.primary) {
      // SQLite generates ids only in a column of the type `integer`, which has 64 bits there.
      return { ...column, type: isMysql ? type : 'integer', generated: 'increment' };
    }
    if (type !== 'timestamptz') return { ...column, type };
    return { ...column, type: Date, ...(isMysql && { precision: 6 }) };
  };
  const { calls, assistants } = ownSchemas(portable, hasAssistants);
  return { calls: { entity: calls }, assistants: hasAssistants && { entity: assistants } };
}
