import { parseArgs } from 'node:util';
import { ExpectedError, reportFailure } from './report-failure';

/** The arguments of a command are wrong; the message is one sentence that names the one. */
export class ArgumentError extends ExpectedError {}

const MAX = 2 ** 31 - 1;

/** Runs a command; one that is called or set up wrongly ends with one sentence, any other failure with its stack. */
export function runCommand(command: () => Promise<void>): void {
  command().catch((error: unknown) => {
    reportFailure(error);
    process.exit(1);
  });
}

/** Reads options such as `--account 1 --calls 1000`, all of them positive integers. */
export function readOptions<Name extends string>(
  defaults: Record<Name, number>,
): Record<Name, number> {
  const names = Object.keys(defaults) as Name[];
  const usage = `it takes ${names.map((name) => `--${name}`).join(', ')}, each a positive integer`;
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  let values: Record<string, unknown>;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    throw new ArgumentError(`${(error as Error).message.split('.')[0]}: ${usage}`);
  }
  return Object.fromEntries(
    names.map((name) => {
      const text = String(values[name] ?? defaults[name]);
      const number = /^\d+$/.test(text) ? Number(text) : NaN;
      if (!(number >= 1 && number <= MAX))
        throw new ArgumentError(`--${name} must be an integer from 1 to ${MAX}`);
      return [name, number];
    }),
  ) as Record<Name, number>;
}
