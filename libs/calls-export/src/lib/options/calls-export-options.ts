import type { CanActivate, InjectionToken, ModuleMetadata, Type } from '@nestjs/common';
import { type DataSource, InstanceChecker } from 'typeorm';
import type { AssistantField, MappedCalls, MappedEntity } from '../entities/mapped-entity';
import type { ExportReport } from '../export/export-report';
import { CSV_DELIMITERS, type CsvDelimiter } from '../formats/file-format';
import type { AccountId } from '../model/account-id';
import type { Views } from '../model/export-column';
import type { ExportRequest } from '../model/export-request';
import { checkOptions, type Rules } from './check-options';
import { claimedAccount } from './claimed-account';
import type { CallsExportColumn } from './columns';

/** How an export works: given to `forRoot`, or made by the factory of `forRootAsync`. */
export interface CallsExportOptions {
  /**
   * Finds the account whose calls a request may export, after the guards have let it in. What is neither an integer
   * nor a text that is not empty is answered 403, so nothing is exported if it finds none.
   *
   * Default: the integer `account_id` of `request.user`, the claims of the token.
   */
  findAccount?(request: ExportRequest): AccountId | undefined | Promise<AccountId | undefined>;
  /**
   * Finds the view of a request, after the guards have let it in: the name of one of the `views`, or `default`. What is none of them is
   * answered 403, so nothing is exported by mistake. The line in the log names it.
   *
   * Default: every request is given `default`, which are the `columns`.
   *
   * @example ({ user }) => (user.role === 'admin' ? 'default' : 'analyst')
   */
  findView?(request: ExportRequest): string | undefined | Promise<string | undefined>;
  /**
   * Puts an apostrophe before what a spreadsheet would run as a formula (OWASP, "CSV Injection"): at the beginning of a text in a
   * CSV file, and in it behind a line break or a separator that is not the `delimiter`. Phone numbers in E.164 format stay as
   * they are. Set it to false if only programs read the files, which then get the texts unchanged. Default true.
   */
  readonly formulaGuard?: boolean;
  /** Begins a CSV file with a byte order mark, by which older versions of Excel know UTF-8. Default false. */
  readonly byteOrderMark?: boolean;
  /**
   * Separates the cells of a CSV file: `,`, `;`, `\t` or `|`. Excel expects `;` where the comma is the decimal separator, as in much
   * of Europe. Default `,`.
   *
   * @example ';'
   */
  readonly delimiter?: CsvDelimiter;
  /** How many calls are read from the database at a time, from 1 to 50,000. Default 5,000. */
  readonly pageSize?: number;
  /**
   * How many megabytes the pages of all running exports take together at most. A page is given its share, from 256 KB to 8 MB, and
   * has fewer calls if they are large. Default 128.
   */
  readonly pageMemory?: number;
  /** How many exports run in this process at a time; further ones are answered 503. Default 32. */
  readonly maxConcurrent?: number;
  /** How many exports of one account run in this process at a time; further ones are answered 429. Default 4. */
  readonly maxPerAccount?: number;
  /** For how many seconds a page that can't be read, since the database fails, is tried again. Default 20. */
  readonly retryTimeout?: number;
  /**
   * How many seconds the database has to answer a statement. Then the connection is closed, and the page is tried again: so
   * it should be more than the statement timeout of the database, which ends a statement and keeps the connection. Default 60.
   */
  readonly queryTimeout?: number;
  /**
   * After how many seconds in which a client has taken nothing it is cut off. Its system tells what it has taken in steps of some
   * hundred kilobytes, so with less a client that takes 200 bytes a second looks as if it took nothing. Default 900.
   */
  readonly idleTimeout?: number;
  /**
   * After how many seconds an export over HTTP is cut off however much the client takes, so that slow ones can't hold all places
   * for hours. Default Infinity: never.
   */
  readonly maxDuration?: number;
  /** How many seconds a HEAD request may count calls; after that it answers that their number is unknown. Default 10. */
  readonly countTimeout?: number;
  /**
   * Whether clients and proxies may ask over HTTP/1.0, where the end of the connection is the end of the file: if this process is
   * killed, a part of a file looks whole. Else they are answered 426. Default false.
   */
  readonly acceptHttp10?: boolean;
  /**
   * Whether pages are read from PostgreSQL by `COPY (SELECT …) TO STDOUT (FORMAT binary)`, which is the fastest way. If the
   * database or the driver can't do it, the first export finds that out, and they are read as rows. Set it to false to
   * do so from the start; the bytes of the file are the same. Default true.
   */
  readonly copy?: boolean;
  /**
   * Session variables of PostgreSQL for each statement of an account's export, by which policies of row-level security tell whose rows
   * they show: `(account) => ({ 'app.tenant': String(account) })`. They are set by `set_config(name, value, true)` in the transaction of the
   * statement, so none is left on a connection. On other databases the app does not start with it. Default: none are set.
   */
  settings?(account: AccountId): Readonly<Record<string, string>>;
  /** Is told what came of each export when it is over, for metrics. Default: nobody is. */
  onExportEnd?(report: ExportReport): void;
}

