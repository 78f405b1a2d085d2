import type { CallsExportExtras } from './calls-export-extras';
import { checkOptions, type Rules } from './check-options';
import { isGuard, isMapping, isText, isTokenHolder } from './rules';
import { areStatuses, STATUSES_RULE } from './statuses';

const EXTRAS_RULES: Rules<CallsExportExtras> = {
  path: [isText, 'a path such as calls/export'],
  guards: [
    (value) => Array.isArray(value) && value.every(isGuard),
    'a list of guards, which are classes or objects with canActivate',
  ],
  decorators: [
    (value) => Array.isArray(value) && value.every((item) => typeof item === 'function'),
    'a list of decorators',
  ],
  securityScheme: [isText, 'the name of a security scheme'],
  imports: [Array.isArray, 'a list of modules'],
  dataSource: [
    (value) => isText(value) || typeof value === 'function' || isTokenHolder(value),
    "the name of a DataSource, { token } or a function that gives a request's",
  ],
  name: [isText, 'a text that is not empty'],
  statuses: [areStatuses, STATUSES_RULE],
  calls: [
    (value) =>
      isMapping(value) &&
      ['boolean', 'undefined'].includes(typeof (value as { idsGrow?: unknown }).idsGrow),
    'an object with an entity and, where they differ, its properties, and with idsGrow true or false',
  ],
  assistants: [
    (value) => value === false || isMapping(value),
    'an object with an entity and, where they differ, its properties, or false',
  ],
  // What is in them is checked when the views are made.
  columns: [Array.isArray, 'a list of columns'],
  views: [
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'an object with lists of columns by their names',
  ],
};

export const EXTRAS = Object.keys(EXTRAS_RULES);
/** Nest's own. */
const ASYNC_KEYS = [
  'useFactory',
  'useClass',
  'useExisting',
  'inject',
  'provideInjectionTokensFrom',
];

/** @throws Error where one is not acceptable. What is no extra is left to `resolveOptions`. */
export function checkExtras(extras: CallsExportExtras): void {
  const known = Object.entries(extras).filter(([name]) => EXTRAS.includes(name));
  checkOptions(Object.fromEntries(known), EXTRAS_RULES);
}

/** @throws Error where something stands beside the factory that has no place there. */
export function checkAsyncOptions(options: object): void {
  const places = [...ASYNC_KEYS, ...EXTRAS];
  const stray = Object.keys(options).find((name) => !places.includes(name));
  if (stray !== undefined) {
    throw new Error(
      `CallsExportModule takes no option ${stray} beside its factory, but ${EXTRAS.join(', ')}`,
    );
  }
}
