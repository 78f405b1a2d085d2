import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describeEachDatabase, EVERY_DATABASE } from '@calls/testing';
import { Logger } from '@nestjs/common';
import type { DataSourceOptions } from 'typeorm';
import { Assistant, entitiesOnTables, TooManyExportsError } from '../src';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';
import { insertCalls } from './insert-calls';

const CALLS = 3_000;

/** Sets the session's time zone, which must not affect the times in a file. */
function inTokyo(url: string): DataSourceOptions {
  const options = anyDataSourceOptions(url);
  if (options.type !== 'postgres') return options;
  return { ...options, extra: { options: '-c TimeZone=Asia/Tokyo' } };
}

describeEachDatabase(
  'CallsExportService',
  inTokyo,
  (database) => {
    let host: ExportingHost;

    beforeAll(async () => {
      host = await ExportingHost.start(database, {
        pageSize: 100,
        maxPerAccount: 1,
        formulaGuard: false,
        byteOrderMark: true,
      });
      const { id } = await database.dataSource
        .getRepository(Assistant)
        .save({ accountId: 1, name: '=1+1' });
      const calls = Array.from({ length: CALLS }, (_, index) => ({
        accountId: 1,
        callSid: `CA${index}`,
        assistantId: id,
        status: '@home',
        customerPhoneNumber: '=2+2',
        startedAt: new Date(Date.UTC(2023, 9, 30) + index),
      }));
      await insertCalls(database.dataSource, calls);
    }, 60_000);
    afterAll(() => host.close());

    it('applies formulaGuard: false and byteOrderMark: true in CSV only', async () => {
      const csv = await text(await host.stream()).then((all) => all.split('\r\n'));
      // `text` strips the byte order mark.
      const bytes = Buffer.concat(await (await host.stream()).toArray());
      expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
      expect(csv).toHaveLength(CALLS + 2);
      expect(csv[1]).toMatch(/^\d+,"CA0","=1\+1","=2\+2","@home",,"2023-10-30T00:00:00",$/);
      expect((await host.export({ format: 'json' })).slice(0, 2)).toBe('[\n');
    });

    it("reports a stream's progress to the last row and byte", async () => {
      const stream = await host.stream({ format: 'json' });
      expect(stream.progress).toEqual({ rows: 0, bytes: 0 });
      const seen: number[] = [];
      let bytes = 0;
      for await (const piece of stream) {
        bytes += Buffer.byteLength(piece);
        seen.push(stream.progress.rows);
      }
      expect(stream.progress).toEqual({ rows: CALLS, bytes });
      // Page by page, not all at once.
      expect(new Set(seen).size).toBeGreaterThan(CALLS / 100 - 1);
    });

    it('writes times in a time zone in every format, and logs the zone', async () => {
      const log = jest.spyOn(Logger.prototype, 'log').mockImplementation();
      const query = {
        timeZone: 'America/St_Johns',
        startedBefore: new Date('2023-10-30T00:00:01Z'),
      };
      const [csv, json, ndjson] = [
        await host.export({ ...query, format: 'csv' }),
        await host.export({ ...query, format: 'json' }),
        await host.export({ ...query, format: 'ndjson' }),
      ];
      const ends = [
        [csv, '\r\n'],
        [json, '\n'],
        [ndjson, '\n'],
      ] as const;
      for (const [file, end] of ends) {
        expect(file).not.toMatch('2023-10-30');
        expect(
          file.split(end).filter((line) => line.includes('"2023-10-29T21:30:00"')),
        ).toHaveLength(1_000);
      }
      expect(log.mock.calls.map(([line]) => line)).toEqual(
        ['csv', 'json', 'ndjson'].map((format) =>
          expect.objectContaining({
            parameters: expect.objectContaining({ format, timeZone: 'America/St_Johns' }),
          }),
        ),
      );
      log.mockRestore();
    });

    it('counts calls, which uses a slot like an export', async () => {
      const counting = host.count();
      await expect(host.stream()).rejects.toThrow(TooManyExportsError);
      expect(await counting).toBe(CALLS);
      expect(await host.exportedIds()).toHaveLength(CALLS);
    });

    it('accepts Date objects for the range of starts', async () => {
      const ids = await host.exportedIds({
        startedFrom: new Date('2023-10-30T00:00:00.010Z'),
        startedBefore: new Date('2023-10-30T00:00:00.013Z'),
      });
      expect(ids).toHaveLength(3);
    });

    it('is stopped by a signal before or during the stream', async () => {
      const reason = new Error('the job was canceled');
      await expect(host.stream({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

      const early = new AbortController();
      const starting = host.stream({ signal: early.signal });
      early.abort(reason);
      await expect(starting).rejects.toBe(reason);

      const late = new AbortController();
      const stream = await host.stream({ signal: late.signal });
      stream.on('data', () => late.abort(reason));
      await expect(once(stream, 'end')).rejects.toMatchObject({
        name: 'AbortError',
        cause: reason,
      });
      expect(stream.progress.rows).toBeLessThan(CALLS);

      // The account's only slot is free again each time.
      const refused = await host.stream({ signal: late.signal }).catch((error: unknown) => error);
      expect(refused).toBe(reason);
      expect(await host.exportedIds()).toHaveLength(CALLS);
    });

    it.each<[object, string]>([
      [{ format: 'xml' }, 'format must be one of csv, json, ndjson, xlsx, got xml'],
      [{ startedFrom: new Date(NaN) }, 'startedFrom is not a valid date'],
      [
        { timeZone: '+02:00' },
        'timeZone must be an IANA time zone name such as Europe/Berlin, got +02:00',
      ],
      [
        { timeZone: null },
        'timeZone must be an IANA time zone name such as Europe/Berlin, got null',
      ],
    ])('rejects %j, and frees its slot', async (query, sentence) => {
      await expect(host.stream(query)).rejects.toThrow(sentence);
      expect(await host.exportedIds()).toHaveLength(CALLS);
    });
  },
  EVERY_DATABASE,
);

const TABLES = entitiesOnTables({
  accountType: 'text',
  calls: {
    table: 'phone_calls',
    columns: {
      id: 'number',
      accountId: 'tenant',
      callSid: 'sid',
      assistantId: 'agent',
      customerPhoneNumber: 'customer',
      status: 'state',
      duration: 'secs',
      startedAt: 'begun',
      endedAt: 'over_at',
    },
  },
  assistants: {
    table: 'agents',
    columns: { id: 'number', accountId: 'tenant', name: 'title' },
  },
});

/** Tables that TypeORM knows only by these entities. */
function ownTables(url: string): DataSourceOptions {
  const entities = [TABLES.calls.entity, TABLES.assistants.entity];
  if (url.startsWith('postgres')) return { type: 'postgres', url, entities, synchronize: true };
  return url.startsWith('mysql')
    ? { type: 'mariadb', url, timezone: 'Z', entities, synchronize: true }
    : { type: 'sqljs', entities, synchronize: true };
}

describeEachDatabase(
  'Tables with other names, whose accounts are texts,',
  ownTables,
  (database) => {
    let host: ExportingHost;

    beforeAll(async () => {
      const { dataSource } = database;
      const time = dataSource.options.type === 'postgres' ? 'timestamp' : 'datetime';
      for (const statement of [
        'CREATE TABLE agents (number int PRIMARY KEY, tenant varchar(20), title varchar(20))',
        `CREATE TABLE phone_calls (
           number int PRIMARY KEY, tenant varchar(20), sid varchar(34), agent int, customer varchar(20),
           state varchar(20), secs bigint, begun ${time}, over_at ${time})`,
        `INSERT INTO agents VALUES (1, 'acme', 'Support Bot'), (2, '0', 'Theirs')`,
        `INSERT INTO phone_calls VALUES
           (1, 'acme', 'CA1', 1, '+15559876543', 'completed', 300, '2023-10-30 10:00:00.000', '2023-10-30 10:05:00.999'),
           (2, '0', 'CA2', 2, NULL, 'completed', NULL, NULL, NULL),
           (3, 'acme', 'CA3', 2, NULL, 'queued', NULL, '2023-10-31 10:00:00.000', NULL),
           (4, 'acme', NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
      ]) {
        await dataSource.query(statement);
      }
      host = await ExportingHost.start(database, TABLES);
    }, 60_000);
    afterAll(() => host.close());

    it('are exported as they are', async () => {
      expect(await host.export({ format: 'json' }, 'acme')).toBe(
        '[\n' +
          '{"id":1,"call_sid":"CA1","assistant_name":"Support Bot","customer_phone_number":"+15559876543","status":"completed","duration":300,"started_at":"2023-10-30T10:00:00","ended_at":"2023-10-30T10:05:00"},\n' +
          '{"id":3,"call_sid":"CA3","assistant_name":null,"customer_phone_number":null,"status":"queued","duration":null,"started_at":"2023-10-31T10:00:00","ended_at":null},\n' +
          '{"id":4,"call_sid":null,"assistant_name":null,"customer_phone_number":null,"status":null,"duration":null,"started_at":null,"ended_at":null}\n' +
          ']',
      );
      expect((await host.export({ format: 'csv' }, 'acme')).split('\r\n').at(-2)).toBe('4,,,,,,,');
      const lines = (await host.export({ format: 'ndjson' }, 'acme')).split('\n');
      expect(lines.slice(0, -1).map((line) => JSON.parse(line).id)).toEqual([1, 3, 4]);
    });

    it('are filtered', async () => {
      const startedFrom = new Date('2023-10-30T10:00:01Z');
      expect(await host.exportedIds({ startedFrom }, 'acme')).toEqual([3]);
      expect(await host.exportedIds({ assistantId: 1 }, 'acme')).toEqual([1]);
      expect(await host.exportedIds({ assistantId: 2 }, 'acme')).toEqual([]);
      expect(await host.exportedIds({ status: 'queued' }, 'acme')).toEqual([3]);
    });

    it('match an account that is a number only with its exact text', async () => {
      // MySQL would compare numbers, for which `acme` equals 0.
      expect(await host.exportedIds({}, 0)).toEqual([2]);
    });
  },
  EVERY_DATABASE,
);
