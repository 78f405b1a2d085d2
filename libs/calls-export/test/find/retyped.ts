/** Statements to run before and after the tables are created. */
export interface Retyped {
  readonly before: string[];
  readonly after: string[];
}

/**
 * Changes columns to a PostgreSQL type that TypeORM does not support.
 *
 * @param create the statement that creates the type.
 * @param columns as `table.column`.
 */
export function retyped(create: string, type: string, columns: readonly string[]): Retyped {
  const after = columns.map((column) => {
    const [table, name] = column.split('.');
    return `ALTER TABLE ${table} ALTER COLUMN "${name}" TYPE ${type}`;
  });
  return { before: [create], after };
}

export function createDomain(name: string, type: string): string {
  return `DO $$ BEGIN CREATE DOMAIN ${name} AS ${type}; EXCEPTION WHEN duplicate_object THEN END $$`;
}

/** Creates a nondeterministic collation, under which texts with different bytes may be equal. */
export function createIcuCollation(name: string, locale: string): string {
  return `CREATE COLLATION IF NOT EXISTS ${name} (provider = icu, locale = '${locale}', deterministic = false)`;
}
