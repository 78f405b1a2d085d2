// @slow
import { buffer } from 'node:stream/consumers';
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, EVERY_DATABASE } from '@calls/testing';
import { parse } from 'papaparse';
import { Assistant, Call } from '../src';
import { UnexportableCallError } from '../src';
import { anyDataSourceOptions, ExportingHost, postgresOptions } from './exporting-host';
import { insertCalls } from './insert-calls';

const TIMEOUT_MS = 60_000;

describeEachDatabase(
  'A call with extreme values',
  anyDataSourceOptions,
  (database) => {
    let host: ExportingHost;
    const kind = () => database.url.split(':')[0];

    beforeAll(async () => {
      host = await ExportingHost.start(database);
    });
    afterAll(() => host.close());
    beforeEach(() => database.dataSource.createQueryBuilder().delete().from(Call).execute());

    /** Adds call 102 with a time as the database writes it. */
    async function addCallWith(field: string, time: string): Promise<void> {
      const runner = database.dataSource.createQueryRunner();
      try {
        // Makes MariaDB accept a day that does not exist.
        if (kind() === 'mysql') await runner.query("SET SESSION sql_mode = ''");
        await runner.query(
          `INSERT INTO calls (id, account_id, call_sid, status, created_at, ${field})
           VALUES (102, 1, 'CA102', 'busy', '2023-10-30 00:00:00', '${time}')`,
        );
      } finally {
        await runner.release();
      }
    }

    it('makes a valid file, whatever characters its texts have', async () => {
      const controls = String.fromCharCode(...Array(31).keys(), 0x7f).slice(1);
      await database.dataSource.getRepository(Call).insert({
        accountId: 1,
        callSid: 'CA1',
        status: controls,
        customerPhoneNumber: 'a\ud800b\u2028\uffff😀',
      });
      const utf8 = new TextDecoder('utf-8', { fatal: true });
      const json = utf8.decode(await buffer(await host.stream({ format: 'json' })));
      const [call] = JSON.parse(json) as [{ status: string; customer_phone_number: string }];
      expect(call.status).toBe(controls);
      // The drivers send a lone surrogate as the replacement character.
      expect(call.customer_phone_number).toMatch(/^a[^ab]+b\u2028\uffff😀$/);
      const csv = utf8.decode(await buffer(await host.stream({ format: 'csv' })));
      const [, , , phone, status] = parse<string[]>(csv, { newline: '\r\n' }).data[1] as string[];
      expect([phone, status]).toEqual([call.customer_phone_number, controls]);
    });

    it("has the right times from the database's first year to the year 9999", async () => {
      // The years of MariaDB and MySQL begin with 1000 (see DATETIME in their manuals).
      const first = kind() === 'mysql' ? '1000-01-01 00:00:00' : '0001-01-01 00:00:00';
      for (const time of [first, '9999-12-31 23:59:59']) {
        await addCallWith('started_at', kind() === 'postgres' ? `${time}.999999+00` : time);
        const [call] = JSON.parse(await host.export({ format: 'json' })) as [
          { started_at: string },
        ];
        expect(call.started_at).toBe(time.replace(' ', 'T'));
        expect(await host.export({ format: 'csv' })).toContain(`"${time.replace(' ', 'T')}"`);
        await database.dataSource.createQueryBuilder().delete().from(Call).execute();
      }
    });

    it.each([{}, { copy: false }])(
      'with a long name is exported with all others, in pieces that keep to the page size (%j)',
      async (options) => {
        const CALLS = 600;
        const PAGE_BYTES = 256 * 1024;
        const name = `"${'x\u001f'.repeat(25_000)}`;
        const { id } = await database.dataSource
          .getRepository(Assistant)
          .save({ accountId: 1, name });
        const calls = Array.from({ length: CALLS }, (_, index) => ({
          accountId: 1,
          callSid: `CA${index}`,
          assistantId: index % 3 === 0 ? id : undefined,
          status: 'busy',
        }));
        await insertCalls(database.dataSource, calls);
        const host = await ExportingHost.start(database, { ...options, pageMemory: 1 });
        const line = Buffer.byteLength(JSON.stringify(name)) + 300;
        const pieces: Buffer[] = [];
        for await (const piece of await host.stream({ format: 'json' })) {
          pieces.push(piece as Buffer);
        }
        expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(
          Math.max(PAGE_BYTES, line),
        );
        const exported = JSON.parse(Buffer.concat(pieces).toString()) as {
          call_sid: string;
          assistant_name: string | null;
        }[];
        expect(exported.map(({ call_sid }) => call_sid)).toEqual(
          calls.map(({ callSid }) => callSid),
        );
        expect(
          exported.every((call, index) => call.assistant_name === (index % 3 === 0 ? name : null)),
        ).toBe(true);
      },
      TIMEOUT_MS,
    );

    const OUT_OF_RANGE: Record<string, string[]> = {
      postgres: [
        'infinity',
        '-infinity',
        '0001-12-31 23:59:59.999999+00 BC',
        '4714-11-24 00:00:00+00 BC',
        '10000-01-01 00:00:00+00',
        '294276-12-31 23:59:59+00',
      ],
      mysql: ['0000-00-00 00:00:00', '2023-00-10 00:00:00'],
      sqljs: ['infinity', 'no time', '+010000-01-01T00:00:00.000Z'],
    };

    it.each([
      ['started_at', {}],
      ['ended_at', {}],
      ['ended_at', { copy: false }],
    ])(
      'fails the export with an error that names the call if the year of %s is not in 1 to 9999 (%j)',
      async (field, options) => {
        const host = await ExportingHost.start(database, options);
        for (const time of OUT_OF_RANGE[kind() as string] as string[]) {
          await addCallWith(field, time);
          for (const format of ['csv', 'json'] as const) {
            await expect(host.export({ format })).rejects.toThrow(
              new UnexportableCallError('102', field),
            );
          }
          await database.dataSource.createQueryBuilder().delete().from(Call).execute();
        }
      },
      TIMEOUT_MS,
    );
  },
  EVERY_DATABASE,
);

