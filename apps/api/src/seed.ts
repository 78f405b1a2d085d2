import './report-uncaught';
import 'reflect-metadata';
import { seedCalls } from '@calls/seed-calls';
import { SingleBar } from 'cli-progress';
import { openDatabase, withDataSource } from './database';
import { readEnvironment } from './read-environment';
import { readOptions, runCommand } from './run-command';

/** Adds made-up calls to an account: `--account 1 --calls 1000`. */
runCommand(async () => {
  const { account, calls } = readOptions({ account: 1, calls: 1000 });
  const database = await openDatabase(readEnvironment());
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {value} of {total} calls | {eta_formatted} left',
  });
  try {
    await withDataSource(database, async (dataSource) => {
      // The embedded database of a fresh clone has no schema yet; a server's is migrated by its own command.
      if (database.embedded) await dataSource.runMigrations();
      if (process.stderr.isTTY) bar.start(calls, 0);
      await seedCalls(dataSource, account, calls, (added) => bar.update(added));
    });
  } finally {
    bar.stop();
    await database.close();
  }
  console.log(`Added ${calls} calls to account ${account}`);
});
