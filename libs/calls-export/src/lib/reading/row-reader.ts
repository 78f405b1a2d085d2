import type { QueryRunner } from 'typeorm';
import type { Cell, EncodedCalls, FileEncoder } from '../formats/file-format';
import { timeText } from '../formats/zone-times';
import type { CallKey, CallRange } from '../model/call-key';
import type { ExportColumn } from '../model/export-column';
import { UnexportableCallError } from '../model/export-errors';
import type { CallsQuery } from './calls-query';
import type { PageReader } from './page-reader';
import type { Connections } from './connections';
import type { Dialect, RowCell } from './dialects/dialect';
import { encodeRows } from './encode-rows';
import { idIndexOf } from './id-column';
import { selectValues } from './select-values';

/** The values of the assistants' columns, by the assistant's id as text. */
type Assistants = ReadonlyMap<string, readonly unknown[]>;

/** How many ids a statement may list. SQLite allows 32,766 parameters. */
const IDS_MAX = 10_000;

/** Reads calls as rows of the driver, through TypeORM. Works on every supported database. */
export class RowReader implements PageReader {
  /** The index of the call's id among a row's values. */
  private readonly idIndex: number;
  /** How to read each column. */
  private readonly sources: readonly RowCell[];
  /** The indexes of the columns whose values come from the assistant. */
  private readonly assistantColumns: readonly number[];
  /** The earliest and the latest time that the format can write. */
  private readonly times: readonly [string, string];

  constructor(
    private readonly query: CallsQuery,
    private readonly columns: readonly ExportColumn[],
    private readonly encoder: FileEncoder,
    private readonly dialect: Dialect,
    private readonly connections: Connections,
    private readonly maxBytes: number,
  ) {
    const { dataSource } = query.entities;
    this.sources = columns.map((column) =>
      dialect.rowCell(
        column,
        query[column.of](column.field),
        query.entities.columnOf(column),
        dataSource,
      ),
    );
    this.idIndex = idIndexOf(query.entities, columns);
    this.assistantColumns = columns.flatMap(({ of }, index) => (of === 'assistant' ? [index] : []));
    const { first, last } = encoder.cells.times;
    this.times = [timeText(first), timeText(last)];
  }

  get mayReadAhead(): boolean {
    return this.connections.areFree;
  }

  keyAfter(after: CallKey | undefined, count: number, end?: CallKey): Promise<CallKey | undefined> {
    return this.connections.transaction(async (runner) => {
      const query = this.query.keyAfter(after, count, end).setQueryRunner(runner);
      const row = await query.getRawOne<Record<string, string>>();
      return row && Object.values(row);
    });
  }

  async read(range: CallRange): Promise<EncodedCalls> {
    const { dialect, query } = this;
    const { dataSource } = query.entities;
    const values = this.sources.map(({ sql }, index) =>
      this.assistantColumns.includes(index) ? dialect.asText(query.call('assistantId')) : sql,
    );
    if (this.idIndex === values.length) values.push(dialect.asText(query.call('id')));
    const calls = selectValues(query.matches(range), values);
    const [rows, assistants] = await this.connections.transaction(async (runner) => {
      const fetched = await dialect.fetchRows(calls, runner, dataSource);
      return [fetched, await this.assistantsOf(fetched, runner)] as const;
    });
    for (const row of rows) this.convertRow(row, assistants);
    return encodeRows(rows as Cell[][], this.encoder, this.maxBytes);
  }

  /** Reads the assistants of a page's calls. One lookup for the page is cheaper than a join for each call. */
  private async assistantsOf(rows: readonly unknown[][], runner: QueryRunner): Promise<Assistants> {
    const { dialect, query, assistantColumns } = this;
    const found = new Map<string, readonly unknown[]>();
    const [first] = assistantColumns;
    if (first === undefined) return found;
    const ids = [...new Set(rows.map((row) => row[first]))].filter((id) => id !== null);
    const id = query.assistant('id');
    const idText = dialect.asText(id);
    const values = [
      idText,
      ...assistantColumns.map((index) => (this.sources[index] as RowCell).sql),
    ];
    const { joinsByText } = query.entities;
    const comparedId = joinsByText ? idText : id;
    const idForm = joinsByText ? 'text' : query.entities.of('assistant').form('id');
    for (let done = 0; done < ids.length; done += IDS_MAX) {
      const some = ids.slice(done, done + IDS_MAX);
      const own = query.assistants().andWhere(dialect.isOneOf(comparedId, idForm), { some });
      const assistants = selectValues(own, values);
      const fetched = await dialect.fetchRows(assistants, runner, query.entities.dataSource);
      for (const [assistantId, ...cells] of fetched) found.set(String(assistantId), cells);
    }
    return found;
  }

  /** Converts a row's values to cells in place, and drops the additional id. */
  private convertRow(row: unknown[], assistants: Assistants): void {
    const { sources, columns } = this;
    const assistant = this.assistantOf(row, assistants);
    let ofAssistant = 0;
    for (let index = 0; index < sources.length; index++) {
      if ((columns[index] as ExportColumn).of === 'assistant') {
        if (!assistant) {
          row[index] = null;
          continue;
        }
        row[index] = assistant[ofAssistant++];
      }
      row[index] = this.toCell(row, index);
    }
    row.length = sources.length;
  }

  private toCell(row: readonly unknown[], index: number): Cell {
    let cell: Cell | undefined;
    let failure: { readonly cause: unknown } | undefined;
    try {
      cell = (this.sources[index] as RowCell).read(row[index]);
    } catch (cause) {
      failure = { cause };
    }
    const { key, kind } = this.columns[index] as ExportColumn;
    if (cell !== undefined && (kind !== 'time' || this.isWritable(cell))) return cell;
    throw new UnexportableCallError(String(row[this.idIndex]), key, kind, failure);
  }

  private isWritable(time: Cell): boolean {
    const [first, last] = this.times;
    return typeof time !== 'string' || (time >= first && time <= last);
  }

  private assistantOf(
    row: readonly unknown[],
    assistants: Assistants,
  ): readonly unknown[] | undefined {
    // Without an assistant column, there are no assistants to find, whatever `id` is.
    const id = row[this.assistantColumns[0] as number];
    // Checked before `String(id)`, since an assistant's id may be the text `null`.
    return id === null ? undefined : assistants.get(String(id));
  }
}
