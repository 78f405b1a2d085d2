import './report-uncaught';
import 'reflect-metadata';
import { openDatabase, withDataSource } from './database';
import { readEnvironment } from './read-environment';
import { runCommand } from './run-command';
import { runMigrations } from './run-migrations';

/** Migrates the database to the current schema, with account ids of type ACCOUNT_TYPE. */
runCommand(async () => {
  const database = await openDatabase(readEnvironment());
  try {
    const applied = await withDataSource(database, (dataSource) =>
      runMigrations(dataSource, database),
    );
    console.log(
      applied.length > 0
        ? `Applied ${applied.map(({ name }) => name).join(', ')}`
        : 'The schema is up to date',
    );
  } finally {
    await database.close();
  }
});
