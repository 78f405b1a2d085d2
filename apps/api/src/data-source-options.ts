import type { DataSourceOptions } from 'typeorm';
import { type AccountType, callsTables } from 'nestjs-calls-export';

/**
 * Returns the options of the DataSource, with the entities and their migrations.
 *
 * @param url of the primary, such as `postgres://…`.
 * @param readUrl of a replica. Only queries that request one use it, as exports do. Default none.
 * @param accountType the type of account ids that the migrations create. Default `integer`.
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
