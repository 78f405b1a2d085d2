import type { DataSourceOptions } from 'typeorm';
import { Assistant } from './entities/assistant.entity';
import { Call } from './entities/call.entity';
import { CreateCalls1700000000000 } from './migrations/1700000000000-create-calls.migration';

/** How TypeORM reaches the PostgreSQL database at `url` (`postgres://…`), with the entities and their migrations. */
export function dataSourceOptions(url: string) {
  return {
    type: 'postgres',
    url,
    entities: [Assistant, Call],
    migrations: [CreateCalls1700000000000],
    migrationsTransactionMode: 'each',
    synchronize: false,
    applicationName: 'calls-export',
  } as const satisfies DataSourceOptions;
}
