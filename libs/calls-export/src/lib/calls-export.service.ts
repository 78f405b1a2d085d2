import { Readable } from 'node:stream';
import { Call } from '@calls/data-access';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { readCallPages } from './call-pages';
import type { CallsFilter } from './calls-filter';
import { encodeCsv } from './encode-csv';
import { encodeJson } from './encode-json';
import type { ExportFormat } from './export-format';

const ENCODE = { csv: encodeCsv, json: encodeJson };

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
    const chunks = ENCODE[format](readCallPages(this.calls, accountId, filter));
    const first = await chunks.next();
    return Readable.from(prepend(first, chunks), { objectMode: false });
  }
}

async function* prepend(first: IteratorResult<string, void>, rest: AsyncIterable<string>) {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
