import './report-uncaught';
import 'reflect-metadata';
import { seedCalls } from '@calls/seed-calls';
import { requireAccountType } from './account-type';
import { openDatabase, withDataSource } from './database';
import { readEnvironment } from './read-environment';
import { readOptions } from './read-options';
import { runCommand } from './run-command';
import { prepareEmbedded } from './run-migrations';

/** Adds random calls to an account. Options: `--account 1 --calls 1000`. */
runCommand(async () => {
  const environment = readEnvironment();
  const { account, calls } = readOptions(environment.ACCOUNT_TYPE, { calls: 1000 });
  const database = await openDatabase(environment);
  const bar = await progressBar();
  try {
    await withDataSource(database, async (dataSource) => {
      // The embedded database may be new. A server is migrated by the migrate command.
      if (database.embedded) await prepareEmbedded(dataSource, database);
      else await requireAccountType(dataSource, database.accountType);
      bar?.start(calls, 0);
      await seedCalls(dataSource, account, calls, (added) => bar?.update(added));
    });
  } finally {
    bar?.stop();
    await database.close();
  }
  console.log(`Added ${calls} calls to account ${account}`);
});

/**
 * Creates a progress bar if stderr is a terminal and the package is installed, which it is not in production.
 */
async function progressBar() {
  if (!process.stderr.isTTY) return undefined;
  const progress = await import('cli-progress').catch(() => undefined);
  return (
    progress &&
    new progress.SingleBar({
      format: '{bar} {percentage}% | {value} of {total} calls | {eta_formatted} left',
    })
  );
}
