import type { CallsExportExtras } from './calls-export-extras';
import { checkOptions, type Rules } from './check-options';
import { isGuard, isMapping, isText, isTokenHolder } from './rules';
import { areStatuses, STATUSES_RULE } from './statuses';

const EXTRAS_RULES: Rules<CallsExportExtras> = {
  path: [isText, 'a path such as calls/export'],
  guards: [
    (value) => Array.isArray(value) && value.every(isGuard),
    'a list of guards: classes, or objects with canActivate',
  ],
  decorators: [
    (value) => Array.isArray(value) && value.every((item) => typeof item === 'function'),
    'a list of decorators',
  ],
  securityScheme: [isText, 'the name of a security scheme'],
  imports: [Array.isArray, 'a list of modules'],
  dataSource: [
    (value) => isText(value) || typeof value === 'function' || isTokenHolder(value),
    'the name of a DataSource, { token }, or a function that returns a DataSource for a request',
  ],
  name: [isText, 'a non-empty string'],
  statuses: [areStatuses, STATUSES_RULE],
  calls: [
    (value) =>
      isMapping(value) &&
      ['boolean', 'undefined'].includes(typeof (value as { idsGrow?: unknown }).idsGrow),
    'an object with entity and, optionally, properties and idsGrow (true or false)',
  ],
  assistants: [
    (value) => value === false || isMapping(value),
    'false, or an object with entity and, optionally, properties',
  ],
  // viewsOf() checks the columns themselves.
  columns: [Array.isArray, 'a list of columns'],
  views: [
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'an object of lists of columns by view name',
  ],
};

export const EXTRAS = Object.keys(EXTRAS_RULES);
/** The options of Nest's own ConfigurableModuleAsyncOptions, except imports, which is one of the extras. */
const ASYNC_KEYS = [
  'useFactory',
  'useClass',
  'useExisting',
  'inject',
  'provideInjectionTokensFrom',
];

/**
 * Checks the extras only; `resolveOptions` checks the other options.
 *
 * @throws Error if one is invalid.
 */
export function checkExtras(extras: CallsExportExtras): void {
  const known = Object.entries(extras).filter(([name]) => EXTRAS.includes(name));
  checkOptions(Object.fromEntries(known), EXTRAS_RULES);
}

/** @throws Error if `forRootAsync` got an option that its factory should return, or an unknown one. */
export function checkAsyncOptions(options: object): void {
  const accepted = [...ASYNC_KEYS, ...EXTRAS];
  const rejected = Object.keys(options).find((name) => !accepted.includes(name));
  if (rejected !== undefined) {
    throw new Error(
      `CallsExportModule.forRootAsync does not accept option ${rejected} next to its factory. Accepted there: ${EXTRAS.join(', ')}`,
    );
  }
}
