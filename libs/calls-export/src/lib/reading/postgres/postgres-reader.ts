import type { QueryRunner } from 'typeorm';

import { Page } from '../../formats/page';
import type { CallKey, CallRange } from '../../model/call-key';
import type { ExportColumn } from '../../model/export-column';
import type { CallsQuery } from '../calls-query';
import type { EncodedCalls, FileEncoder } from '../../formats/file-format';
import { type PageReader, PageTooLargeError } from '../page-reader';
import type { Connections } from '../connections';
import { idIndexOf } from '../id-column';
import { selectValues } from '../select-values';
import { BinaryRows } from './binary-rows';
import { copiedValues, copyOut } from './copy-out';
import { inlineParameters } from './inline-parameters';
import type { PgClient } from './pg-client';
import type { CopiedField, PostgresColumns } from './postgres-columns';
import { settingsOf } from './settings';

const FIRST_PAGE_BYTES = 64 * 1024;

/** Reads calls from PostgreSQL with binary COPY and encodes the rows as they arrive. */
export class PostgresReader implements PageReader {
  private readonly idIndex: number;
  private readonly fields: readonly CopiedField[];
  private pageBytes = FIRST_PAGE_BYTES;

  constructor(
    private readonly query: CallsQuery,
    private readonly columns: readonly ExportColumn[],
    described: PostgresColumns,
    private readonly encoder: FileEncoder,
    private readonly connections: Connections,
    private readonly maxBytes: number,
  ) {
    this.fields = columns.map((column) =>
      described.field(column, query[column.of](column.field), query.entities.columnOf(column)),
    );
    const idIndex = idIndexOf(query.entities, columns);
    // A converted id would not identify the call in an error.
    this.idIndex = this.fields[idIndex]?.reading === 'integer' ? idIndex : columns.length;
  }

  get mayReadAhead(): boolean {
    return this.connections.areFree;
  }

  async keyAfter(
    after: CallKey | undefined,
    count: number,
    end?: CallKey,
  ): Promise<CallKey | undefined> {
    const line: Buffer[] = [];
    await this.withClient((runner, client) => {
      const key = inlineParameters(this.query.keyAfter(after, count, end), client);
      return this.copyOut(runner, client, `COPY (${key}) TO STDOUT`, (chunk) => {
        line.push(Buffer.from(chunk));
      });
    });
    return line.length > 0 ? copiedValues(Buffer.concat(line).toString()) : undefined;
  }

  async read(range: CallRange): Promise<EncodedCalls> {
    const { columns, idIndex, encoder, maxBytes } = this;
    const readings = this.fields.map(({ reading }) => reading);
    const rows = await this.withClient(async (runner, client) => {
      const page = new Page(this.pageBytes, maxBytes);
      const decoder = new BinaryRows(columns, idIndex, encoder.cells, page, maxBytes, readings);
      const copy = `COPY (${this.select(range, client)}) TO STDOUT (FORMAT binary)`;
      await this.copyOut(runner, client, copy, (chunk) => {
        try {
          decoder.write(chunk);
        } catch (error) {
          // The server keeps sending rows; only closing the connection stops it.
          if (error instanceof PageTooLargeError) void client.end();
          throw error;
        }
      });
      return decoder;
    });
    if (!rows.isComplete) throw new Error('The database sent truncated binary COPY data');
    const { page, count } = rows;
    const encoded = { bytes: page.bytes.subarray(0, page.length), count };
    // Pages differ a little in size. With 10% more space, the next one usually fits without a reallocation.
    this.pageBytes = Math.min(
      Math.max(this.pageBytes, Math.ceil(1.1 * encoded.bytes.length)),
      this.maxBytes,
    );
    return encoded;
  }

  /** Returns a query for the columns of the calls in a range and, unless they include it, the id. */
  private select(range: CallRange, client: PgClient): string {
    const { query, columns } = this;
    const values: Record<ExportColumn['of'], string[]> = { call: [], assistant: [] };
    const select = (of: ExportColumn['of'], value: string) =>
      `${of}.c${values[of].push(value) - 1}`;
    const selected = columns.map(({ of }, index) =>
      select(of, (this.fields[index] as CopiedField).sql),
    );
    if (this.idIndex === columns.length) {
      selected.push(select('call', `CAST(${query.call('id')} AS text)`));
    }
    const list = (rows: ReturnType<CallsQuery['matches']>, of: ExportColumn['of']) =>
      `(${inlineParameters(selectValues(rows, values[of]), client)}) AS ${of}`;
    const hasAssistants = columns.some(({ of }) => of === 'assistant');
    const joinCondition =
      hasAssistants && query.isAssistantOf(select('call', query.call('assistantId')));
    const calls = `SELECT ${selected.join(', ')} FROM ${list(query.matches(range), 'call')}`;
    if (joinCondition === false) return calls;
    const assistant = query.assistants().andWhere(joinCondition).limit(1);
    // LATERAL keeps the order of the calls. LIMIT prevents duplicate calls if a view has an assistant twice.
    return `${calls} LEFT JOIN LATERAL ${list(assistant, 'assistant')} ON true`;
  }

  private withClient<T>(work: (runner: QueryRunner, client: PgClient) => Promise<T>): Promise<T> {
    return this.connections.use((runner, connection) => work(runner, connection as PgClient));
  }

  private copyOut(
    runner: QueryRunner,
    client: PgClient,
    copy: string,
    take: (chunk: Buffer) => void,
  ): Promise<void> {
    return copyOut(runner, client, settingsOf(this.connections.settings, client) + copy, take);
  }
}
