import { Readable } from 'node:stream';
import { Call } from '@calls/data-access';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import type { CallsFilter } from './calls-filter';
import { CallsQuery } from './calls-query';
import type { Text } from './calls-reader';
import { CopyReader } from './copy-reader';
import { exportFile } from './export-file';
import type { ExportFormat } from './export-format';
import { QueryReader } from './query-reader';

/** Exports an account's calls. */
@Injectable()
export class CallsExportService {
  constructor(@InjectRepository(Call) private readonly calls: Repository<Call>) {}

  /**
   * The file, as a stream of UTF-8 text. It is never whole in memory.
   *
   * @throws what the database says where the first page can't be read; a later failure is the stream's error.
   */
  async export(
    accountId: number,
    format: ExportFormat,
    filter: CallsFilter = {},
  ): Promise<Readable> {
    const query = await CallsQuery.create(this.calls, accountId, filter);
    const Reader =
      this.calls.manager.dataSource.options.type === 'postgres' ? CopyReader : QueryReader;
    const pieces = exportFile(format, new Reader(this.calls, query, format));
    const first = await pieces.next();
    // Without a buffer of its own, so that no page is taken before the client has taken the last one.
    return Readable.from(prepend(first, pieces), { objectMode: false, highWaterMark: 0 });
  }
}

async function* prepend(first: IteratorResult<Text, void>, rest: AsyncIterable<Text>) {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
