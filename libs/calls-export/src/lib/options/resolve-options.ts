import { EXPORT_PARAMETERS } from '../model/export-parameters';
import type { CallsExportOptions, ResolvedOptions } from './calls-export-options';
import { checkOptions, type Rules } from './check-options';
import { claimedAccount } from './claimed-account';
import { DEFAULT_FILE_NAME, FILE_NAME_MAX_BYTES } from './file-name';
import {
  areHostParameters,
  MAX_SECONDS,
  integer,
  isDelimiter,
  isFileName,
  isSeconds,
  seconds,
} from './rules';

const RULES: Rules<CallsExportOptions> = {
  findAccount: [(value) => typeof value === 'function', 'a function'],
  findView: [(value) => typeof value === 'function', 'a function'],
  formulaGuard: [(value) => typeof value === 'boolean', 'true or false'],
  fileName: [
    isFileName,
    `a function, or a file name of at most ${FILE_NAME_MAX_BYTES} bytes that is valid on every file system`,
  ],
  hostParameters: [
    areHostParameters,
    `a list of query parameter names other than ${EXPORT_PARAMETERS.join(', ')}`,
  ],
  byteOrderMark: [(value) => typeof value === 'boolean', 'true or false'],
  delimiter: [isDelimiter, "one of ',', ';', '\\t' and '|'"],
  pageSize: integer(50_000),
  pageMemory: integer(1_000_000),
  maxConcurrent: integer(1_000_000),
  maxPerAccount: integer(1_000_000),
  retryTimeout: seconds(0),
  queryTimeout: seconds(0.1),
  idleTimeout: seconds(0.1),
  maxDuration: [
    (value) => value === Infinity || isSeconds(value, 0.1),
    `a number of seconds from 0.1 to ${MAX_SECONDS}, or Infinity`,
  ],
  countTimeout: seconds(0.1),
  acceptHttp10: [(value) => typeof value === 'boolean', 'true or false'],
  copy: [(value) => typeof value === 'boolean', 'true or false'],
  primaryFallback: [(value) => typeof value === 'boolean', 'true or false'],
  settings: [(value) => typeof value === 'function', 'a function'],
  onExportEnd: [(value) => typeof value === 'function', 'a function'],
};

const DEFAULTS: ResolvedOptions = {
  findAccount: claimedAccount,
  findView: undefined,
  formulaGuard: true,
  fileName: DEFAULT_FILE_NAME,
  hostParameters: [],
  byteOrderMark: false,
  delimiter: ',',
  pageSize: 5_000,
  pageMemory: 128,
  maxConcurrent: 32,
  maxPerAccount: 4,
  retryTimeout: 20,
  queryTimeout: 60,
  idleTimeout: 900,
  maxDuration: Infinity,
  countTimeout: 10,
  acceptHttp10: false,
  copy: true,
  primaryFallback: false,
  settings: undefined,
  onExportEnd: () => {},
};

/**
 * Returns the options with their defaults filled in.
 *
 * @throws Error if an option is unknown or invalid.
 */
export function resolveOptions(options: CallsExportOptions = {}): ResolvedOptions {
  checkOptions(options, RULES);
  const resolved = Object.entries(DEFAULTS).map(([name, preset]) => [
    name,
    options[name as keyof CallsExportOptions] ?? preset,
  ]);
  return Object.fromEntries(resolved) as ResolvedOptions;
}
