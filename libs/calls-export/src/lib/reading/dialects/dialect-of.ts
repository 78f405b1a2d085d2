import type { Dialect } from './dialect';
import { MysqlDialect } from './mysql.dialect';
import { PostgresDialect } from './postgres.dialect';
import { SqliteDialect } from './sqlite.dialect';

/** The databases that an export reads from, by the `type` of TypeORM's DataSource. */
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

/** @throws Error if there is no support for databases of the type. */
export function dialectOf(type: string): Dialect {
  if (Object.hasOwn(DIALECTS, type)) return DIALECTS[type] as Dialect;
  throw new Error(
    `CallsExportModule does not support databases of the type ${type}, but ${Object.keys(DIALECTS).join(', ')}`,
  );
}
