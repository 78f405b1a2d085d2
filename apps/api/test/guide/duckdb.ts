import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith, type Requirement } from '@calls/testing';
import { escaped, LONG_ID } from './calls';
import type { Reader } from './reader';
import type { Guide } from './snippets';

export const DUCKDB: Requirement = {
  name: '@duckdb/node-api in the directory DUCKDB_NODE_API',
  isInstalled: () =>
    existsSync(join(process.env['DUCKDB_NODE_API'] ?? '', 'node_modules/@duckdb/node-api')),
};

/** Selects a table in the format of `storedRows`. */
const duckDbRows = (table: string) => `
SELECT id::VARCHAR, call_sid, assistant_name, customer_phone_number, status, duration::VARCHAR,
  strftime(started_at, '%Y-%m-%dT%H:%M:%S'), strftime(ended_at, '%Y-%m-%dT%H:%M:%S')
FROM ${table} ORDER BY id`;

export function duckDb(guide: Guide, reader: Reader): void {
  describeWith(['bash', 'curl', DUCKDB], 'with DuckDB', () => {
    const download = guide.take('DuckDB: sh');
    const readNdjson = guide.take('DuckDB: sql');
    const readCsv = guide.take('DuckDB: sql 2');
    const days = guide.take('Into DuckDB: sh');
    const upsert = guide.take('Into DuckDB: sql');

    it('reads NDJSON and CSV, and distinguishes null from empty text', async () => {
      await reader.workspace.shell(download);
      expect(await reader.workspace.duckDb(readNdjson, duckDbRows('calls'))).toEqual(
        await reader.stored(),
      );
      expect(await reader.workspace.duckDb(readCsv, duckDbRows('calls_of_csv'))).toEqual(
        escaped(await reader.stored()),
      );
      const empty = { name: 'no snippet', text: '' };
      expect(
        await reader.workspace.duckDb(
          empty,
          `SELECT count(*)::INTEGER FROM read_csv('calls.csv') WHERE "Assistant Name" IS NULL`,
        ),
      ).toEqual([[2]]);
    });

    it('reads files without calls', async () => {
      await reader.dataSource.query('TRUNCATE calls');
      await reader.workspace.shell(download);
      expect(await reader.workspace.duckDb(readNdjson, duckDbRows('calls'))).toEqual([]);
      expect(await reader.workspace.duckDb(readCsv, duckDbRows('calls_of_csv'))).toEqual([]);
    });

    it('reloads the last days, and updates changed calls', async () => {
      const ofDays = async () =>
        (await reader.stored()).filter(([id]) => ['4', '5', LONG_ID].includes(id as string));
      await reader.workspace.shell(days);
      expect(await reader.workspace.duckDb(upsert, duckDbRows('warehouse'))).toEqual(
        await ofDays(),
      );
      await reader.endCall4AndAdd5();
      await reader.workspace.shell(days);
      const rows = await reader.workspace.duckDb(upsert, duckDbRows('warehouse'));
      expect(rows).toEqual(await ofDays());
      expect(rows).toHaveLength(3);
    });
  });
}
