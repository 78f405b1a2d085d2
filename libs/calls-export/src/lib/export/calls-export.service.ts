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
import { readPages } from './pages';

/** What to export, and as what. */
export interface ExportQuery extends CallsFilter {
  /** Default `csv`. */
  readonly format?: ExportFormat;
  /** The name of one of the module's `views`. Default `default`, which is that of its `columns`. */
  readonly view?: string;
  /** The IANA name of the time zone that times are written in. Default `UTC`. @example 'Europe/Berlin' */
  readonly timeZone?: string;
  /** The DataSource that has the calls, if requests choose it. Default: that of the app. */
  readonly dataSource?: DataSource;
  /** Stops the export: its stream fails with an `AbortError`. */
  readonly signal?: AbortSignal;
}

/** Which calls to count. */
export type CountQuery = CallsFilter & Pick<ExportQuery, 'dataSource'>;

/** How files are made. */
export interface FileSettings extends Omit<FormatOptions, 'zone'> {
  /** How many calls are read at a time. */
  readonly pageSize: number;
  /** How many bytes a page has at most, unless it is one call. */
  readonly pageBytes: number;
  /** How many seconds a page that can't be read is tried again. */
  readonly retryTimeout: number;
  /** How many seconds a count of calls may take. */
  readonly countTimeout: number;
  /** Is told what came of each export. */
  onExportEnd(report: ExportReport): void;
}

/** Exports an account's calls. */
export class CallsExportService {
  /** @internal Made by the module, which exports it. */
  constructor(
    private readonly sources: CallsSourceRegistry,
    private readonly slots: ExportSlots,
    private readonly settings: FileSettings,
  ) {}

  /**
   * The file, as a stream of UTF-8 text. It is never whole in memory. Read it to its end or destroy it: until it
   * has closed, it counts as running. What has been read so far is in its `progress`.
   *
   * A page that can't be read since the database fails is tried again for a while; after that, or if it would not
   * help, the stream fails with what the database says. When the export is over, it leaves its line in the log, and `onExportEnd` is
   * told of it, as over HTTP.
   *
   * @param audit @internal of an export over HTTP, which ends with its response.
   * @throws TypeError if the format, the view, the time zone, the account or a date is invalid.
   * @throws InvalidAfterError if the call that `after` names is gone, not the account's or in no date range.
   * @throws TooManyExportsError if no further export may run now.
   * @throws DatabaseUnavailableError if the database fails at the first page in a way that passes.
   * @throws UnexportableCallError if a call of the first page can't be written; later, the stream fails with it.
   * @throws the reason of the signal if that is aborted before there is a stream.
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
      throw new TypeError(`format must be one of ${EXPORT_FORMATS.join(', ')}, not ${format}`);
    }
    const zone = TimeZone.of(timeZone);
    if (!zone) throw new TypeError(`timeZone ${TIME_ZONE_RULE}, not ${timeZone}`);
    signal?.throwIfAborted();
    const source = this.sources.of(dataSource);
    const columns = source.columns(view);
    const encoder = FORMATS[format].encoder(columns, { ...this.settings, zone });
    const slot = this.slots.take(accountId, source);
    try {
      const stream = await this.start(encoder, signalsOf(slot, signal), (stop) =>
        source.open(accountId, filter, columns, encoder, stop),
      );
      return stream.once('close', slot.giveBack);
    } catch (error) {
      slot.giveBack();
      throw unavailable(error);
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
    // A database that fails at the first page is the client's to wait for; once it has a part of the file, it is ours.
    const failed = new AbortController();
    const patience = AbortSignal.any([stop, failed.signal]);
    const patient = new RetryingReader(reader, retryTimeout, patience);
    const limits = { calls: pageSize, bytes: pageBytes };
    const pages = readPages(reader, patient, limits, () => failed.abort());
    const pieces = exportFile(encoder, pages);
    const first = await pieces.next();
    if (stop.aborted) await pieces.return();
    stop.throwIfAborted();
    return addAbortSignal(stop, new ExportStream(first, pieces, closed));
  }

  /** How many exports and counts run in this process, and the most that may: a process that is full refuses further ones. */
  get load(): { readonly running: number; readonly most: number } {
    return { running: this.slots.running, most: this.slots.limits.maxConcurrent };
  }

  /**
   * How many calls an export would hold now. While it counts, it takes the place of an export.
   *
   * @param signal stops the counting.
   * @returns undefined if it takes longer to find out than `countTimeout`, or than the database lets a statement take.
   * @throws as `export` does.
   */
  async count(
    accountId: AccountId,
    { dataSource, ...filter }: CountQuery = {},
    signal?: AbortSignal,
  ): Promise<number | undefined> {
    signal?.throwIfAborted();
    const source = this.sources.of(dataSource);
    const slot = this.slots.take(accountId, source);
    const limit = AbortSignal.timeout(this.settings.countTimeout * 1000);
    const stop = AbortSignal.any([limit, ...signalsOf(slot, signal)]);
    try {
      return await source.count(accountId, filter, stop);
    } catch (error) {
      if (isTimeout(error) || error === limit.reason) return undefined;
      throw unavailable(error);
    } finally {
      slot.giveBack();
    }
  }

  /**
   * Stops all exports and counts that run in this process, as an app does that can't wait for them any longer. Their streams fail,
   * and what is sent over HTTP breaks off so that no client takes it for whole.
   *
   * @param reason what the log says of them.
   */
  stopAll(reason: string): void {
    this.slots.stopAll(new ExportStoppedError(reason));
  }
}

/** What was asked for. */
function parametersOf(
  { status, assistantId, startedFrom, startedBefore, after, timeZone }: ExportQuery,
  format: ExportFormat,
): object {
  const asked = { format, status, assistantId, startedFrom, startedBefore, after, timeZone };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}

function signalsOf(slot: ExportSlot, signal: AbortSignal | undefined): AbortSignal[] {
  return signal ? [slot.signal, signal] : [slot.signal];
}

function unavailable(error: unknown): unknown {
  return isTransient(error) ? new DatabaseUnavailableError(error, isTimeout(error)) : error;
}
