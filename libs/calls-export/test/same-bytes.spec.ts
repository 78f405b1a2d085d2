import { buffer } from 'node:stream/consumers';
import { type DatabaseKind, describeEachDatabase, EVERY_DATABASE } from '@calls/testing';
import * as fc from 'fast-check';
import { Assistant, Call, CALL_STATUSES, type CallsExportOptions, type CallStatus } from '../src';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';
import { csvText } from './csv-reference';
import { insertCalls } from './insert-calls';
import { readWorkbook, valuesOf } from './read-workbook';

const HEADER =
  '"Call ID","Call SID","Assistant Name","Customer Phone","Status","Duration (seconds)","Started At","Ended At"\r\n';

type NewCall = Partial<Pick<Call, 'id' | 'accountId' | 'callSid' | 'duration'>> & {
  assistant?: string | null;
  phone?: string | null;
  status?: string;
  startedAt?: Date | null;
  endedAt?: Date | null;
};

const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;

const nasty = fc.constantFrom(
  ...'=+-@＝＋－＠"\'\\,;|\r\n\t\v\f \u00a0\u2003\u3000\ufeff\u0001\u0002\u007f0aZ{é☎'.split(''),
);
const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: nasty, maxLength: 8 }),
    fc.stringMatching(/^\+[0-9]{0,17}$/),
    fc.constantFrom(
      '+15551234567',
      "'=1",
      '+1555123456789012',
      '+05551234567',
      '+1 555',
      '1+5',
      '+1\n',
    ),
  )
  .map((any) => any.replaceAll('\0', ''));
const time = fc.option(
  fc.date({ min: new Date('1970-01-01'), max: new Date('2100-12-31'), noInvalidDate: true }),
);
const anyCall = fc.record({
  assistant: fc.option(text),
  phone: fc.option(text),
  status: fc.oneof(fc.constantFrom<string>(...CALL_STATUSES), text),
  duration: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  startedAt: time,
  endedAt: time,
});

/** sql.js drops a byte order mark at the beginning of a text when it reads it. */
function withoutByteOrderMarks<T extends object>(call: T): T {
  const strip = ([key, value]: [string, unknown]) => [
    key,
    typeof value === 'string' ? value.replace(/^\ufeff+/, '') : value,
  ];
  return Object.fromEntries(Object.entries(call).map(strip));
}

const seconds = (date: Date | null) => date && date.toISOString().slice(0, 19);

