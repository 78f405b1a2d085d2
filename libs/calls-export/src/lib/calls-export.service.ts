import { addAbortSignal } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { AccountId } from './account-id';
import { CallsEntities } from './calls-entities';
import { RESOLVED_OPTIONS, type ResolvedOptions } from './calls-export-options';
import type { CallsFilter } from './calls-filter';
import { CallsQuery } from './calls-query';
import { withConnection } from './connection';
import { CopyReader } from './copy-reader';
import { DatabaseUnavailableError } from './export-errors';
import { exportFile } from './export-file';
import { EXPORT_FORMATS, type ExportFormat } from './export-format';
import { ExportSlots } from './export-slots';
import { ExportStream } from './export-stream';
import { QueryReader } from './query-reader';
import { isTransient } from './transient-fault';

/** What to export, and as what. */
export interface ExportQuery extends CallsFilter {
  /** Default `csv`. */
  readonly format?: ExportFormat;
  /** Stops the export: its stream fails with an `AbortError`. */
  readonly signal?: AbortSignal;
}

/** Exports an account's calls. */
@Injectable()
export class CallsExportService {
  constructor(
    private readonly entities: CallsEntities,
    private readonly slots: ExportSlots,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /**
   * The file, as a stream of UTF-8 text. It is never whole in memory. It is to be read to its end or destroyed: until it
   * has closed, it counts as running. What has been read so far is in its `progress`.
   *
   * A page that can't be read since the database fails is tried again for a while; after that, or where it would not
   * help, the stream fails with what the database says.
   *
   * @throws TypeError where what is asked for is none of what is possible.
   * @throws TooManyExportsError where no further export may run now.
   * @throws DatabaseUnavailableError where the database fails at the first page in a way that passes.
   * @throws UnexportableCallError where a call of the first page can't be written; later, the stream fails with it.
   * @throws the reason of the signal where that is aborted before there is a stream.
   */
  async export(
    accountId: AccountId,
    { format = 'csv', signal, ...filter }: ExportQuery = {},
  ): Promise<ExportStream> {
    if (!EXPORT_FORMATS.includes(format)) {
      throw new TypeError(`format must be one of ${EXPORT_FORMATS.join(', ')}, not ${format}`);
    }
    signal?.throwIfAborted();
    const giveSlotBack = this.slots.take(accountId);
    try {
      const query = await CallsQuery.create(this.entities, accountId, filter);
      const { type } = this.entities.dataSource.options;
      const Reader = type === 'postgres' && this.options.copy ? CopyReader : QueryReader;
      const stop = new AbortController();
      const reader = new Reader(query, format, this.options);
      const pieces = exportFile(format, reader, this.options, stop.signal);
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
    return { running: this.slots.running, most: this.options.maxConcurrent };
  }

  /**
   * How many calls an export would hold now. While it counts, it takes the place of an export.
   *
   * @throws as `export` does.
   */
  async count(accountId: AccountId, filter: CallsFilter = {}): Promise<number> {
    const giveSlotBack = this.slots.take(accountId);
    try {
      const query = await CallsQuery.create(this.entities, accountId, filter);
      const counted = await withConnection(this.entities.dataSource, (runner) =>
        query.count().setQueryRunner(runner).getRawOne<{ count: string | number }>(),
      );
      return Number(counted?.count);
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
