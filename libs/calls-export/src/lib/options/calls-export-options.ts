import type { ExportReport } from '../export/export-report';
import type { CsvDelimiter } from '../formats/file-format';
import type { AccountId } from '../model/account-id';
import type { ExportRequest } from '../model/export-request';
import type { CallsExportExtras } from './calls-export-extras';
import type { FileName } from './file-name';

/**
 * How exports run: passed to `forRoot`, or returned by the factory of `forRootAsync`.
 *
 * @publicApi
 */
export interface CallsExportOptions {
  /**
   * Returns the account whose calls the request may export. Runs after the guards.
   * Unless it returns an integer, a bigint or a non-empty string, the response is 403.
   * Default: the integer claim `account_id` of `request.user`.
   *
   * @example
   * findAccount: (request) => request.user.tenantId
   */
  findAccount?(request: ExportRequest): AccountId | undefined | Promise<AccountId | undefined>;
  /**
   * Returns the view for the request: a name from `views`, or `default` for `columns`. Runs after the guards.
   * If it returns anything else, the response is 403. Default: always `default`.
   *
   * @example
   * findView: (request) => (request.user.role === 'admin' ? 'default' : 'analyst')
   */
  findView?(request: ExportRequest): string | undefined | Promise<string | undefined>;
  /**
   * Whether to put an apostrophe before text that a spreadsheet would run as a formula (OWASP, "CSV
   * Injection"). CSV only. Checks the start of each text, and what follows a line break in it or a separator
   * other than `delimiter`. E.164 phone numbers are left as they are. Set it to false if only programs read
   * the files. Default true.
   */
  readonly formulaGuard?: boolean;
  /**
   * The file name without its extension, or a function that returns it for a request. Runs after the guards.
   * In a returned name, characters that file systems reject become `_`, and everything after 200 bytes is
   * cut. If it returns undefined or a blank name, the default is used. Default `calls_export`.
   *
   * @example
   * fileName: (request) => `calls of ${request.user.company}`
   */
  readonly fileName?: FileName;
  /**
   * Query parameters that your guards and middleware read. The export ignores them and does not log them;
   * any other unknown parameter gets a 400. Default none.
   *
   * @example
   * hostParameters: ['access_token', '_']
   */
  readonly hostParameters?: readonly string[];
  /**
   * Whether CSV files start with a byte order mark. Older versions of Excel need it to detect UTF-8. Default
   * false.
   */
  readonly byteOrderMark?: boolean;
  /**
   * The separator of CSV fields: `,`, `;`, `\t` or `|`. Excel expects `;` in locales with a decimal comma, as
   * in much of Europe. Default `,`.
   *
   * @example
   * delimiter: ';'
   */
  readonly delimiter?: CsvDelimiter;
  /** How many calls to read per page (one database query), from 1 to 50,000. Default 5,000. */
  readonly pageSize?: number;
  /**
   * The memory for the pages of all running exports, in megabytes. Each page gets a share of 256 KB to 8 MB,
   * and has fewer calls than `pageSize` if they are large. Default 128.
   */
  readonly pageMemory?: number;
  /** How many exports may run in this process at the same time; others get a 503. Default 32. */
  readonly maxConcurrent?: number;
  /**
   * How many exports of one account may run in this process at the same time; others get a 429. Default 4.
   */
  readonly maxPerAccount?: number;
  /** How long to keep retrying a page if the database fails, in seconds. Default 20. */
  readonly retryTimeout?: number;
  /**
   * How long to wait for a query, in seconds. After that the connection is closed and the page is retried.
   * Set it higher than the statement timeout of the database, which keeps the connection. Default 60.
   */
  readonly queryTimeout?: number;
  /**
   * How long a client may read nothing before its connection is reset, in seconds. The server sees progress
   * only in steps of several hundred kilobytes, so a lower value also cuts off clients that read 200 bytes a
   * second. Default 900.
   */
  readonly idleTimeout?: number;
  /**
   * How long an export over HTTP may run, in seconds, even if the client keeps reading. Stops slow clients
   * from holding all slots for hours. Default Infinity: no limit.
   */
  readonly maxDuration?: number;
  /** How long a HEAD request may count calls, in seconds. After that it reports `unknown`. Default 10. */
  readonly countTimeout?: number;
  /**
   * Whether to accept HTTP/1.0 requests, which otherwise get a 426. In HTTP/1.0 the end of the connection
   * marks the end of the file, so a truncated file looks complete if this process is killed. Default false.
   */
  readonly acceptHttp10?: boolean;
  /**
   * Whether to read PostgreSQL by `COPY (SELECT …) TO STDOUT (FORMAT binary)`, the fastest way. If the
   * database or the driver does not support it, the first export falls back to ordinary queries. False uses
   * these from the start. The file is the same either way. Default true.
   */
  readonly copy?: boolean;
  /**
   * Whether an export may start on the primary if no replica (`replication.slaves`) is reachable. All its
   * pages then come from the primary; a running export never changes servers. Default false: exports fail
   * until a replica is back.
   */
  readonly primaryFallback?: boolean;
  /**
   * Returns the PostgreSQL session variables that your row-level security policies read. Each query sets them
   * by `set_config(name, value, true)` in its own transaction, so none remain on the connection. On other
   * databases, the app fails to start if this option is set. Default none.
   *
   * @example
   * settings: (account) => ({ 'app.tenant': String(account) })
   */
  settings?(account: AccountId): Readonly<Record<string, string>>;
  /**
   * Called with the outcome of each export when it ends, for example to record metrics. Default: nothing.
   *
   * @example
   * onExportEnd: ({ outcome, durationMs }) => histogram.observe({ outcome }, durationMs)
   */
  onExportEnd?(report: ExportReport): void;
}

/**
 * The options of `CallsExportModule.forRoot`.
 *
 * @publicApi
 */
export type CallsExportModuleOptions = CallsExportOptions & CallsExportExtras;

type WithoutDefault = 'settings' | 'findView';
export type ResolvedOptions = Required<Omit<CallsExportOptions, WithoutDefault>> &
  Pick<CallsExportOptions, WithoutDefault>;

/** The injection token of the options with their defaults. */
export const RESOLVED_OPTIONS = Symbol('RESOLVED_OPTIONS');
