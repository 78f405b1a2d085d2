import type { DataSourceOptions } from 'typeorm';
import { Assistant, Call, callsMigrations } from 'nestjs-calls-export';

/**
 * How TypeORM reaches the PostgreSQL database at `url` (`postgres://…`), with the entities and their migrations.
 *
 * @param readUrl a replica, which only has what asks for one, as exports do. Default none.
 */
export function dataSourceOptions(url: string, readUrl?: string) {
  return {
    type: 'postgres',
    url,
    ...(readUrl !== undefined && {
      replication: { master: { url }, slaves: [{ url: readUrl }], defaultMode: 'master' },
    }),
    entities: [Assistant, Call],
    migrations: [...callsMigrations],
    migrationsTransactionMode: 'each',
    synchronize: false,
    applicationName: 'calls-export',
  } as const satisfies DataSourceOptions;
}
