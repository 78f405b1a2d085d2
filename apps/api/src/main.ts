import './report-uncaught';
import 'reflect-metadata';
import { signToken } from '@calls/auth';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { servesDocs } from './api-document';
import { ApiLogger } from './api-logger';
import { type GracefulClose, gracefulClose } from './graceful-close';
import { DEMO_ACCOUNTS, requireAccountType } from './account-type';
import { createApp } from './create-app';
import {
  checkReplica,
  type Database,
  openDatabase,
  servingOptions,
  withDataSource,
} from './database';
import { loadDemoData } from './demo-data';
import type { Environment } from './environment';
import { EnvironmentError, readEnvironment } from './read-environment';
import { runCommand } from './run-command';
import { prepareEmbedded } from './run-migrations';
import { DEMO_JWT_SECRET, signingSettings, tokenSettings } from './token-settings';

const DEMO_TOKEN_SECONDS = 30 * 24 * 60 * 60;
/** Those that would end a process. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const SAME_SIGNAL_MS = 100;

/** Serves the API until it is told to stop. */
runCommand(async () => {
  const environment = readEnvironment();
  const { key } = tokenSettings(environment);
  // One that another process runs would end with that process.
  const database = await openDatabase(environment, false);
  // A server that can't be reached shows here, in one sentence.
  const work = async (dataSource: DataSource) => {
    if (!database.embedded) return requireAccountType(dataSource, database.accountType);
    await prepareEmbedded(dataSource, database);
    await loadDemoData(dataSource, DEMO_ACCOUNTS[database.accountType]);
  };
  await withDataSource(database, work, 'DATABASE_URL', servingOptions(environment));
  const logger = new ApiLogger(environment);
  await checkReplica(database, environment, (warning) => logger.warn(warning, 'Api'));
  const app = await createApp(environment, database.url, { logger });
  const graceful = gracefulClose(app, environment.SHUTDOWN_GRACE);
  stopAtSignals(graceful, database);
  const { PORT, HOST } = environment;
  await app.listen(PORT, HOST).catch((error: Error) => {
    // Of METRICS_PORT.
    if (error instanceof EnvironmentError) throw error;
    throw new EnvironmentError(
      `PORT ${PORT} of HOST ${HOST} can't be listened on: ${error.message}`,
    );
  });
  const url = await app.getUrl();
  greet(database, environment, url);
  if ('secret' in key && key.secret === DEMO_JWT_SECRET) await showDemo(environment, url);
});

/** The first signal lets exports finish, the second one cuts them off, and the third one ends the process at once. */
function stopAtSignals(graceful: GracefulClose, database: Database): void {
  let signals = 0;
  let lastSignal = -Infinity;
  const stop = (signal: NodeJS.Signals) => {
    // `npm start` passes on a Ctrl-C that the terminal has sent to this process as well.
    const isSame = signal === 'SIGINT' && performance.now() - lastSignal < SAME_SIGNAL_MS;
    lastSignal = performance.now();
    if (isSame && process.env['npm_lifecycle_event'] !== undefined) return;
    signals++;
    if (signals > 2) process.exit(1);
    if (signals === 2) return graceful.hurry();
    // The database last: until then a running export may ask it for a page.
    runCommand(async () => {
      await graceful.close();
      await database.close();
      process.exit(0);
    });
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  // Whatever ends it otherwise, such as an error that nobody has caught.
  process.on('exit', graceful.reset);
}

function greet({ embedded }: Database, environment: Environment, url: string): void {
  const logger = new Logger('Api');
  logger.log(
    `Listening on ${url}, ${embedded ? 'with the embedded database' : 'with the database of DATABASE_URL'}`,
  );
  if (servesDocs(environment)) logger.log(`Swagger UI: ${url}/docs`);
}

async function showDemo(environment: Environment, url: string): Promise<void> {
  const account = DEMO_ACCOUNTS[environment.ACCOUNT_TYPE][0] as number | string;
  const token = await signToken(signingSettings(environment), account, DEMO_TOKEN_SECONDS);
  console.log(
    `\nDownload the calls of account ${account}:\n\ncurl -fOJ -H 'Authorization: Bearer ${token}' '${url}/api/v1/calls/export'\n`,
  );
}
