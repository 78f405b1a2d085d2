import type { FileEncoder } from '../../formats/file-format';
import { Page } from '../../formats/page';
import type { CallKey, CallRange } from '../../model/call-key';
import type { ExportColumn } from '../../model/export-column';
import { type CallsQuery, selectValues } from '../calls-query';
import { type CallsReader, type EncodedCalls, PageTooLargeError } from '../calls-reader';
import type { Connections } from '../connections';
import { idIndexOf } from '../id-column';
import { BinaryCopy } from './binary-copy';
import { BinaryRows } from './binary-rows';
import { inlineParameters } from './inline-parameters';
import type { PgClient } from './pg-client';

/**
 * For the statement that follows in the same message, which is one transaction with it (PostgreSQL's protocol, "Multiple
 * Statements in a Simple Query"). An index gives a range in its order, whatever the statistics say: on a table that
 * was not analyzed yet the planner would else sort the whole account, page after page. A key's times are written and read in
 * one notation.
 */
export const SETTINGS = `
  SET LOCAL enable_sort = off;
  SET LOCAL enable_bitmapscan = off;
  SET LOCAL max_parallel_workers_per_gather = 0;
  SET LOCAL jit = off;
  SET LOCAL TimeZone = 'UTC';
  SET LOCAL DateStyle = 'ISO';`;

const FIRST_PAGE_BYTES = 64 * 1024;

/** Reads the calls from PostgreSQL by binary COPY: the database only reads rows, and they are encoded here as they come. */
export class PostgresReader implements CallsReader {
  private readonly idIndex: number;
  private pageBytes = FIRST_PAGE_BYTES;

  constructor(
    private readonly query: CallsQuery,
    private readonly columns: readonly ExportColumn[],
    private readonly encoder: FileEncoder,
    private readonly connections: Connections,
    private readonly maxBytes: number,
  ) {
    this.idIndex = idIndexOf(columns);
  }

  get mayReadAhead(): boolean {
    return this.connections.areFree;
  }

  keyAfter(after: CallKey | undefined, count: number, end?: CallKey): Promise<CallKey | undefined> {
    return this.withClient(async (client) => {
      const statement = inlineParameters(this.query.keyAfter(after, count, end), client);
      const results = await client.query(SETTINGS + statement);
      const row = results.at(-1)?.rows[0];
      return row && Object.values(row);
    });
  }

  async read(range: CallRange): Promise<EncodedCalls> {
    const encoded = await this.withClient(async (client) => {
      const page = new Page(this.pageBytes, this.maxBytes);
      const { columns, idIndex, encoder, maxBytes } = this;
      const rows = new BinaryRows(columns, idIndex, encoder.cells, page, maxBytes);
      const copy = `COPY (${this.select(range, client)}) TO STDOUT (FORMAT binary)`;
      const query = new BinaryCopy(SETTINGS + copy, rows);
      try {
        client.query(query);
        return await query.calls;
      } catch (error) {
        // The rest of the rows is on its way; to close the connection is the one way to stop them.
        if (error instanceof PageTooLargeError) void client.end();
        throw error;
      }
    });
    // Pages differ a little; the next one shall fit without being moved.
    this.pageBytes = Math.min(
      Math.max(this.pageBytes, Math.ceil(1.1 * encoded.bytes.length)),
      this.maxBytes,
    );
    return encoded;
  }

  /** The calls of the range with the columns and, if it is not one of them, the id. */
  private select(range: CallRange, client: PgClient): string {
    const { query, columns } = this;
    const parts = {
      call: { query: query.matches(range), values: [query.call('assistantId')] },
      // It sees the calls by what is selected of them.
      assistant: {
        query: query.assistants(`${query.assistant('id')} = call.c0`).limit(1),
        values: ['1'],
      },
    };
    const select = (of: ExportColumn['of'], value: string) =>
      `${of}.c${parts[of].values.push(value) - 1}`;
    const selected = columns.map(({ of, field, kind }) => {
      const value = query[of](field);
      // What is sent of other types than text is not their text.
      return select(of, kind === 'text' ? `CAST(${value} AS text)` : value);
    });
    if (this.idIndex === columns.length) selected.push(select('call', query.call('id')));
    const [calls, assistant] = [parts.call, parts.assistant].map((part) =>
      inlineParameters(selectValues(part.query, part.values), client),
    );
    // LATERAL keeps the calls in their order. LIMIT keeps an assistant that a view has twice from doubling its calls.
    return `
      SELECT ${selected.join(', ')}
      FROM (${calls}) AS call
      LEFT JOIN LATERAL (${assistant}) AS assistant ON true`;
  }

  private withClient<T>(work: (client: PgClient) => Promise<T>): Promise<T> {
    return this.connections.use((_, connection) => work(connection as PgClient));
  }
}