describeEachDatabase('Calls with extreme values on PostgreSQL', postgresOptions, (database) => {
  let host: ExportingHost;

  beforeAll(async () => {
    host = await ExportingHost.start(database);
  });
  afterAll(() => host.close());
  beforeEach(() =>
    database.dataSource.query('TRUNCATE calls, assistants RESTART IDENTITY CASCADE'),
  );

  it('fail the export in the middle of the file, with an error that names the call that cannot be exported', async () => {
    await seedCalls(database.dataSource, 1, 4_000);
    await database.dataSource.query(`UPDATE calls SET ended_at = 'infinity' WHERE id = 3456`);
    const stream = await host.stream({ format: 'csv' });
    let text = '';
    const take = async () => {
      for await (const piece of stream) text += piece;
    };
    await expect(take()).rejects.toThrow(
      "Call 3456 can't be exported: its ended_at is not in the years 0001 to 9999",
    );
    expect(text.split('\r\n').length).toBeGreaterThan(500);
  });

  it(
    'are all exported if one of them is larger than a page',
    async () => {
      const name = 'x"'.repeat(5_000_000);
      const { id } = await database.dataSource
        .getRepository(Assistant)
        .save({ accountId: 1, name });
      await database.dataSource.query(
        `INSERT INTO calls (account_id, call_sid, status, assistant_id)
       SELECT 1, n, 'busy', CASE WHEN n IN (2, 3) THEN $1::int END FROM generate_series(1, 4) AS n`,
        [id],
      );
      const calls = JSON.parse(await host.export({ format: 'json' })) as {
        assistant_name: string;
      }[];
      expect(calls.map((call) => call.assistant_name)).toEqual([null, name, name, null]);
    },
    TIMEOUT_MS,
  );

  it.each([{}, { startedFrom: 0n }])(
    'are all exported, in pieces that fit into memory, if names have a megabyte (%j)',
    async (filter) => {
      const CALLS = 120;
      const NAME = `"${'x,'.repeat(500_000)}\n`;
      const { id } = await database.dataSource
        .getRepository(Assistant)
        .save({ accountId: 1, name: NAME });
      await database.dataSource.query(
        `INSERT INTO calls (account_id, call_sid, status, assistant_id, started_at)
         SELECT 1, n, 'busy', CASE WHEN n % 2 = 0 THEN $1::int END, to_timestamp(n % 10)
         FROM generate_series(1, ${2 * CALLS}) AS n`,
        [id],
      );
      const pieces: Buffer[] = [];
      for await (const piece of await host.stream({ ...filter, format: 'json' }))
        pieces.push(piece as Buffer);
      expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(20_000_000);
      const calls = JSON.parse(Buffer.concat(pieces).toString()) as {
        id: number;
        assistant_name: string | null;
        started_at: string;
      }[];
      const order = calls.map((call) => [call.started_at, call.id] as const);
      if ('startedFrom' in filter) {
        order.sort(([a, i], [b, j]) => (a === b ? i - j : a < b ? -1 : 1));
      }
      expect(calls.map((call) => call.id)).toEqual(order.map(([, callId]) => callId));
      expect(new Set(calls.map((call) => call.id)).size).toBe(2 * CALLS);
      expect(calls.every((call) => call.assistant_name === (call.id % 2 === 0 ? NAME : null))).toBe(
        true,
      );
      // The pool has recovered from the connections that were closed in the middle of a page.
      expect(await host.exportedIds()).toHaveLength(2 * CALLS);
    },
    TIMEOUT_MS,
  );
});
