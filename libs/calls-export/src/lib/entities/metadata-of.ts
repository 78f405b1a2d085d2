import type { Type } from '@nestjs/common';
import type { DataSource, EntityMetadata, EntitySchema } from 'typeorm';

/**
 * Returns the metadata of exactly this entity, or undefined if the DataSource lacks it.
 *
 * `DataSource.getMetadata` also matches other entities by name or table name.
 */
export function metadataOf(
  dataSource: DataSource,
  entity: Type | EntitySchema,
): EntityMetadata | undefined {
  const wanted =
    entity instanceof Function ? entity : (entity.options.target ?? entity.options.name);
  return dataSource.entityMetadatas.find(({ target }) => target === wanted);
}
