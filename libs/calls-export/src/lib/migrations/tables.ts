import type { DataSource } from 'typeorm';
import { Assistant } from '../entities/assistant.entity';
import { Call } from '../entities/call.entity';
import { metadataOf } from '../entities/metadata-of';

/** Returns the escaped table paths of `Call` and `Assistant`, for use in SQL. */
export function tables(dataSource: DataSource): { calls: string; assistants: string } {
  return {
    calls: tableOf(dataSource, Call, 'calls'),
    assistants: tableOf(dataSource, Assistant, 'assistants'),
  };
}

function tableOf(
  dataSource: DataSource,
  entity: typeof Call | typeof Assistant,
  table: string,
): string {
  const { driver } = dataSource;
  const path = metadataOf(dataSource, entity)?.tablePath ?? pathOf(dataSource, entity.name, table);
  return path
    .split('.')
    .map((name) => driver.escape(name))
    .join('.');
}

/** The path that an entity would have, since migrations also run in a DataSource without entities. */
function pathOf({ driver, namingStrategy, options }: DataSource, entity: string, table: string) {
  const { entityPrefix } = options;
  const { schema } = options as { schema?: string };
  const name = namingStrategy.tableName(entity, table);
  return driver.buildTableName(
    entityPrefix ? namingStrategy.prefixTableName(entityPrefix, name) : name,
    schema,
  );
}
