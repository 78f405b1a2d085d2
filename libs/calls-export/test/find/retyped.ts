/** Statements before and after the tables are made. */
export interface Retyped {
  readonly before: string[];
  readonly after: string[];
}

/**
 * Gives columns a type of PostgreSQL's that TypeORM can't make.
 *
 * @param create makes the type.
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

/** A collation by which texts are equal whose bytes are not. */
export function createIcuCollation(name: string, locale: string): string {
  return `CREATE COLLATION IF NOT EXISTS ${name} (provider = icu, locale = '${locale}', deterministic = false)`;
}
