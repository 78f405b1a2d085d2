import type { DataSourceOptions, EntitySchema, EntitySchemaColumnOptions } from 'typeorm';
import { ownSchemas } from './own-schemas';

/** The options `calls` and `assistants` of the module. Where entities are not loaded automatically, the DataSource lists them too. */
export interface EntitySchemas<Assistants = { readonly entity: EntitySchema }> {
  /** The value of the option `calls`. */
  readonly calls: { readonly entity: EntitySchema; readonly idsGrow?: boolean };
  /** The value of the option `assistants`. */
  readonly assistants: Assistants;
}

/** For a host that has no assistants. */
export interface WithoutAssistants {
  /** The value of the option `assistants`. */
  readonly assistants: false;
}

/**
 * The library's own tables for a DataSource that is not on PostgreSQL, whose column types `Call` and `Assistant` have.
 *
 * Times are kept in the database's `datetime`, to the microsecond where it can; what zone they are in is the driver's
 * setting (`timezone` of mysql2; UTC in SQLite).
 *
 * @param options `{ assistants: false }` for a host without any.
 */
export function portableEntities(
  type: DataSourceOptions['type'],
  options: WithoutAssistants,
): EntitySchemas<false>;
export function portableEntities(type: DataSourceOptions['type']): EntitySchemas;
export function portableEntities(
  type: DataSourceOptions['type'],
  options?: WithoutAssistants,
): EntitySchemas<EntitySchemas['assistants'] | false> {
  const hasAssistants = options?.assistants !== false;
  const isMysql = type === 'mysql' || type === 'mariadb';

  const portable = ({ type, ...column }: EntitySchemaColumnOptions): EntitySchemaColumnOptions => {
    if (column.primary) {
      // SQLite counts up in a column of the type `integer` alone, which holds 64 bits there.
      return { ...column, type: isMysql ? type : 'integer', generated: 'increment' };
    }
    if (type !== 'timestamptz') return { ...column, type };
    return { ...column, type: Date, ...(isMysql && { precision: 6 }) };
  };
  const { calls, assistants } = ownSchemas(portable, hasAssistants);
  return { calls: { entity: calls }, assistants: hasAssistants && { entity: assistants } };
}
