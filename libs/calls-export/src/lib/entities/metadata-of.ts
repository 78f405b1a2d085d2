import type { Type } from '@nestjs/common';
import type { DataSource, EntityMetadata, EntitySchema } from 'typeorm';

/**
 * What a DataSource knows of exactly this entity, if it has it. TypeORM's own search would take another entity of the same name,
 * or one whose table has that name.
 */
export function metadataOf(
  dataSource: DataSource,
  entity: Type | EntitySchema,
): EntityMetadata | undefined {
  const wanted =
    entity instanceof Function ? entity : (entity.options.target ?? entity.options.name);
  return dataSource.entityMetadatas.find(({ target }) => target === wanted);
}
