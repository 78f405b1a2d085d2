import type { DataSource } from 'typeorm';

/** The values of a row, as text in the file's format, or null. */
export type Row = (string | null)[];

type CallValues = [
  id: string,
  sid: string,
  assistant: string | null,
  phone: string | null,
  status: string,
  duration: number | null,
  start: string | null,
  end: string | null,
];

export const LONG_ID = '1234567890123456789';

const day = (daysAgo: number, time: string) =>
  `${new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10)}T${time}Z`;

/** Calls with values that tools tend to misread. */
const CALLS: CallValues[] = [
  [
    '1',
    'CA1',
    'Support Bot',
    '+15551234567',
    'completed',
    300,
    '2023-10-30T10:00:00Z',
    '2023-10-30T10:05:00Z',
  ],
  ['2', 'CA2', null, '', 'queued', null, null, null],
  [
    '3',
    '007',
    'He said "hi",\nand left',
    '0015551234567',
    'completed',
    0,
    '2023-10-30T11:00:00Z',
    '2023-10-30T11:00:00Z',
  ],
  ['4', 'CA4', '', null, 'in-progress', null, day(1, '12:00:00'), null],
  ['9007199254740993', 'CA5', '=1+1', '+15551234568', 'no-answer', null, null, null],
  [LONG_ID, 'CA6', 'NA', '+15551234569', 'completed', 61, day(2, '12:00:00'), day(2, '12:01:01')],
];

/** Replaces all calls by the sample calls of account 1. */
export async function resetCalls(dataSource: DataSource): Promise<void> {
  await dataSource.query('TRUNCATE calls, assistants RESTART IDENTITY CASCADE');
  for (const call of CALLS) await addCall(dataSource, ...call);
}

export async function addCall(
  dataSource: DataSource,
  id: string,
  sid: string,
  assistant: string | null,
  phone: string | null = null,
  status = 'queued',
  duration: number | null = null,
  start: string | null = null,
  end: string | null = null,
): Promise<void> {
  await dataSource.query(
    `WITH assistant AS (
       INSERT INTO assistants (account_id, name) SELECT 1, $3::varchar WHERE $3 IS NOT NULL RETURNING id
     )
     INSERT INTO calls (account_id, id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at)
     VALUES (1, $1, $2, (SELECT id FROM assistant), $4, $5, $6, $7, $8)`,
    [id, sid, assistant, phone, status, duration, start, end],
  );
}

/** @returns the calls of account 1 in the database, ordered by ID. */
export function storedRows(dataSource: DataSource): Promise<Row[]> {
  return rowsOf(
    dataSource,
    `SELECT calls.*, assistants.name AS assistant_name
     FROM calls LEFT JOIN assistants ON assistants.id = calls.assistant_id`,
  );
}

/** @returns the rows of a query with the columns of the file, ordered by ID. */
export async function rowsOf(dataSource: DataSource, query: string): Promise<Row[]> {
  const time = (column: string) =>
    `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')`;
  const rows: { row: Row }[] = await dataSource.query(
    `SELECT ARRAY[id::text, call_sid, assistant_name, customer_phone_number, status, duration::text,
       ${time('started_at')}, ${time('ended_at')}] AS row
     FROM (${query}) AS found ORDER BY id`,
  );
  return rows.map(({ row }) => row);
}

/** @returns the rows as in CSV, where the only formula is escaped with an apostrophe. */
export function escaped(rows: Row[]): Row[] {
  return rows.map((row) => row.map((value) => (value === '=1+1' ? "'=1+1" : value)));
}
