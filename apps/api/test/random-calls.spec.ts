// @slow
import { CALL_STATUSES } from 'nestjs-calls-export';
import { describeEachDatabase } from '@calls/testing';
import * as fc from 'fast-check';
import { parse } from 'papaparse';
import { dataSourceOptions } from '../src/data-source-options';
import { startApi, type Api } from './start-api';

/** Without NUL, which PostgreSQL does not store. The unit `binary` has no lone surrogates. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(
          '=',
          '+',
          '-',
          '@',
          '"',
          "'",
          ',',
          ';',
          '\r',
          '\n',
          '\t',
          ' ',
          '1',
          'é',
          '☎️',
          '＝',
        ),
      )
      .map((all) => all.join('')),
    fc.constantFrom('+15551234567', '', "'=1", '\ufeff'),
  )
  .map((any) => any.replaceAll('\0', ''));

const time = fc.option(
  fc
    .tuple(
      fc.date({ min: new Date('1970-01-01'), max: new Date('2100-12-31'), noInvalidDate: true }),
      fc.nat(999),
    )
    .map(([date, micros]) =>
      date.toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`),
    ),
);

const call = fc.record({
  assistant: fc.option(text),
  phone: fc.option(text),
  status: fc.oneof(fc.constantFrom(...CALL_STATUSES), text),
  duration: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  startedAt: time,
  endedAt: time,
});

/** Reads the calls without the driver's dates, and with a different query than the export. */
const ROWS = `
  SELECT calls.id::text, call_sid, assistants.name AS assistant_name, customer_phone_number, status, duration,
         floor(extract(epoch FROM started_at))::float8 AS started_at, floor(extract(epoch FROM ended_at))::float8 AS ended_at
  FROM calls LEFT JOIN assistants ON assistants.id = assistant_id
  WHERE calls.account_id = 1 ORDER BY calls.id`;

interface Row {
  [column: string]: string | number | null;
}

const utc = (epoch: unknown) =>
  epoch === null ? null : new Date(Number(epoch) * 1000).toISOString().slice(0, 19);

const opensFormula = (cell: string) =>
  /^[\t\r\n]|^\s*[=+\-@＝＋－＠]/.test(cell) && !/^\+[1-9][0-9]{1,14}$/.test(cell);
/** A separator other than the file's before a formula that is not a phone number ending the field. */
const exposed =
  /([;|\t\r\n])(?=["\v\f\p{Zs}\p{Zl}\p{Zp}\ufeff]*[=+\-@＝＋－＠])(?!\+[1-9][0-9]{1,14}(?:(?![\t\r])\1|\r?\n|$))/gu;
const guarded = (cell: unknown) =>
  typeof cell === 'string'
    ? `${opensFormula(cell) ? "'" : ''}${cell.replace(exposed, "$1'")}`
    : cell;

describeEachDatabase('An export of random calls', dataSourceOptions, (database) => {
  let api: Api;

  beforeAll(async () => {
    api = await startApi(database.url);
  });
  afterAll(() => api.close());

  async function setUp(
    calls: (typeof call extends fc.Arbitrary<infer Call> ? Call : never)[],
  ): Promise<Row[]> {
    const { dataSource } = database;
    await dataSource.query('TRUNCATE calls, assistants RESTART IDENTITY CASCADE');
    await dataSource.query(
      `INSERT INTO assistants (account_id, name) SELECT 1, jsonb_array_elements_text($1)`,
      [
        JSON.stringify([
          ...new Set(calls.map(({ assistant }) => assistant).filter((name) => name !== null)),
        ]),
      ],
    );
    await dataSource.query(
      `INSERT INTO calls (account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at)
       SELECT 1, 'CA' || md5(number::text), (SELECT id FROM assistants WHERE name = new.assistant),
              new.phone, new.status, new.duration, new."startedAt", new."endedAt"
       FROM jsonb_array_elements($1) WITH ORDINALITY AS all_calls (object, number)
       CROSS JOIN LATERAL jsonb_to_record(object) AS new
         (assistant text, phone text, status text, duration int, "startedAt" timestamptz, "endedAt" timestamptz)
       ORDER BY number`,
      [JSON.stringify(calls)],
    );
    const rows: Row[] = await dataSource.query(ROWS);
    expect(rows).toHaveLength(calls.length);
    return rows.map((row) => ({
      ...row,
      started_at: utc(row['started_at']),
      ended_at: utc(row['ended_at']),
    }));
  }

  it('reads back as the rows in the database', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), async (calls) => {
        const rows = await setUp(calls);

        const json = await (await api.export({ format: 'json' })).text();
        expect(JSON.parse(json)).toEqual(rows.map((row) => ({ ...row, id: Number(row['id']) })));

        const csv = Buffer.from(await (await api.export()).arrayBuffer()).toString('utf8');
        const { data, errors } = parse<string[]>(csv, {
          delimiter: ',',
          newline: '\r\n',
          skipEmptyLines: false,
        });
        expect(errors).toEqual([]);
        // The last line ends with a line break, so an empty one follows.
        expect(data.pop()).toEqual(['']);
        expect(data.slice(1)).toEqual(
          rows.map((row) => Object.values(row).map((cell) => String(guarded(cell) ?? ''))),
        );
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
