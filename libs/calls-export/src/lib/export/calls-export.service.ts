import { addAbortSignal } from 'node:stream';
import type { DataSource } from 'typeorm';
import {
  DEFAULT_FORMAT,
  EXPORT_FORMATS,
  type ExportFormat,
  FORMATS,
} from '../formats/export-formats';
import type { FileEncoder, FormatOptions } from '../formats/file-format';
import type { AccountId } from '../model/account-id';
import type { CallsFilter } from '../model/calls-filter';
import { DEFAULT_VIEW } from '../model/export-column';
import { DatabaseUnavailableError, ExportStoppedError } from '../model/export-errors';
import { TIME_ZONE_RULE, TimeZone } from '../model/time-zone';
import type { PageReader } from '../reading/page-reader';
import type { CallsSourceRegistry } from '../reading/calls-source-registry';
import { RetryingReader } from '../reading/retrying-reader';
import { isTimeout, isTransient } from '../reading/transient-error';
import { auditStream } from './audit-stream';
import { ExportAudit } from './export-audit';
import { exportFile } from './export-file';
import type { ExportReport } from './export-report';
import type { ExportSlot, ExportSlots } from './export-slots';
import { ExportStream } from './export-stream';
import { readPages } from './read-pages';

/**
 * What to export, and in which format.
 *
 * @publicApi
 */
export interface ExportQuery extends CallsFilter {
  /** Default `csv`. */
  readonly format?: ExportFormat;
  /** One of the module's `views`. Default `default`, which has the columns of the option `columns`. */
  readonly view?: string;
  /**
   * The IANA name of the time zone for times in the file. Default `UTC`.
   *
   * @example 'Europe/Berlin'
   */
  readonly timeZone?: string;
  /** The DataSource to read from, if the module chooses it per request. Default: the app's. */
  readonly dataSource?: DataSource;
  /** Stops the export when aborted. Its stream then fails with an `AbortError`. */
  readonly signal?: AbortSignal;
}

/**
 * Which calls to count.
 *
 * @publicApi
 */
export type CountQuery = CallsFilter & Pick<ExportQuery, 'dataSource'>;

/** The options that the service needs. */
export interface FileSettings extends Omit<FormatOptions, 'zone'> {
  /** The maximum number of calls per page. */
  readonly pageSize: number;
  /** The maximum number of bytes per page, unless the page is a single call. */
  readonly pageBytes: number;
  /** How long to keep retrying a failed page, in seconds. */
  readonly retryTimeout: number;
  /** How long counting may take, in seconds. */
  readonly countTimeout: number;
  /** Called with the outcome of each export. */
  onExportEnd(report: ExportReport): void;
}

/**
 * Exports an account's calls.
 *
 * @publicApi
 * @example
 * const file = await this.callsExport.export(42, { format: 'json', status: 'completed' });
 * await pipeline(file, createWriteStream('calls.json'));
 */
export class CallsExportService {
  /** @internal Created by the module. */
  constructor(
    private readonly sources: CallsSourceRegistry,
    private readonly slots: ExportSlots,
    private readonly settings: FileSettings,
  ) {}

  /**
   * Exports calls to a file and returns it as a stream. The file is never in memory as a whole.
   *
   * Read the stream to its end or destroy it: until it closes, the export occupies a slot. Its
   * `progress` has the number of calls and bytes read so far.
   *
   * After a transient database error, a page is retried for `retryTimeout` seconds. If that does not
   * help, the stream fails with the database's error. When the export ends, it is logged and
   * `onExportEnd` is called, as for an export over HTTP.
   *
   * @param audit @internal the audit of an export over HTTP, which ends with the response.
   * @throws TypeError if the format, view, time zone, account or a date is invalid.
   * @throws InvalidAfterError if the call named by `after` does not exist, belongs to another account
   *   or, with a date filter, has not started.
   * @throws TooManyExportsError if the account or the process has reached its limit of running exports.
   * @throws DatabaseUnavailableError if reading the first page fails with a transient error.
   * @throws UnexportableCallError if a call of the first page can't be exported. For a later page, the
   *   stream fails with it.
   * @throws the reason of the signal if it is aborted before the stream is ready.
   */
  async export(
    accountId: AccountId,
    query: ExportQuery = {},
    audit?: ExportAudit,
  ): Promise<ExportStream> {
    if (audit) return this.open(accountId, query);
    const { format = DEFAULT_FORMAT, view, signal } = query;
    const audited = { account: accountId, format, view, parameters: parametersOf(query, format) };
    return auditStream(
      new ExportAudit(audited, this.settings.onExportEnd),
      () => this.open(accountId, query),
      signal,
    );
  }

