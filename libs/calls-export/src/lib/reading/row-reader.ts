import type { DataSource } from 'typeorm';
import type { Cell, FileEncoder } from '../formats/file-format';
import type { CallKey, CallRange } from '../model/call-key';
import type { ExportColumn } from '../model/export-column';
import { UnexportableCallError } from '../model/export-errors';
import { type CallsQuery, selectValues } from './calls-query';
import type { CallsReader, EncodedCalls } from './calls-reader';
import type { Connections } from './connections';
import type { Dialect } from './dialects/dialect';

/** How a column is read: what is selected, and what makes a cell of a value that is not null. */
interface Source {
  readonly sql: string;
  read(value: unknown): Cell | undefined;
}

/** Reads the calls as rows that the driver makes, from any SQL database of TypeORM's. */
export class RowReader implements CallsReader {
  constructor(
    private readonly query: CallsQuery,
    private readonly columns: readonly ExportColumn[],
    private readonly encoder: FileEncoder,
    private readonly dialect: Dialect,
    private readonly connections: Connections,
  ) {}

  keyAfter(after: CallKey | undefined, count: number, end?: CallKey): Promise<CallKey | undefined> {
    return this.connections.use(async (runner) => {
      const query = this.query.keyAfter(after, count, end).setQueryRunner(runner);
      const row = await query.getRawOne<Record<string, string>>();
      return row && Object.values(row);
    });
  }

  async read(range: CallRange): Promise<EncodedCalls> {
    const { dataSource } = this.query.entities;
    const query = this.query.matches(range);
    const sources = this.columns.map((column) => this.source(column, dataSource));
    const values = sources.map(({ sql }, index) => {
      if (this.columns[index]?.of === 'call') return sql;
      const assistant = this.query.assistantOf(query, this.query.call('assistantId'));
      return assistant.select(sql).getQuery();
    });
    // The first one is the id, by which an error names the call.
    selectValues(query, [this.dialect.asText(this.query.call('id')), ...values]);
    const rows = await this.connections.use((runner) =>
      this.dialect.fetchRows(query, runner, dataSource),
    );
    const text = this.encoder.encodeRows(rows.map((row) => this.cells(row, sources)));
    return { bytes: Buffer.from(text), count: rows.length };
  }

  private cells([id, ...values]: unknown[], sources: readonly Source[]): Cell[] {
    return values.map((value, index) => {
      const cell = value === null ? null : (sources[index] as Source).read(value);
      if (cell !== undefined) return cell;
      throw new UnexportableCallError(String(id), (this.columns[index] as ExportColumn).key);
    });
  }

  private source(column: ExportColumn, dataSource: DataSource): Source {
    const { of, field, kind } = column;
    const expression = of === 'call' ? this.query.call(field) : this.query.assistant(field);
    const metadata = this.query.entities.columnOf(column);
    switch (kind) {
      case 'integer':
        return { sql: this.dialect.asText(expression), read: toInteger };
      case 'text':
        return { sql: this.dialect.textCell(expression, metadata, dataSource), read: String };
      case 'time':
        return this.dialect.timeCell(expression, metadata, dataSource);
      default:
        return kind satisfies never;
    }
  }
}

/** A number, or a bigint where a number would not be exact. */
function toInteger(text: unknown): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(String(text));
}
