import './report-uncaught';
import 'reflect-metadata';
import { signToken } from '@calls/auth';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { servesDocs } from './api-document';
import { ApiLogger } from './api-logger';
import { gracefulClose } from './graceful-close';
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
import { stopAtSignals } from './stop-at-signals';
import { DEMO_JWT_SECRET, signingSettings, tokenSettings } from './token-settings';

const DEMO_TOKEN_SECONDS = 30 * 24 * 60 * 60;

/** Serves the API until a stop signal arrives. */
runCommand(async () => {
  const environment = readEnvironment();
  const { key } = tokenSettings(environment);
  // The embedded database of another process would stop with that process.
  const database = await openDatabase(environment, false);
  const work = async (dataSource: DataSource) => {
    if (!database.embedded) return requireAccountType(dataSource, database.accountType);
    await prepareEmbedded(dataSource, database);
    await loadDemoData(dataSource, DEMO_ACCOUNTS[database.accountType]);
  };
  // Connects before Nest does, so that an unreachable server is reported in one sentence.
  await withDataSource(database, work, 'DATABASE_URL', servingOptions(environment));
  const logger = new ApiLogger(environment);
  await checkReplica(database, environment, (warning) => logger.warn(warning, 'Api'));
  const app = await createApp(environment, database.url, { logger });
  const graceful = gracefulClose(app, environment.SHUTDOWN_GRACE);
  stopAtSignals(graceful, database);
  const { PORT, HOST } = environment;
  await app.listen(PORT, HOST).catch((error: Error) => {
    // Thrown by MetricsServer.
    if (error instanceof EnvironmentError) throw error;
    throw new EnvironmentError(`Can't listen on PORT ${PORT} of HOST ${HOST}: ${error.message}`);
  });
  const url = await app.getUrl();
  greet(database, environment, url);
  if ('secret' in key && key.secret === DEMO_JWT_SECRET) await showDemo(environment, url);
});

function greet({ embedded }: Database, environment: Environment, url: string): void {
  const logger = new Logger('Api');
  logger.log(
    `Listening on ${url}, using ${embedded ? 'the embedded database' : 'the database at DATABASE_URL'}`,
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