  private async open(
    accountId: AccountId,
    {
      format = DEFAULT_FORMAT,
      view = DEFAULT_VIEW,
      timeZone = 'UTC',
      dataSource,
      signal,
      ...filter
    }: ExportQuery,
  ): Promise<ExportStream> {
    if (!EXPORT_FORMATS.includes(format)) {
      throw new TypeError(`format must be one of ${EXPORT_FORMATS.join(', ')}, got ${format}`);
    }
    const zone = TimeZone.of(timeZone);
    if (!zone) throw new TypeError(`timeZone ${TIME_ZONE_RULE}, got ${timeZone}`);
    signal?.throwIfAborted();
    const source = this.sources.of(dataSource);
    const columns = source.columns(view);
    const encoder = FORMATS[format].encoder(columns, { ...this.settings, zone });
    const slot = this.slots.acquire(accountId, source);
    try {
      const stream = await this.start(encoder, signalsOf(slot, signal), (stop) =>
        source.open(accountId, filter, columns, encoder, stop),
      );
      return stream.once('close', slot.release);
    } catch (error) {
      slot.release();
      throw toUnavailable(error);
    }
  }

  private async start(
    encoder: FileEncoder,
    signals: AbortSignal[],
    open: (stop: AbortSignal) => Promise<PageReader>,
  ): Promise<ExportStream> {
    const { pageSize, pageBytes, retryTimeout } = this.settings;
    const closed = new AbortController();
    const stop = AbortSignal.any([closed.signal, ...signals]);
    const reader = await open(stop);
    // The first page is not retried, so that the client gets an error response and can retry. Later
    // pages are.
    const failed = new AbortController();
    const stopRetrying = AbortSignal.any([stop, failed.signal]);
    const retryingReader = new RetryingReader(reader, retryTimeout, stopRetrying);
    const limits = { calls: pageSize, bytes: pageBytes };
    const pages = readPages(reader, retryingReader, limits, () => failed.abort());
    const chunks = exportFile(encoder, pages);
    const first = await chunks.next();
    if (stop.aborted) await chunks.return();
    stop.throwIfAborted();
    return addAbortSignal(stop, new ExportStream(first, chunks, closed));
  }

  /**
   * The number of exports and counts running in this process, and their limit, `most`. At the limit, new
   * ones are refused.
   */
  get load(): { readonly running: number; readonly most: number } {
    return { running: this.slots.running, most: this.slots.limits.maxConcurrent };
  }

  /**
   * Counts the calls that an export would contain now. Counting occupies the slot of an export.
   *
   * @param signal stops counting when aborted.
   * @returns undefined if counting takes longer than `countTimeout` or the database's statement timeout.
   * @throws the same errors as `export`.
   */
  async count(
    accountId: AccountId,
    { dataSource, ...filter }: CountQuery = {},
    signal?: AbortSignal,
  ): Promise<number | undefined> {
    signal?.throwIfAborted();
    const source = this.sources.of(dataSource);
    const slot = this.slots.acquire(accountId, source);
    const timeout = AbortSignal.timeout(this.settings.countTimeout * 1000);
    const stop = AbortSignal.any([timeout, ...signalsOf(slot, signal)]);
    try {
      return await source.count(accountId, filter, stop);
    } catch (error) {
      if (isTimeout(error) || error === timeout.reason) return undefined;
      throw toUnavailable(error);
    } finally {
      slot.release();
    }
  }

  /**
   * Stops all exports and counts that run in this process, for example when the app can't delay its
   * shutdown any longer. Their streams fail, and responses are aborted so that no client mistakes a
   * truncated file for a complete one.
   *
   * @param reason the reason to log for each of them.
   */
  stopAll(reason: string): void {
    this.slots.stopAll(new ExportStoppedError(reason));
  }
}

/** Returns the requested parameters for the audit. */
function parametersOf(
  { status, assistantId, startedFrom, startedBefore, after, timeZone }: ExportQuery,
  format: ExportFormat,
): object {
  const parameters = { format, status, assistantId, startedFrom, startedBefore, after, timeZone };
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
}

function signalsOf(slot: ExportSlot, signal: AbortSignal | undefined): AbortSignal[] {
  return signal ? [slot.signal, signal] : [slot.signal];
}

/** Wraps transient errors of the database. */
function toUnavailable(error: unknown): unknown {
  return isTransient(error) ? new DatabaseUnavailableError(error, isTimeout(error)) : error;
}
