import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith, type Requirement } from '@calls/testing';
import { guarded, LONG_ID } from './calls';
import type { Reader } from './reader';
import type { Guide } from './snippets';

export const DUCKDB: Requirement = {
  name: '@duckdb/node-api in the directory DUCKDB_NODE_API',
  isInstalled: () =>
    existsSync(join(process.env['DUCKDB_NODE_API'] ?? '', 'node_modules/@duckdb/node-api')),
};

/** What DuckDB has in a table, as rows of texts and nulls. */
const duckDbRows = (table: string) => `
SELECT id::VARCHAR, call_sid, assistant_name, customer_phone_number, status, duration::VARCHAR,
  strftime(started_at, '%Y-%m-%dT%H:%M:%S'), strftime(ended_at, '%Y-%m-%dT%H:%M:%S')
FROM ${table} ORDER BY id`;

export function duckDb(guide: Guide, reader: Reader): void {
  describeWith(['bash', 'curl', DUCKDB], 'with DuckDB', () => {
    const download = guide.take('DuckDB: sh');
    const ofNdjson = guide.take('DuckDB: sql');
    const ofCsv = guide.take('DuckDB: sql 2');
    const days = guide.take('Into DuckDB: sh');
    const upsert = guide.take('Into DuckDB: sql');

    it('reads NDJSON and CSV, and tells null from empty text', async () => {
      await reader.workplace.shell(download);
      expect(await reader.workplace.duckDb(ofNdjson, duckDbRows('calls'))).toEqual(
        await reader.stored(),
      );
      expect(await reader.workplace.duckDb(ofCsv, duckDbRows('calls_of_csv'))).toEqual(
        guarded(await reader.stored()),
      );
      const guess = { name: 'a guess', text: '' };
      expect(
        await reader.workplace.duckDb(
          guess,
          `SELECT count(*)::INTEGER FROM read_csv('calls.csv') WHERE "Assistant Name" IS NULL`,
        ),
      ).toEqual([[2]]);
    });

    it('reads a file without calls', async () => {
      await reader.dataSource.query('TRUNCATE calls');
      await reader.workplace.shell(download);
      expect(await reader.workplace.duckDb(ofNdjson, duckDbRows('calls'))).toEqual([]);
      expect(await reader.workplace.duckDb(ofCsv, duckDbRows('calls_of_csv'))).toEqual([]);
    });

    it('loads the last days again, and replaces what has changed', async () => {
      const ofDays = async () =>
        (await reader.stored()).filter(([id]) => ['4', '5', LONG_ID].includes(id as string));
      await reader.workplace.shell(days);
      expect(await reader.workplace.duckDb(upsert, duckDbRows('warehouse'))).toEqual(
        await ofDays(),
      );
      await reader.endCall4AndAdd5();
      await reader.workplace.shell(days);
      const rows = await reader.workplace.duckDb(upsert, duckDbRows('warehouse'));
      expect(rows).toEqual(await ofDays());
      expect(rows).toHaveLength(3);
    });
  });
}