describe.each<[string, CallsExportOptions, DatabaseKind[]]>([
  ['Files', {}, EVERY_DATABASE],
  ['Files without COPY', { copy: false }, ['embedded PostgreSQL', 'PostgreSQL server']],
])('%s', (title, options, kinds) => {
  describeEachDatabase(
    title,
    anyDataSourceOptions,
    (database) => {
      let host: ExportingHost;

      beforeAll(async () => {
        host = await ExportingHost.start(database, options);
      });
      afterAll(() => host.close());
      beforeEach(() => clear());

      async function clear(): Promise<void> {
        await database.dataSource.createQueryBuilder().delete().from(Call).execute();
        await database.dataSource.createQueryBuilder().delete().from(Assistant).execute();
      }

      async function addAssistant(name: string, accountId = 1): Promise<number> {
        return (await database.dataSource.getRepository(Assistant).save({ name, accountId })).id;
      }

      /** Adds calls. Those without an id get 1, 2, 3 and so on. */
      async function addCalls(calls: NewCall[]): Promise<void> {
        const assistants = new Map<string, number>();
        for (const { assistant } of calls) {
          if (assistant != null && !assistants.has(assistant)) {
            assistants.set(assistant, await addAssistant(assistant));
          }
        }
        const rows = calls.map(({ assistant, phone, ...call }, index) => ({
          id: String(index + 1),
          accountId: 1,
          callSid: `CA${index}`,
          status: 'completed',
          ...call,
          customerPhoneNumber: phone ?? null,
          assistantId: assistant == null ? null : (assistants.get(assistant) as number),
        }));
        await insertCalls(database.dataSource, rows);
      }

      it('match the reference file byte for byte', async () => {
        await addCalls([
          {
            id: '101',
            callSid: 'CAxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            assistant: 'Support Bot',
            phone: '+15559876543',
            duration: 300,
            startedAt: new Date('2023-10-30T10:00:00Z'),
            endedAt: new Date('2023-10-30T10:05:00.999Z'),
          },
          { id: '9007199254740993', callSid: '', assistant: '=1+1', phone: '', status: 'queued' },
        ]);
        expect(await host.export({ format: 'csv' })).toBe(
          HEADER +
            '101,"CAxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","Support Bot","+15559876543","completed",300,"2023-10-30T10:00:00","2023-10-30T10:05:00"\r\n' +
            '9007199254740993,"","\'=1+1","","queued",,,\r\n',
        );
        expect(await host.export({ format: 'json' })).toBe(
          '[\n' +
            '{"id":101,"call_sid":"CAxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","assistant_name":"Support Bot","customer_phone_number":"+15559876543","status":"completed","duration":300,"started_at":"2023-10-30T10:00:00","ended_at":"2023-10-30T10:05:00"},\n' +
            '{"id":9007199254740993,"call_sid":"","assistant_name":"=1+1","customer_phone_number":"","status":"queued","duration":null,"started_at":null,"ended_at":null}\n' +
            ']',
        );
      });

      it('without calls have a header in CSV, and are [] in JSON', async () => {
        expect(await host.export({ format: 'csv' })).toBe(HEADER);
        expect(await host.export({ format: 'json' })).toBe('[]');
        await addCalls([{ status: 'queued' }]);
        expect(await host.export({ format: 'csv', status: 'busy' })).toBe(HEADER);
        expect(await host.export({ format: 'json', status: 'busy' })).toBe('[]');
      });

      it('have the expected bytes, whatever is in the calls', async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(anyCall, { minLength: 1, maxLength: 20 }), async (anyCalls) => {
            const calls =
              database.url === 'sqljs:' ? anyCalls.map(withoutByteOrderMarks) : anyCalls;
            await clear();
            await addCalls(calls);
            const rows = calls.map(
              ({ assistant, phone, status, duration, startedAt, endedAt }, index) => ({
                id: index + 1,
                call_sid: `CA${index}`,
                assistant_name: assistant,
                customer_phone_number: phone,
                status,
                duration,
                started_at: seconds(startedAt),
                ended_at: seconds(endedAt),
              }),
            );
            expect(await host.export({ format: 'json' })).toBe(
              `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`,
            );
            const lines = rows.map((row) =>
              [
                row.id,
                csvText(row.call_sid),
                csvText(row.assistant_name),
                csvText(row.customer_phone_number),
                csvText(row.status),
                row.duration ?? '',
                csvText(row.started_at),
                csvText(row.ended_at),
              ].join(','),
            );
            expect(await host.export({ format: 'csv' })).toBe(
              HEADER + lines.map((line) => `${line}\r\n`).join(''),
            );
            const [sheet] = await readWorkbook(await buffer(await host.stream({ format: 'xlsx' })));
            const [, ...cells] = sheet ? valuesOf(sheet) : [];
            expect(cells).toEqual(
              rows.map((row) =>
                Object.values(row).map((cell) => (typeof cell === 'number' ? String(cell) : cell)),
              ),
            );
          }),
          { numRuns: 60 },
        );
      }, 120_000);

      it('of many pages are in the order of ids, or of starts with a date filter', async () => {
        const start = Date.parse('2023-10-30T10:00:00.500Z');
        const calls = Array.from({ length: 9_000 }, (_, index) => ({
          id: String(index + 1),
          // Many calls share a start, and starts are in a different order than ids.
          startedAt: index % 10 === 0 ? null : new Date(start - (index % 7) * 1000),
        }));
        await addCalls(calls);
        expect(await host.exportedIds()).toEqual(calls.map(({ id }) => Number(id)));
        const byStart = calls
          .filter(({ startedAt }) => startedAt)
          .sort((a, b) => Number(a.startedAt) - Number(b.startedAt) || Number(a.id) - Number(b.id))
          .map(({ id }) => Number(id));
        expect(await host.exportedIds({ startedFrom: 0n })).toEqual(byStart);
      }, 60_000);

      it.each<[string, Parameters<ExportingHost['exportedIds']>[0], number[]]>([
        ['no filter', {}, [1, 2, 3, 4, 5]],
        ['a status', { status: 'busy' as CallStatus }, [2, 4]],
        ['a first instant', { startedFrom: micros('2023-10-30T10:00:00.001Z') }, [2, 3]],
        [
          'one between two milliseconds',
          { startedFrom: micros('2023-10-30T10:00:00Z') + 1n },
          [2, 3],
        ],
        ['a first instant too late', { startedBefore: micros('2023-10-30T10:00:00.001Z') }, [4, 1]],
        ['one after a microsecond', { startedBefore: micros('2023-10-30T10:00:00Z') + 1n }, [4, 1]],
        [
          'both',
          {
            startedFrom: micros('2023-10-30T10:00:00Z'),
            startedBefore: micros('2023-10-30T10:00:00.001Z'),
          },
          [1],
        ],
        [
          'all of time',
          {
            startedFrom: micros('-000001-12-31T00:00:00Z'),
            startedBefore: micros('+010000-01-02T00:00:00Z'),
          },
          [4, 1, 2, 3],
        ],
        ['a status and a date', { status: 'busy' as CallStatus, startedFrom: 0n }, [4, 2]],
      ])(
        'filtered by %s have exactly the calls that match, as a count has',
        async (_title, filter, expected) => {
          await addCalls([
            { id: '1', status: 'completed', startedAt: new Date('2023-10-30T10:00:00.000Z') },
            { id: '2', status: 'busy', startedAt: new Date('2023-10-30T10:00:00.001Z') },
            { id: '3', status: 'failed', startedAt: new Date('2023-10-31T00:00:00Z') },
            { id: '4', status: 'busy', startedAt: new Date('2023-10-29T23:59:59.999Z') },
            { id: '5', status: 'queued', startedAt: null },
            { id: '6', accountId: 2 },
          ]);
          expect(await host.exportedIds(filter)).toEqual(expected);
          expect(await host.count(filter)).toBe(expected.length);
        },
      );

      it.each([{}, { startedFrom: 0n }])(
        "filtered by an assistant have only the account's own calls and assistants (%j)",
        async (filter) => {
          const [mine, theirs] = [await addAssistant('mine'), await addAssistant('theirs', 2)];
          const startedAt = new Date('2023-10-30T10:00:00Z');
          const repository = database.dataSource.getRepository(Call);
          const call = { accountId: 1, status: 'completed', startedAt };
          await repository.insert([
            { ...call, id: '1', callSid: 'CA1', assistantId: mine },
            { ...call, id: '2', callSid: 'CA2', assistantId: null },
            { ...call, id: '3', callSid: 'CA3', assistantId: theirs, accountId: 2 },
            // Should not exist: a call that refers to another account's assistant.
            { ...call, id: '4', callSid: 'CA4', assistantId: theirs },
          ]);
          expect(await host.exportedIds({ ...filter, assistantId: mine })).toEqual([1]);
          expect(await host.count({ ...filter, assistantId: mine })).toBe(1);
          expect(await host.count({ ...filter, assistantId: theirs })).toBe(0);
          expect(await host.exportedIds({ ...filter, assistantId: theirs })).toEqual([]);
          expect(await host.exportedIds({ ...filter, assistantId: theirs }, 2)).toEqual([3]);
          // Larger than the column can store.
          for (const assistantId of [2 ** 31, Number.MAX_SAFE_INTEGER]) {
            expect(await host.count({ ...filter, assistantId })).toBe(0);
            expect(await host.exportedIds({ ...filter, assistantId })).toEqual([]);
          }
          const csv = await host.export({ ...filter, format: 'csv' });
          expect(csv.split('\r\n').map((line) => line.split(',')[2])).toEqual([
            '"Assistant Name"',
            '"mine"',
            '',
            '',
            undefined,
          ]);
        },
      );
    },
    kinds,
  );
});
