import type { Call } from '@calls/data-access';
import type { Repository } from 'typeorm';
import type { CallRow } from './call-row';
import type { CallKey, CallRange, CallsQuery } from './calls-query';
import type { CallsReader } from './calls-reader';
import { encodeCsvRows } from './encode-csv';
import { encodeJsonRows } from './encode-json';
import type { ExportFormat } from './export-format';

const ENCODE = { csv: encodeCsvRows, json: encodeJsonRows };

/** Reads the calls as rows and encodes them here, on any SQL database of TypeORM's. */
export class QueryReader implements CallsReader {
  constructor(
    private readonly calls: Repository<Call>,
    private readonly query: CallsQuery,
    private readonly format: ExportFormat,
  ) {}

  async lastKey(after: CallKey | undefined, count: number): Promise<CallKey | undefined> {
    return this.query.lastKey(after, count).getRawOne<CallKey>();
  }

  async read(range: CallRange): Promise<string> {
    const rows = await this.query
      .matches(range)
      // An assistant of another account keeps its name to itself.
      .leftJoin('call.assistant', 'assistant', 'assistant.accountId = call.accountId')
      .select(this.query.dialect.asText('call.id'), 'id')
      .addSelect('call.callSid', 'call_sid')
      .addSelect('assistant.name', 'assistant_name')
      .addSelect('call.customerPhoneNumber', 'customer_phone_number')
      .addSelect('call.status', 'status')
      .addSelect('call.duration', 'duration')
      .addSelect('call.startedAt', 'started_at')
      .addSelect('call.endedAt', 'ended_at')
      .getRawMany<CallRow>();
    const [startedAt, endedAt] = [this.utcSeconds('startedAt'), this.utcSeconds('endedAt')];
    for (const row of rows) {
      row.started_at = startedAt(row.started_at);
      row.ended_at = endedAt(row.ended_at);
    }
    return ENCODE[this.format](rows);
  }

  /** Formats a column's times by the driver, which knows in what zone it keeps them. */
  private utcSeconds(property: 'startedAt' | 'endedAt'): (raw: unknown) => string | null {
    const { driver } = this.calls.manager.dataSource;
    const column = this.calls.metadata.findColumnWithPropertyName(property);
    return (raw) => {
      if (raw === null) return null;
      const date: Date = column ? driver.prepareHydratedValue(raw, column) : raw;
      return date.toISOString().slice(0, -5);
    };
  }
}
