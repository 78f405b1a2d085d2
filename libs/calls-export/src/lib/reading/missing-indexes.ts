import type { CallsEntities } from '../entities/calls-entities';
import { accountIndex, assistantIndex, BY_START, orderOfAll } from './call-order';
import type { Connections } from './connections';
import type { Dialect } from './dialects/dialect';

/** Maximum length of an index name. PostgreSQL truncates names to 63 bytes. */
const NAME_MAX = 60;

/**
 * Returns a warning that names the missing indexes and the DDL that creates them.
 *
 * @returns undefined if none is missing, or if the calls are in a view.
 */
export async function missingIndexes(
  entities: CallsEntities,
  dialect: Dialect,
  connections: Connections,
): Promise<string | undefined> {
  const { tablePath } = entities.calls.repository.metadata;
  const found = await connections.use((runner) => dialect.indexes(runner, tablePath));
  const missing =
    found && requiredIndexes(entities, dialect).filter((index) => !found.some(serves(index)));
  if (!missing || missing.length === 0) return undefined;
  const { driver } = entities.dataSource;
  const escape = (path: string) =>
    path
      .split('.')
      .map((part) => driver.escape(part))
      .join('.');
  const table = tablePath.split('.').at(-1);
  const lines = missing.map((columns) => {
    const name = [table, ...columns].join('_').slice(0, NAME_MAX);
    const list = columns.map((column) => driver.escape(column)).join(', ');
    return `CREATE INDEX ${driver.escape(name)} ON ${escape(tablePath)} (${list});`;
  });
  const lists = missing.map((columns) => `(${columns.join(', ')})`).join(' and ');
  return (
    `The table ${tablePath} has no index on ${lists}. Without it, each page of an export may scan all of ` +
    `an account's calls, or the whole table. To create it: ${lines.join(' ')}`
  );
}

/** Returns the columns of each index that exports scan. */
function requiredIndexes(
  { calls, assistants, growing }: CallsEntities,
  { scansByAssistant }: Dialect,
): string[][] {
  const all = orderOfAll(growing);
  const indexes = [accountIndex(all), accountIndex(BY_START)];
  if (assistants && scansByAssistant) indexes.push(assistantIndex(all));
  return indexes.map((fields) => fields.map((field) => calls.column(field).databaseName));
}

/**
 * Returns a test for indexes that start with these columns. In most databases, column names are
 * case-insensitive.
 */
function serves(wanted: readonly string[]): (index: readonly string[]) => boolean {
  return (index) =>
    wanted.every((column, position) => index[position]?.toLowerCase() === column.toLowerCase());
}