/** A function that gives the DataSource of a request. */
export type DataSourceOfRequest = (request: ExportRequest) => DataSource | Promise<DataSource>;

/** The name of a DataSource, the injection token of one or of a function that gives that of a request, or such a function. */
export type DataSourceOption = string | { readonly token: InjectionToken } | DataSourceOfRequest;

/**
 * Where an export is and what it exports: known when the module is imported, so that `forRootAsync` takes it beside its
 * factory.
 */
export interface CallsExportExtras {
  /** The path of the endpoint, behind the host's global prefix and version. Default `calls/export`. */
  readonly path?: string;
  /**
   * The guards of the endpoint, in their order. None where a global guard of the host does the work.
   *
   * Default: `CallsExportGuard`, which is `AuthGuard('jwt')` with the challenges of RFC 6750. The strategy is the host's.
   */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[];
  /** Modules whose providers the guards need. Default none. */
  readonly imports?: ModuleMetadata['imports'];
  /**
   * The DataSource that has the calls: its name in `@nestjs/typeorm`; the injection token of one that the app provides itself; or a function
   * that gives that of a request, such as a tenant's, which may be the one that is behind a token. Other ones than those with a name list the entities themselves.
   *
   * Default: the one of `@nestjs/typeorm` that has no name.
   *
   * @example { token: 'DATA_SOURCE' }
   */
  readonly dataSource?: DataSourceOption;
  /**
   * By which name the service is injected where the module is imported more than once: `getCallsExportServiceToken(name)`.
   *
   * Default: the name of the DataSource, if it has one.
   */
  readonly name?: string;
  /** Statuses that calls have beside Twilio's, by which the client may filter as well. Default none. */
  readonly statuses?: readonly string[];
  /** The entity that calls are, and what its properties are called. Default `Call`. */
  readonly calls?: MappedCalls;
  /**
   * The entity that assistants are, and what its properties are called. If it is false there are none: neither the column
   * `assistant_name` nor the parameter `assistant_id`. Default `Assistant`.
   */
  readonly assistants?: MappedEntity<AssistantField> | false;
  /**
   * The columns of a file, in their order: standard ones by their keys or with another title, and further ones by the entity's property.
   * Nothing else is read of a call than what is exported, filtered by or walked along. Default: the standard columns.
   *
   * @example ['id', { key: 'status', title: 'State' }, { key: 'price', property: 'price', kind: 'decimal' }]
   */
  readonly columns?: readonly CallsExportColumn[];
  /** Other lists of columns, by the names that `findView` gives, as for those who may see less. Default: none. */
  readonly views?: Readonly<Record<string, readonly CallsExportColumn[]>>;
}

/** What `CallsExportModule.forRoot` takes. */
export type CallsExportModuleOptions = CallsExportOptions & CallsExportExtras;

type WithoutDefault = 'settings' | 'findView';
export type ResolvedOptions = Required<Omit<CallsExportOptions, WithoutDefault>> &
  Pick<CallsExportOptions, WithoutDefault>;

/** The injection token of the DataSource, or of a function that gives that of a request. */
export const DATA_SOURCE = Symbol('DATA_SOURCE');

