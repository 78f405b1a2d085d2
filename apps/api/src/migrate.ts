import './report-uncaught';
import 'reflect-metadata';
import { openDatabase, withDataSource } from './database';
import { readEnvironment } from './read-environment';
import { runCommand } from './run-command';
import { runMigrations } from './run-migrations';

/** Brings the database to the current schema. */
runCommand(async () => {
  const database = await openDatabase(readEnvironment());
  try {
    const applied = await withDataSource(database, (dataSource) =>
      // The embedded database runs one transaction at a time, so one that holds a lock would keep out the migrations.
      database.embedded ? dataSource.runMigrations() : runMigrations(dataSource),
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
