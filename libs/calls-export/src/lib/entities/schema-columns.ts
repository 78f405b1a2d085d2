import { type EntitySchemaColumnOptions, getMetadataArgsStorage } from 'typeorm';
import type { Assistant } from './assistant.entity';
import type { Call } from './call.entity';

/**
 * The columns of `Call` or `Assistant`, by their properties: what the schemas for other databases and for tables of the
 * host's are made of, so that a column of the library's tables is written down once.
 */
export function schemaColumns(
  entity: typeof Call | typeof Assistant,
): Record<string, EntitySchemaColumnOptions> {
  const own = getMetadataArgsStorage().columns.filter(({ target }) => target === entity);
  return Object.fromEntries(
    own.map(({ propertyName, mode, options }) => [
      propertyName,
      {
        ...(options as EntitySchemaColumnOptions),
        name: options.name ?? propertyName,
        createDate: mode === 'createDate',
      },
    ]),
  );
}