/** What an import of the module exports. */
export interface ExportedCalls extends Pick<CallsExportExtras, 'calls' | 'assistants'> {
  readonly views: Views;
}

/** The injection token of what an import exports. */
export const EXPORTED_CALLS = Symbol('EXPORTED_CALLS');

/** The injection token of the options with their defaults. */
export const RESOLVED_OPTIONS = Symbol('RESOLVED_OPTIONS');

const DAY_SECONDS = 86_400;

const RULES: Rules<CallsExportOptions> = {
  findAccount: [(value) => typeof value === 'function', 'a function'],
  findView: [(value) => typeof value === 'function', 'a function'],
  formulaGuard: [(value) => typeof value === 'boolean', 'true or false'],
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
    `a number of seconds from 0.1 to ${DAY_SECONDS}, or Infinity`,
  ],
  countTimeout: seconds(0.1),
  acceptHttp10: [(value) => typeof value === 'boolean', 'true or false'],
  copy: [(value) => typeof value === 'boolean', 'true or false'],
  settings: [(value) => typeof value === 'function', 'a function'],
  onExportEnd: [(value) => typeof value === 'function', 'a function'],
};

const EXTRAS_RULES: Rules<CallsExportExtras> = {
  path: [isText, 'a path such as calls/export'],
  guards: [
    (value) => Array.isArray(value) && value.every(isGuard),
    'a list of guards, which are classes or objects with canActivate',
  ],
  imports: [Array.isArray, 'a list of modules'],
  dataSource: [
    (value) => isText(value) || typeof value === 'function' || isTokenHolder(value),
    "the name of a DataSource, { token } or a function that gives a request's",
  ],
  name: [isText, 'a text that is not empty'],
  statuses: [
    (value) => Array.isArray(value) && value.every(isText),
    'a list of texts that are not empty',
  ],
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

/**
 * The options, with the default of each that was left out.
 *
 * @throws Error where one is unknown or not acceptable.
 */
export function resolveOptions(options: CallsExportOptions = {}): ResolvedOptions {
  checkOptions(options, RULES);
  const {
    findAccount = claimedAccount,
    findView,
    formulaGuard = true,
    byteOrderMark = false,
    delimiter = ',',
    pageSize = 5_000,
    pageMemory = 128,
    maxConcurrent = 32,
    maxPerAccount = 4,
    retryTimeout = 20,
    queryTimeout = 60,
    idleTimeout = 900,
    maxDuration = Infinity,
    countTimeout = 10,
    acceptHttp10 = false,
    copy = true,
    settings,
    onExportEnd = () => {},
  } = options;
  return {
    findAccount,
    findView,
    formulaGuard,
    byteOrderMark,
    delimiter,
    pageSize,
    pageMemory,
    maxConcurrent,
    maxPerAccount,
    retryTimeout,
    queryTimeout,
    idleTimeout,
    maxDuration,
    countTimeout,
    acceptHttp10,
    copy,
    settings,
    onExportEnd,
  };
}

type Rule = Rules<Record<string, unknown>>[string];

function integer(max: number): Rule {
  return [
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max,
    `an integer from 1 to ${max}`,
  ];
}

function seconds(min: number): Rule {
  return [(value) => isSeconds(value, min), `a number of seconds from ${min} to ${DAY_SECONDS}`];
}

function isSeconds(value: unknown, min: number): boolean {
  return typeof value === 'number' && value >= min && value <= DAY_SECONDS;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isTokenHolder(value: unknown): boolean {
  const { token } = (value ?? {}) as { token?: unknown };
  return isText(token) || typeof token === 'symbol' || typeof token === 'function';
}

function isDelimiter(value: unknown): boolean {
  return (CSV_DELIMITERS as readonly unknown[]).includes(value);
}

function isGuard(value: unknown): boolean {
  return (
    typeof (value as CanActivate | null)?.canActivate === 'function' || typeof value === 'function'
  );
}

function isMapping(value: unknown): boolean {
  const { entity, properties = {} } = (value ?? {}) as Partial<MappedEntity<string>>;
  const isEntity = typeof entity === 'function' || InstanceChecker.isEntitySchema(entity);
  return isEntity && Object.values(properties).every(isText);
}
