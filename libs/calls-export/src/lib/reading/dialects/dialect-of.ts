import type { Dialect } from './dialect';
import { MysqlDialect } from './mysql.dialect';
import { PostgresDialect } from './postgres.dialect';
import { SqliteDialect } from './sqlite.dialect';

/** The supported databases, by the `type` of the DataSource. */
const DIALECTS: Readonly<Record<string, Dialect>> = {
  postgres: new PostgresDialect(true),
  'aurora-postgres': new PostgresDialect(false),
  cockroachdb: new PostgresDialect(false),
  mysql: new MysqlDialect(),
  mariadb: new MysqlDialect(),
  'aurora-mysql': new MysqlDialect(),
  'better-sqlite3': new SqliteDialect(),
  sqlite: new SqliteDialect(),
  sqljs: new SqliteDialect(),
};

/**
 * Returns the dialect of a database type.
 *
 * @throws Error if the type is not supported.
 */
export function dialectOf(type: string): Dialect {
  if (Object.hasOwn(DIALECTS, type)) return DIALECTS[type] as Dialect;
  throw new Error(
    `CallsExportModule does not support the database type ${type}, ` +
      `expected one of ${Object.keys(DIALECTS).join(', ')}`,
  );
}
