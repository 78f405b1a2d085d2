import 'reflect-metadata';
import { openDatabase, withDataSource } from './database';
import { readEnvironment } from './environment';
import { runCommand } from './run-command';

/** Brings the database to the current schema. */
runCommand(async () => {
  const database = await openDatabase(readEnvironment());
  try {
    const applied = await withDataSource(database, (dataSource) => dataSource.runMigrations());
    console.log(
      applied.length > 0
        ? `Applied ${applied.map(({ name }) => name).join(', ')}`
        : 'The schema is up to date',
    );
  } finally {
    await database.close();
  }
});
