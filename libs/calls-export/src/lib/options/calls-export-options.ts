import type { ExportReport } from '../export/export-report';
import type { CsvDelimiter } from '../formats/file-format';
import type { AccountId } from '../model/account-id';
import type { ExportRequest } from '../model/export-request';
import type { CallsExportExtras } from './calls-export-extras';
import type { FileName } from './file-name';

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
   * @example (request: { user: { role: string } }) => (request.user.role === 'admin' ? 'default' : 'analyst')
   */
  findView?(request: ExportRequest): string | undefined | Promise<string | undefined>;
  /**
   * Puts an apostrophe before what a spreadsheet would run as a formula (OWASP, "CSV Injection"): at the beginning of a text in a
   * CSV file, and in it behind a line break or a separator that is not the `delimiter`. Phone numbers in E.164 format stay as
   * they are. Set it to false if only programs read the files, which then get the texts unchanged. Default true.
   */
  readonly formulaGuard?: boolean;
  /**
   * The name of the file, to which the ending of its format is added; or a function that derives it from the request, once the
   * guards have let it in. What a file system refuses in a name that a function returns becomes `_`, and more than 200 bytes are
   * cut off; undefined or blanks give the default. Default `calls_export`.
   *
   * @example fileName: (request) => `calls of ${request.user.company}`
   */
  readonly fileName?: FileName;
  /**
   * Query parameters of the host's own, which its guards and middleware read. The export ignores them, and leaves them out of its
   * log; any other parameter that it does not know is answered 400. Default none.
   *
   * @example hostParameters: ['access_token', '_']
   */
  readonly hostParameters?: readonly string[];
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
   * Whether an export begins on the primary while none of the DataSource's replicas (`replication.slaves`) can be reached. Its pages then
   * all come from there; an export that has begun on a replica never changes to another server. Default false: exports fail until
   * a replica is back.
   */
  readonly primaryFallback?: boolean;
  /**
   * Session variables of PostgreSQL for each statement of an account's export, by which policies of row-level security tell whose rows
   * they show: `(account) => ({ 'app.tenant': String(account) })`. They are set by `set_config(name, value, true)` in the transaction of the
   * statement, so none is left on a connection. On other databases the app does not start with it. Default: none are set.
   */
  settings?(account: AccountId): Readonly<Record<string, string>>;
  /** Is told what came of each export when it is over, for metrics. Default: nobody is. */
  onExportEnd?(report: ExportReport): void;
}

/** What `CallsExportModule.forRoot` takes. */
export type CallsExportModuleOptions = CallsExportOptions & CallsExportExtras;

type WithoutDefault = 'settings' | 'findView';
export type ResolvedOptions = Required<Omit<CallsExportOptions, WithoutDefault>> &
  Pick<CallsExportOptions, WithoutDefault>;

/** The injection token of the options with their defaults. */
export const RESOLVED_OPTIONS = Symbol('RESOLVED_OPTIONS');
