import type { Type } from '@nestjs/common';
import { type ColumnType, type DataSource, EntitySchema } from 'typeorm';
import { Assistant } from './assistant.entity';
import { Call } from './call.entity';
import type { AssistantField, MappedCalls, MappedEntity } from './mapped-entity';
import { metadataOf } from './metadata-of';
import { schemaColumns } from './schema-columns';

type Entity = Type | EntitySchema;

/** The entities that the host app sets in the options. */
interface CustomEntities {
  readonly calls?: MappedCalls;
  readonly assistants?: MappedEntity<AssistantField> | false;
}

/** The read-only defaults for entities that the host app does not set. */
const READ_ONLY = {
  calls: readOnly(Call, 'calls'),
  assistants: readOnly(Assistant, 'assistants'),
};

/**
 * Returns the entities that a DataSource with `autoLoadEntities` loads: those that the host app sets, and
 * read-only defaults for the rest.
 *
 * TypeORM's `synchronize` skips the defaults. Otherwise it could alter tables that belong to the host app.
 */
export function entitiesToLoad({ calls, assistants }: CustomEntities): Entity[] {
  // TypeORM does not load `Call` without the target of its relation.
  const related = calls?.entity === Call ? Assistant : READ_ONLY.assistants;
  const own = calls?.entity ?? READ_ONLY.calls;
  if (assistants === false) return own === Call ? [own, Assistant] : [own];
  return [own, assistants?.entity ?? related];
}

/**
 * Returns the default entity for calls or assistants: the class if the DataSource lists it, otherwise the
 * read-only default loaded instead.
 *
 * @throws Error if the database does not support its column types.
 */
export function ownEntity(dataSource: DataSource, of: keyof typeof READ_ONLY): Entity {
  const entity = of === 'calls' ? Call : Assistant;
  const fallback = READ_ONLY[of];
  if (metadataOf(dataSource, entity) || !metadataOf(dataSource, fallback)) return entity;
  const { driver, options } = dataSource;
  const types = Object.values(schemaColumns(entity)).map(({ type }) => type as ColumnType);
  if (!types.every((type) => driver.supportedDataTypes.includes(type))) {
    throw new Error(
      `CallsExportModule: the entity ${entity.name} requires PostgreSQL: ` +
        `pass portableEntities('${options.type}') to the module`,
    );
  }
  return fallback;
}

/**
 * Returns a read-only schema of an entity's table.
 *
 * It has no indexes, because only queries on MySQL name them, and MySQL needs other entities anyway.
 */
function readOnly(entity: typeof Call | typeof Assistant, tableName: string): EntitySchema {
  // A name that the host app can't have, since TypeORM finds an EntitySchema by its name.
  const name = `CallsExport:${entity.name}`;
  const columns = Object.entries(schemaColumns(entity)).map(([property, column]) => [
    property,
    {
      ...column,
      // The DataSource may be on another database, where TypeORM rejects `timestamptz`.
      type: column.type === 'timestamptz' ? Date : column.type,
    },
  ]);
  return new EntitySchema({
    name,
    target: { [name]: class {} }[name],
    tableName,
    synchronize: false,
    columns: Object.fromEntries(columns),
  });
}
