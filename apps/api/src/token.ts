import './report-uncaught';
import 'reflect-metadata';
import { signToken } from '@calls/auth';
import { readEnvironment } from './read-environment';
import { readOptions } from './read-options';
import { runCommand } from './run-command';
import { signingSettings } from './token-settings';

/** Prints a token. Options: `--account 1 --days 30`. */
runCommand(async () => {
  const environment = readEnvironment();
  const { account, days } = readOptions(environment.ACCOUNT_TYPE, { days: 30 });
  console.log(await signToken(signingSettings(environment), account, days * 24 * 60 * 60));
});
