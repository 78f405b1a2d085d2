import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync } from 'class-validator';
import { Environment } from './environment';
import { ExpectedError } from './report-failure';

/** The names of all settings, in the order of their declaration. */
export const SETTINGS: readonly string[] = [
  ...new Set(
    getMetadataStorage()
      .getTargetValidationMetadatas(Environment, '', false, false)
      .map(({ propertyName }) => propertyName),
  ),
];

/** A setting is invalid or missing. The message is one sentence that names it. */
export class EnvironmentError extends ExpectedError {}

/**
 * Reads the settings. An empty value counts as not set.
 *
 * @throws EnvironmentError if a setting is invalid.
 */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const set = SETTINGS.filter((name) => variables[name]).map((name) => [name, variables[name]]);
  const environment = plainToInstance(Environment, Object.fromEntries(set));
  const [error] = validateSync(environment);
  if (error) throw new EnvironmentError(Object.values(error.constraints ?? {})[0]);
  return environment;
}

/** Whether a host is a loopback address, which only this machine can reach. */
export function isLoopback(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|::1|localhost)$/.test(host);
}
