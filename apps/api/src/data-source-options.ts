import type { DataSourceOptions } from 'typeorm';
import { Assistant, Call, callsMigrations } from 'nestjs-calls-export';

/** How TypeORM reaches the PostgreSQL database at `url` (`postgres://…`), with the entities and their migrations. */
export function dataSourceOptions(url: string) {
  return {
    type: 'postgres',
    url,
    entities: [Assistant, Call],
    migrations: [...callsMigrations],
    migrationsTransactionMode: 'each',
    synchronize: false,
    applicationName: 'calls-export',
  } as const satisfies DataSourceOptions;
}
