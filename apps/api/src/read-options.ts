import { parseArgs } from 'node:util';
import { ACCOUNT_RULES, DEMO_ACCOUNTS, parseAccount } from './account-type';
import type { AccountType } from 'nestjs-calls-export';
import { ExpectedError } from './report-failure';

/** A command-line argument is invalid. The message is one sentence that names it. */
export class ArgumentError extends ExpectedError {}

const MAX = 2 ** 31 - 1;

/**
 * Reads `--account` and integer options such as `--calls 1000` from the command line.
 *
 * @param defaults the integer options with their defaults. `--account` defaults to the first demo account.
 * @throws ArgumentError if an option is unknown or invalid.
 */
export function readOptions<Name extends string>(
  accountType: AccountType,
  defaults: Record<Name, number>,
): { account: number | string } & Record<Name, number> {
  const names = Object.keys(defaults) as Name[];
  const usage = [
    `--account (${ACCOUNT_RULES[accountType]})`,
    ...names.map((name) => `--${name} (a positive integer)`),
  ].join(' and ');
  const options = Object.fromEntries(
    ['account', ...names].map((name) => [name, { type: 'string' as const }]),
  );
  let values: Record<string, unknown>;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    throw new ArgumentError(`${(error as Error).message.split('.')[0]}: the options are ${usage}`);
  }
  const account = parseAccount(
    accountType,
    String(values['account'] ?? DEMO_ACCOUNTS[accountType][0]),
  );
  if (account === undefined)
    throw new ArgumentError(`--account must be ${ACCOUNT_RULES[accountType]}`);
  const numbers = names.map((name) => {
    const text = String(values[name] ?? defaults[name]);
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(number >= 1 && number <= MAX))
      throw new ArgumentError(`--${name} must be an integer from 1 to ${MAX}`);
    return [name, number];
  });
  return { account, ...(Object.fromEntries(numbers) as Record<Name, number>) };
}
