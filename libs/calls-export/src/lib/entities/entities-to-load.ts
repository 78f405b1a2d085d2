import type { Type } from '@nestjs/common';
import { type ColumnType, type DataSource, EntitySchema } from 'typeorm';
import { Assistant } from './assistant.entity';
import { Call } from './call.entity';
import type { AssistantField, MappedCalls, MappedEntity } from './mapped-entity';
import { metadataOf } from './metadata-of';
import { schemaColumns } from './schema-columns';

type Entity = Type | EntitySchema;

/** The entities that the host names in the options. */
interface NamedEntities {
  readonly calls?: MappedCalls;
  readonly assistants?: MappedEntity<AssistantField> | false;
}

/** What is loaded in the place of an entity that the host does not name. */
const UNNAMED = {
  calls: unsynchronized(Call, 'calls'),
  assistants: unsynchronized(Assistant, 'assistants'),
};

/**
 * What an export has a DataSource with `autoLoadEntities` load: the entities that the host names. In the place of the others it
 * loads some that TypeORM's `synchronize` leaves alone, since it would alter tables that the host may have for itself.
 */
export function entitiesToLoad({ calls, assistants }: NamedEntities): Entity[] {
  // TypeORM takes no `Call` without what its relation leads to.
  const related = calls?.entity === Call ? Assistant : UNNAMED.assistants;
  const own = calls?.entity ?? UNNAMED.calls;
  if (assistants === false) return own === Call ? [own, Assistant] : [own];
  return [own, assistants?.entity ?? related];
}

/**
 * The library's own entity as a DataSource has it: that of the host's entities or, if they lack it, what was loaded in its place.
 *
 * @throws Error if that does not work on the database.
 */
export function ownEntity(dataSource: DataSource, of: keyof typeof UNNAMED): Entity {
  const entity = of === 'calls' ? Call : Assistant;
  const unnamed = UNNAMED[of];
  if (metadataOf(dataSource, entity) || !metadataOf(dataSource, unnamed)) return entity;
  const { driver, options } = dataSource;
  const types = Object.values(schemaColumns(entity)).map(({ type }) => type as ColumnType);
  if (!types.every((type) => driver.supportedDataTypes.includes(type))) {
    throw new Error(
      `CallsExportModule: ${entity.name} is for PostgreSQL: pass portableEntities('${options.type}') to the module`,
    );
  }
  return unnamed;
}

/** The columns of an entity's table, for reading. Its indexes matter on MySQL alone, where it has other entities. */
function unsynchronized(entity: typeof Call | typeof Assistant, tableName: string): EntitySchema {
  // None that the host may have, since TypeORM finds an EntitySchema by its name.
  const name = `CallsExport:${entity.name}`;
  const columns = Object.entries(schemaColumns(entity)).map(([property, column]) => [
    property,
    {
      ...column,
      // TypeORM takes `timestamptz` on PostgreSQL alone. The DataSource may be on another database, and have other entities.
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
