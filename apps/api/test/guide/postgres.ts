import { describeWith } from '@calls/testing';
import { addCall, escaped, rowsOf } from './calls';
import type { Reader } from './reader';
import type { Guide } from './snippets';

export function postgres(guide: Guide, reader: Reader): void {
  describeWith(['bash', 'curl', 'psql'], 'with PostgreSQL', () => {
    const table = guide.take('PostgreSQL: sql');
    const copy = guide.take('PostgreSQL: sql 2');
    const load = guide.take('PostgreSQL: sh');
    const copyNdjson = guide.take('PostgreSQL: sql 3');
    const loadNdjson = guide.take('PostgreSQL: sh 2');
    const upsert = guide.take('Into PostgreSQL: sql');
    const days = guide.take('Into PostgreSQL: sh');
    const after = guide.take('Only the new calls: sh');

    const inWarehouse = () => rowsOf(reader.dataSource, 'SELECT * FROM warehouse.calls');
    const createTable = () =>
      reader.workspace.shell({ name: '', text: 'psql "$WAREHOUSE" -f create.sql' });

    it('copies CSV, and NDJSON without escaped formulas', async () => {
      for (const file of [table, copy, copyNdjson]) await reader.workspace.save(file);
      await reader.workspace.shell(load);
      expect(await inWarehouse()).toEqual(escaped(await reader.stored()));
      await reader.workspace.shell(loadNdjson);
      expect(await inWarehouse()).toEqual(await reader.stored());
    });

    it('reloads the last days, and updates changed calls', async () => {
      for (const file of [table, copyNdjson, upsert]) await reader.workspace.save(file);
      await createTable();
      await reader.workspace.shell(loadNdjson);
      const before = await reader.stored();
      await reader.endCall4AndAdd5();
      // The guide's table says that these changes are missed.
      await reader.dataSource.query(`UPDATE calls SET status = 'failed' WHERE id IN (1, 2)`);
      await reader.workspace.shell(days);
      const now = await reader.stored();
      expect(await inWarehouse()).toEqual([before[0], before[1], ...now.slice(2)]);
    });

    it('adds new calls, and misses changes', async () => {
      for (const file of [table, upsert]) await reader.workspace.save(file);
      await createTable();
      await reader.workspace.shell(after);
      expect(await inWarehouse()).toEqual(await reader.stored());
      await reader.workspace.shell(after);
      expect(await reader.workspace.read('rows.ndjson')).toBe('');
      const before = await reader.stored();
      await reader.endCall4();
      await addCall(reader.dataSource, '5', 'CA7', 'A lower id');
      await addCall(reader.dataSource, '1234567890123456790', 'CA8', 'A new call');
      await reader.workspace.shell(after);
      expect(await inWarehouse()).toEqual([...before, (await reader.stored()).at(-1)]);
      expect(await reader.workspace.read('last-id')).toBe('1234567890123456790\n');
    });
  });
}
