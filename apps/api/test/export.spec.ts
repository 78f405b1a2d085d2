import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase } from '@calls/testing';
import { parse } from 'papaparse';
import { dataSourceOptions } from '../src/data-source-options';
import { CallRows } from './call-rows';
import { type Api, exportedIds, startApi } from './start-api';

const HEADER =
  '"Call ID","Call SID","Assistant Name","Customer Phone","Status","Duration (seconds)","Started At","Ended At"\r\n';

describeEachDatabase('GET /api/v1/calls/export', dataSourceOptions, (database) => {
  let api: Api;
  const rows = new CallRows(database);

  beforeAll(async () => {
    api = await startApi(database.url);
  });
  afterAll(() => api.close());
  beforeEach(() => rows.clear());

  async function addReferenceCalls(): Promise<void> {
    await rows.addCall({
      id: 101,
      call_sid: 'CAxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      assistant_id: await rows.addAssistant(1, 'Support Bot'),
      customer_phone_number: '+15559876543',
      duration: 300,
      started_at: '2023-10-30T10:00:00Z',
      ended_at: '2023-10-30T10:05:00Z',
    });
    await rows.addCall({
      id: 102,
      call_sid: 'CAyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy',
      assistant_id: await rows.addAssistant(1, 'Sales Rep'),
      customer_phone_number: '+15551234567',
      duration: 450,
      started_at: '2023-10-30T11:00:00.999999Z',
      ended_at: '2023-10-30T11:07:30.5Z',
    });
  }

  describe('the file', () => {
    it('is CSV by default', async () => {
      await addReferenceCalls();
      const response = await api.export();
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="calls_export.csv"',
        'cache-control': 'no-store',
      });
      expect(await response.text()).toBe(
        HEADER +
          '101,"CAxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","Support Bot","+15559876543","completed",300,"2023-10-30T10:00:00","2023-10-30T10:05:00"\r\n' +
          '102,"CAyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy","Sales Rep","+15551234567","completed",450,"2023-10-30T11:00:00","2023-10-30T11:07:30"\r\n',
      );
    });

    it('is replaced by a 500 that names the call if a call of the first page cannot be written', async () => {
      await addReferenceCalls();
      await rows.addCall({ id: 103, started_at: 'infinity' });
      const response = await api.export();
      expect([response.status, await response.json()]).toEqual([
        500,
        {
          statusCode: 500,
          error: 'Internal Server Error',
          message: "Call 103 can't be exported: its started_at is not in the years 0001 to 9999",
          requestId: response.headers.get('x-request-id'),
        },
      ]);
    });

    it('is JSON with format=json, one call per line', async () => {
      await addReferenceCalls();
      const response = await api.export({ format: 'json' });
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'content-disposition': 'attachment; filename="calls_export.json"',
        'cache-control': 'no-store',
      });
      expect(await response.text()).toBe(
        '[\n' +
          '{"id":101,"call_sid":"CAxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","assistant_name":"Support Bot","customer_phone_number":"+15559876543","status":"completed","duration":300,"started_at":"2023-10-30T10:00:00","ended_at":"2023-10-30T10:05:00"},\n' +
          '{"id":102,"call_sid":"CAyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy","assistant_name":"Sales Rep","customer_phone_number":"+15551234567","status":"completed","duration":450,"started_at":"2023-10-30T11:00:00","ended_at":"2023-10-30T11:07:30"}\n' +
          ']',
      );
    });

    it('is NDJSON with format=ndjson, one object per line', async () => {
      await addReferenceCalls();
      const response = await api.export({ format: 'ndjson' });
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'application/x-ndjson',
        'content-disposition': 'attachment; filename="calls_export.ndjson"',
        'cache-control': 'no-store',
      });
      const lines = (await response.text()).split('\n');
      expect(lines.pop()).toBe('');
      const json = await (await api.export({ format: 'json' })).json();
      expect(lines.map((line) => JSON.parse(line))).toEqual(json);
      expect(lines).toHaveLength(2);
    });

    it('has the CSV header, an empty array or nothing if there are no calls', async () => {
      expect(await (await api.export()).text()).toBe(HEADER);
      expect(await (await api.export({ format: 'json' })).text()).toBe('[]');
      const ndjson = await api.export({ format: 'ndjson' });
      expect([ndjson.status, await ndjson.text()]).toEqual([200, '']);
    });

    it('distinguishes null from an empty string', async () => {
      await rows.addCall({ id: 1, call_sid: '', customer_phone_number: null, status: 'queued' });
      await rows.addCall({ id: 2, call_sid: 'CA2', customer_phone_number: '', status: 'queued' });
      expect(await (await api.export()).text()).toBe(
        `${HEADER}1,"",,,"queued",,,\r\n2,"CA2",,"","queued",,,\r\n`,
      );
      const [first] = (await (await api.export({ format: 'json' })).json()) as unknown[];
      expect(first).toEqual({
        id: 1,
        call_sid: '',
        assistant_name: null,
        customer_phone_number: null,
        status: 'queued',
        duration: null,
        started_at: null,
        ended_at: null,
      });
    });

    it('writes ids exactly up to 2^63 - 1', async () => {
      await rows.addCall({ id: '9223372036854775807', call_sid: 'CA' });
      expect(await (await api.export()).text()).toContain('\r\n9223372036854775807,"CA"');
      expect(await (await api.export({ format: 'json' })).text()).toContain(
        '{"id":9223372036854775807,',
      );
    });

    it.each([
      ['=1+1', "'=1+1"],
      ['+1+1', "'+1+1"],
      ['-1', "'-1"],
      ['@SUM(A1)', "'@SUM(A1)"],
      ['＝1', "'＝1"],
      ['  =1', "'  =1"],
      ['\t=1', "'\t'=1"],
      ['\ttab', "'\ttab"],
      ['\r\nbreak', "'\r\nbreak"],
      ['a=1', 'a=1'],
      ['say "hi", twice\r\nor more', 'say "hi", twice\r\nor more'],
      ['+15551234567', '+15551234567'],
      ['+1555123456789012', "'+1555123456789012"],
      ['+15551234567\n=1', "'+15551234567\n'=1"],
      ['a;=1', "a;'=1"],
      ['a|\t "=1;+15551234567', 'a|\t\' "=1;+15551234567'],
      ["'quoted", "'quoted"],
    ])('escapes formulas in the name %j, in CSV only', async (name, cell) => {
      await rows.addCall({
        assistant_id: await rows.addAssistant(1, name),
        customer_phone_number: name,
      });
      const csv = await (await api.export()).text();
      const { data } = parse<string[]>(csv.slice(HEADER.length), {
        delimiter: ',',
        newline: '\r\n',
      });
      expect(data[0]?.slice(2, 4)).toEqual([cell, cell]);
      expect(await (await api.export({ format: 'json' })).json()).toMatchObject([
        { assistant_name: name, customer_phone_number: name },
      ]);
    });

    it.each([4_000, 8_000])('is complete if %i calls exactly fill the last page', async (count) => {
      await seedCalls(database.dataSource, 1, count);
      const csv = await (await api.export()).text();
      expect(csv.split('\r\n')).toHaveLength(1 + count + 1);
      expect(await exportedIds(api)).toHaveLength(count);
    });

    it('has every call once and in order over many pages', async () => {
      await seedCalls(database.dataSource, 1, 9_000);
      await seedCalls(database.dataSource, 2, 10);
      const byId = await database.dataSource.query(
        'SELECT id::int FROM calls WHERE account_id = 1 ORDER BY id',
      );
      expect(await exportedIds(api)).toEqual(byId.map(({ id }: { id: number }) => id));

      // Many equal starts, starts a microsecond apart, and an order different from the ids.
      await database.dataSource.query(
        `UPDATE calls SET started_at = '2024-01-01'::timestamptz - (id % 3) * interval '1 day' + (id % 2) * interval '1 microsecond'
         WHERE started_at IS NOT NULL`,
      );
      const byStart = await database.dataSource.query(
        `SELECT id::int FROM calls WHERE account_id = 1 AND started_at IS NOT NULL ORDER BY started_at, id`,
      );
      const ids = byStart.map(({ id }: { id: number }) => id);
      expect(ids.length).toBeGreaterThan(6_000);
      expect(await exportedIds(api, { date_from: '2023-12-01' })).toEqual(ids);
      expect(await exportedIds(api, { date_from: '2023-12-01' })).toEqual(ids);
      const csv = await (await api.export()).text();
      expect(parse(csv.trimEnd(), { delimiter: ',' }).data).toHaveLength(9_001);
    }, 60_000);
  });

  it.each([
    ['a UUID', '0b5c0a1e-0000-4000-8000-000000000001'],
    ['255 characters long', 'a'.repeat(255)],
  ])('accepts a call SID that is %s', async (_, sid) => {
    await rows.addCall({ id: 1, call_sid: sid });
    expect(await (await api.export()).text()).toBe(`${HEADER}1,"${sid}",,,"completed",,,\r\n`);
    expect(await (await api.export('format=json')).json()).toMatchObject([{ call_sid: sid }]);
  });
});
