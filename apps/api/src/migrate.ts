import 'reflect-metadata';
import { migrate, openDatabase } from './database';
import { readEnvironment } from './environment';
import { runCommand } from './run-command';

/** Brings the database to the current schema. */
runCommand(async () => {
  const database = await openDatabase(readEnvironment());
  try {
    const names = await migrate(database);
    console.log(names.length > 0 ? `Applied ${names.join(', ')}` : 'The schema is up to date');
  } finally {
    await database.close();
  }
});
