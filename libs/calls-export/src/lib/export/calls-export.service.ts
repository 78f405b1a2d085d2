import { addAbortSignal } from 'node:stream';
import {
  DEFAULT_FORMAT,
  EXPORT_FORMATS,
  type ExportFormat,
  FORMATS,
} from '../formats/export-formats';
import type { FormatOptions } from '../formats/file-format';
import type { AccountId } from '../model/account-id';
import type { CallsFilter } from '../model/calls-filter';
import type { ExportColumn } from '../model/export-column';
import { DatabaseUnavailableError } from '../model/export-errors';
import type { CallsSource } from '../reading/calls-source';
import { RetryingReader } from '../reading/retrying-reader';
import { isTransient } from '../reading/transient-error';
import { exportFile } from './export-file';
import type { ExportSlots } from './export-slots';
import { ExportStream } from './export-stream';
import { readPages } from './pages';

/** What to export, and as what. */
export interface ExportQuery extends CallsFilter {
  /** Default `csv`. */
  readonly format?: ExportFormat;
  /** Stops the export: its stream fails with an `AbortError`. */
  readonly signal?: AbortSignal;
}

/** How files are made. */
export interface FileSettings extends FormatOptions {
  /** How many calls are read at a time. */
  readonly pageSize: number;
  /** How many seconds a page that can't be read is tried again. */
  readonly retryTimeout: number;
}

/** Exports an account's calls. */
export class CallsExportService {
  /** @internal Made by the module, which exports it. */
  constructor(
    private readonly source: CallsSource,
    private readonly slots: ExportSlots,
    private readonly columns: readonly ExportColumn[],
    private readonly settings: FileSettings,
  ) {}

  /**
   * The file, as a stream of UTF-8 text. It is never whole in memory. Read it to its end or destroy it: until it
   * has closed, it counts as running. What has been read so far is in its `progress`.
   *
   * A page that can't be read since the database fails is tried again for a while; after that, or if it would not
   * help, the stream fails with what the database says.
   *
   * @throws TypeError if the format, the account or a date is invalid.
   * @throws TooManyExportsError if no further export may run now.
   * @throws DatabaseUnavailableError if the database fails at the first page in a way that passes.
   * @throws UnexportableCallError if a call of the first page can't be written; later, the stream fails with it.
   * @throws the reason of the signal if that is aborted before there is a stream.
   */
  async export(
    accountId: AccountId,
    { format = DEFAULT_FORMAT, signal, ...filter }: ExportQuery = {},
  ): Promise<ExportStream> {
    if (!EXPORT_FORMATS.includes(format)) {
      throw new TypeError(`format must be one of ${EXPORT_FORMATS.join(', ')}, not ${format}`);
    }
    signal?.throwIfAborted();
    const giveSlotBack = this.slots.take(accountId);
    try {
      const { pageSize, retryTimeout } = this.settings;
      const encoder = FORMATS[format].encoder(this.columns, this.settings);
      const reader = await this.source.open(accountId, filter, encoder);
      const stop = new AbortController();
      // A database that fails at the first page is the client's to wait for; once it has a part of the file, it is ours.
      const patient = new RetryingReader(reader, retryTimeout, stop.signal);
      const pieces = exportFile(encoder, readPages(reader, patient, pageSize));
      const first = await pieces.next();
      if (signal?.aborted) await pieces.return();
      signal?.throwIfAborted();
      const stream = new ExportStream(first, pieces, stop).once('close', giveSlotBack);
      return signal ? addAbortSignal(signal, stream) : stream;
    } catch (error) {
      giveSlotBack();
      throw unavailable(error);
    }
  }

  /** How many exports and counts run in this process, and the most that may: a process that is full refuses further ones. */
  get load(): { readonly running: number; readonly most: number } {
    return { running: this.slots.running, most: this.slots.limits.maxConcurrent };
  }

  /**
   * How many calls an export would hold now. While it counts, it takes the place of an export.
   *
   * @throws as `export` does.
   */
  async count(accountId: AccountId, filter: CallsFilter = {}): Promise<number> {
    const giveSlotBack = this.slots.take(accountId);
    try {
      return await this.source.count(accountId, filter);
    } catch (error) {
      throw unavailable(error);
    } finally {
      giveSlotBack();
    }
  }
}

function unavailable(error: unknown): unknown {
  return isTransient(error) ? new DatabaseUnavailableError(error) : error;
}
