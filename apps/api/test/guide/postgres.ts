import { describeWith } from '@calls/testing';
import { addCall, guarded, rowsOf } from './calls';
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
      reader.workplace.shell({ name: '', text: 'psql "$WAREHOUSE" -f create.sql' });

    it('copies CSV, and then NDJSON with texts as they are', async () => {
      for (const file of [table, copy, copyNdjson]) await reader.workplace.save(file);
      await reader.workplace.shell(load);
      expect(await inWarehouse()).toEqual(guarded(await reader.stored()));
      await reader.workplace.shell(loadNdjson);
      expect(await inWarehouse()).toEqual(await reader.stored());
    });

    it('loads the last days again, and replaces what has changed', async () => {
      for (const file of [table, copyNdjson, upsert]) await reader.workplace.save(file);
      await createTable();
      await reader.workplace.shell(loadNdjson);
      const before = await reader.stored();
      await reader.endCall4AndAdd5();
      // As the table in the guide says, these are not seen.
      await reader.dataSource.query(`UPDATE calls SET status = 'failed' WHERE id IN (1, 2)`);
      await reader.workplace.shell(days);
      const now = await reader.stored();
      expect(await inWarehouse()).toEqual([before[0], before[1], ...now.slice(2)]);
    });

    it('adds the new calls, and does not see what changed', async () => {
      for (const file of [table, upsert]) await reader.workplace.save(file);
      await createTable();
      await reader.workplace.shell(after);
      expect(await inWarehouse()).toEqual(await reader.stored());
      await reader.workplace.shell(after);
      expect(await reader.workplace.read('rows.ndjson')).toBe('');
      const before = await reader.stored();
      await reader.endCall4();
      await addCall(reader.dataSource, '5', 'CA7', 'A lower id');
      await addCall(reader.dataSource, '1234567890123456790', 'CA8', 'A new call');
      await reader.workplace.shell(after);
      expect(await inWarehouse()).toEqual([...before, (await reader.stored()).at(-1)]);
      expect(await reader.workplace.read('last-id')).toBe('1234567890123456790\n');
    });
  });
}
