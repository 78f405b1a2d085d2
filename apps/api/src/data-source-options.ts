import type { DataSourceOptions } from 'typeorm';
import { type AccountType, callsTables } from 'nestjs-calls-export';

/**
 * How TypeORM reaches the PostgreSQL database at `url` (`postgres://…`), with the entities and their migrations.
 *
 * @param readUrl a replica, which only has what asks for one, as exports do. Default none.
 * @param accountType what the migrations make of accounts. Default `integer`.
 */
export function dataSourceOptions(url: string, readUrl?: string, accountType?: AccountType) {
  return {
    type: 'postgres',
    url,
    ...(readUrl !== undefined && {
      replication: { master: { url }, slaves: [{ url: readUrl }], defaultMode: 'master' },
    }),
    ...callsTables({ accountType }),
    migrationsTransactionMode: 'each',
    synchronize: false,
    applicationName: 'calls-export',
  } as const satisfies DataSourceOptions;
}
