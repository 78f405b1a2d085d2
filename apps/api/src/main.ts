import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { signToken, type TokenSettings } from '@calls/auth';
import { Logger } from '@nestjs/common';
import { createApp } from './create-app';
import { type Database, openDatabase, withDataSource } from './database';
import { loadDemoData } from './demo-data';
import { DEMO_JWT_SECRET, EnvironmentError, readEnvironment } from './environment';
import { runCommand } from './run-command';
import { tokenSettings } from './token-settings';

const DEMO_TOKEN_SECONDS = 30 * 24 * 60 * 60;

// V8 counts the pages of an export, though they lie outside its heap, as growth of the heap. With the few percent that it
// lets a small heap grow it would collect all of that for every 15 MB of calls, which costs as much as the export itself.
setFlagsFromString('--heap-growing-percent=100');

/** Serves the API until it is told to stop. */
runCommand(async () => {
  const environment = readEnvironment();
  const tokens = tokenSettings(environment);
  const database = await openDatabase(environment);
  // A server that can't be reached shows here, in one sentence.
  await withDataSource(database, async (dataSource) => {
    if (!database.embedded) return;
    await dataSource.runMigrations();
    await loadDemoData(dataSource);
  });
  const app = await createApp(tokens, database.url);
  const stop = () => {
    // The database last: until then a running export may ask it for a page.
    runCommand(async () => {
      await app.close();
      await database.close();
      process.exit(0);
    });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const { PORT, HOST } = environment;
  await app.listen(PORT, HOST).catch((error: Error) => {
    throw new EnvironmentError(
      `PORT ${PORT} of HOST ${HOST} can't be listened on: ${error.message}`,
    );
  });
  greet(tokens, database, await app.getUrl());
});

function greet(tokens: TokenSettings, { embedded }: Database, url: string): void {
  new Logger('Api').log(
    `Listening on ${url}, ${embedded ? 'with the embedded database' : 'with the database of DATABASE_URL'}`,
  );
  console.log(`\nSwagger UI: ${url}/docs\n`);
  if (tokens.secret !== DEMO_JWT_SECRET) return;
  const token = signToken(tokens, 1, DEMO_TOKEN_SECONDS);
  console.log(
    `Download the calls of account 1:\n\ncurl -fOJ -H 'Authorization: Bearer ${token}' '${url}/api/v1/calls/export'\n`,
  );
}
