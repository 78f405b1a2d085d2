import { type EntitySchemaColumnOptions, getMetadataArgsStorage } from 'typeorm';
import type { Assistant } from './assistant.entity';
import type { Call } from './call.entity';

/**
 * Returns the column options of `Call` or `Assistant` by property.
 *
 * The schemas for other databases and for custom tables derive from these, so each column is declared once.
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
