import type { CallRow } from './call-row';
import type { CallKey, CallRange, CallsQuery } from './calls-query';
import type { CallsReader, EncodedCalls } from './calls-reader';
import type { ResolvedOptions } from './calls-export-options';
import { encodeCsvRows } from './encode-csv';
import { encodeJsonRows } from './encode-json';
import { withConnection } from './connection';
import { UnexportableCallError } from './export-errors';
import type { ExportFormat } from './export-format';

const FIELDS = { startedAt: 'started_at', endedAt: 'ended_at' };

/** Reads the calls as rows and encodes them here, on any SQL database of TypeORM's. */
export class QueryReader implements CallsReader {
  constructor(
    private readonly query: CallsQuery,
    private readonly format: ExportFormat,
    private readonly options: ResolvedOptions,
  ) {}

  lastKey(after: CallKey | undefined, count: number, to?: CallKey): Promise<CallKey | undefined> {
    return withConnection(this.query.entities.dataSource, (runner) =>
      this.query.lastKey(after, count, to).setQueryRunner(runner).getRawOne<CallKey>(),
    );
  }

  async read(range: CallRange): Promise<EncodedCalls> {
    const query = this.query.matches(range);
    query.addSelect(this.query.assistantName(query).getQuery(), 'assistant_name');
    const rows = await withConnection(this.query.entities.dataSource, (runner) =>
      query.setQueryRunner(runner).getRawMany<CallRow>(),
    );
    const [startedAt, endedAt] = [this.utcSeconds('startedAt'), this.utcSeconds('endedAt')];
    for (const row of rows) {
      // A bigint comes as text.
      if (row.duration !== null) row.duration = Number(row.duration);
      row.started_at = startedAt(row.started_at, row.id);
      row.ended_at = endedAt(row.ended_at, row.id);
    }
    const text =
      this.format === 'csv' ? encodeCsvRows(rows, this.options.formulaGuard) : encodeJsonRows(rows);
    return { text, count: rows.length };
  }

  /** Formats a column's times by the driver, which knows in what zone it keeps them. */
  private utcSeconds(property: keyof typeof FIELDS) {
    const { dataSource, calls } = this.query.entities;
    const column = calls.column(property);
    return (raw: unknown, callId: string): string | null => {
      if (raw === null) return null;
      // The infinite times of PostgreSQL come as numbers.
      const date = new Date(dataSource.driver.prepareHydratedValue(raw, column));
      const year = date.getUTCFullYear();
      if (!(year >= 1 && year <= 9999)) throw new UnexportableCallError(callId, FIELDS[property]);
      return date.toISOString().slice(0, -5);
    };
  }
}
