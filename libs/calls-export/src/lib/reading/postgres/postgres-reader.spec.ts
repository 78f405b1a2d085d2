import { EventEmitter } from 'node:events';
import { escapeLiteral } from 'pg';
import { columnOf } from '../../../../test/column-of';
import {
  FORMAT_OPTIONS,
  HEADER,
  INFINITY,
  int,
  rowOf,
  TRAILER,
} from '../../../../test/copied-rows';
import { ndjson } from '../../formats/ndjson.format';
import type { CallKey, CallRange } from '../../model/call-key';
import type { ExportColumn } from '../../model/export-column';
import type { CallsQuery } from '../calls-query';
import { PageTooLargeError } from '../page-reader';
import type { Connections } from '../connections';
import type { FieldReading } from './binary-rows';
import type { PostgresColumns } from './postgres-columns';
import { PostgresReader } from './postgres-reader';
import { settingsOf } from './settings';

const ID = columnOf('id', 'integer');
const STATUS = columnOf('status', 'text');
const NAME: ExportColumn = { ...columnOf('name', 'text'), of: 'assistant' };
const TENANT = { 'app.tenant': '42' };
const SETTINGS = settingsOf(TENANT, { escapeLiteral });

/** A query builder whose SQL describes its calls. */
function builder(words: string, parameters: unknown[] = []) {
  const values: string[] = [];
  let conditions = '';
  const query = {
    select: (value: string, as: string) => values.push(`${value} AS ${as}`) && query,
    addSelect: (value: string, as: string) => values.push(`${value} AS ${as}`) && query,
    andWhere: (condition: string) => (conditions += ` AND ${condition}`) && query,
    limit: (count: number) => (conditions += ` LIMIT ${count}`) && query,
    getQueryAndParameters: () => [
      `SELECT ${values.join(', ')} FROM ${words}${conditions}`,
      parameters,
    ],
  };
  return query;
}

interface Given {
  readonly columns?: readonly ExportColumn[];
  /** How the columns are read. */
  readonly readings?: readonly FieldReading[];
  /** Whether a column of the entity has a transformer. */
  readonly transformer?: object;
  readonly isTheirs?: string | false;
  readonly maxBytes?: number;
  readonly areFree?: boolean;
}

/** A reader on a fake server, the server's queries, and a way to set its response. */
function reader({
  columns = [ID, STATUS],
  readings = columns.map(({ kind }) => kind as FieldReading),
  transformer,
  isTheirs = 'assistant.id = call.c2',
  maxBytes = 1e6,
  areFree = true,
}: Given = {}) {
  const queries: string[] = [];
  let answer: Buffer[] = [];
  const connection = new EventEmitter();
  const client = { connection, escapeLiteral, end: jest.fn(async () => {}) };
  const runner = {
    async query(sql: string) {
      queries.push(sql);
      for (const chunk of answer) {
        const lent = Buffer.from(chunk);
        connection.emit('copyData', { chunk: lent });
        lent.fill(0xee);
      }
    },
  };
  const connections = {
    settings: TENANT,
    areFree,
    use: (work: (...given: unknown[]) => Promise<unknown>) => work(runner, client),
  } as unknown as Connections;
  const metadata = (field: string) => ({ field, transformer });
  const query = {
    entities: {
      calls: { column: metadata },
      columnOf: ({ field }: ExportColumn) => metadata(field),
    },
    call: (field: string) => `call.${field}`,
    assistant: (field: string) => `assistant.${field}`,
    keyAfter: (after: CallKey | undefined, count: number, end?: CallKey) =>
      builder(`keys after ${after} by $1 to ${end}`, [count]),
    matches: ({ after, to }: CallRange) => builder(`calls after $1 to $2`, [after, to]),
    assistants: () => builder('assistants WHERE account_id = $1', [7]),
    isAssistantOf: (id: string) => isTheirs && `${isTheirs} of ${id}`,
  } as unknown as CallsQuery;
  const described = {
    field: (exported: ExportColumn, expression: string, { field }: { field: string }) => ({
      sql: `${field} by ${expression}`,
      reading: readings[columns.indexOf(exported)],
    }),
  } as unknown as PostgresColumns;
  const encoder = ndjson.encoder(columns, FORMAT_OPTIONS);
  const postgresReader = new PostgresReader(
    query,
    columns,
    described,
    encoder,
    connections,
    maxBytes,
  );
  const read = async (...rows: Buffer[]) => {
    answer = [HEADER, ...rows, TRAILER];
    const { bytes, count } = await postgresReader.read({ after: ['1'], to: ['9'] });
    return { bytes, count, text: Buffer.from(bytes).toString(), sql: queries.at(-1) };
  };
  const answerWith = (...chunks: Buffer[]) => (answer = chunks);
  return { postgresReader, read, answerWith, queries, client };
}

const CALLS_RANGE = "FROM calls after '1' to '9') AS call";

describe('PostgresReader', () => {
  it('copies the calls of a range with the settings of an export', async () => {
    const { read } = reader();
    const { text, count, sql } = await read(
      rowOf(int(4, 5n), Buffer.from('busy')),
      rowOf(int(4, 6n), null),
    );
    expect(text).toBe('{"id":5,"status":"busy"}\n{"id":6,"status":null}\n');
    expect(count).toBe(2);
    expect(sql).toBe(
      `${SETTINGS}COPY (SELECT call.c0, call.c1 FROM (SELECT (id by call.id) AS c0, ` +
        `(status by call.status) AS c1 ${CALLS_RANGE}) TO STDOUT (FORMAT binary)`,
    );
  });

  it('joins at most one assistant to each call', async () => {
    const { read } = reader({ columns: [ID, NAME, STATUS] });
    const row = rowOf(int(4, 5n), Buffer.from('Ada'), Buffer.from('busy'));
    const { text, sql } = await read(row);
    expect(text).toBe('{"id":5,"name":"Ada","status":"busy"}\n');
    expect(sql).toBe(
      `${SETTINGS}COPY (SELECT call.c0, assistant.c0, call.c1 FROM (SELECT (id by call.id) AS c0, ` +
        `(status by call.status) AS c1, (call.assistantId) AS c2 ${CALLS_RANGE} ` +
        `LEFT JOIN LATERAL (SELECT (name by assistant.name) AS c0 FROM assistants WHERE account_id = '7' ` +
        `AND assistant.id = call.c2 of call.c2 LIMIT 1) AS assistant ON true) TO STDOUT (FORMAT binary)`,
    );
  });

  it.each<[string, Given]>([
    ['is not a column', { columns: [STATUS] }],
    ['is not copied as a number', { columns: [columnOf('id', 'text')], readings: ['uuid'] }],
    ['is converted from text', { columns: [columnOf('id', 'text')], readings: [String] }],
    ['has a transformer', { columns: [ID], transformer: {} }],
    ['is masked', { columns: [{ ...ID, mask: String }] }],
  ])('also selects the id as text if it %s', async (_, given) => {
    const { read } = reader(given);
    const value = given.columns?.[0] === STATUS ? Buffer.from('busy') : null;
    const { sql } = await read(rowOf(value, Buffer.from('a-5')));
    expect(sql).toContain('COPY (SELECT call.c0, call.c1 FROM (');
    expect(sql).toContain(`, (CAST(call.id AS text)) AS c1 ${CALLS_RANGE})`);
  });

  it('names the call by its id in an error', async () => {
    const columns = [STATUS, columnOf('started_at', 'time'), ID];
    const row = rowOf(null, int(8, INFINITY), int(4, 77n));
    await expect(reader({ columns }).read(row)).rejects.toMatchObject({
      callId: '77',
      field: 'started_at',
    });
    const behind = rowOf(null, int(8, INFINITY), Buffer.from('a-5'));
    await expect(reader({ columns: columns.slice(0, 2) }).read(behind)).rejects.toMatchObject({
      callId: 'a-5',
    });
  });

  it('throws for data without a trailer', async () => {
    const { postgresReader, answerWith } = reader();
    answerWith(HEADER, rowOf(int(4, 5n), null));
    await expect(postgresReader.read({})).rejects.toThrow(
      'The database sent truncated binary COPY data',
    );
  });

  it('closes the connection if the rows exceed the page, since the server keeps sending', async () => {
    const { read, client } = reader({ maxBytes: 60 });
    const row = rowOf(int(4, 5n), Buffer.from('busy'));
    await expect(read(row, row, row, row)).rejects.toThrow(new PageTooLargeError(2));
    expect(client.end).toHaveBeenCalledTimes(1);
  });

  it("keeps the connection if a call can't be exported", async () => {
    const { read, client } = reader({ columns: [ID, columnOf('started_at', 'time')] });
    await expect(read(rowOf(int(4, 5n), int(8, INFINITY)))).rejects.toThrow(
      "Call 5 can't be exported",
    );
    expect(client.end).not.toHaveBeenCalled();
  });

  it('reads ahead while connections are free', () => {
    expect(reader({ areFree: true }).postgresReader.mayReadAhead).toBe(true);
    expect(reader({ areFree: false }).postgresReader.mayReadAhead).toBe(false);
  });
});

describe('PostgresReader.keyAfter', () => {
  it('copies the key as text with the settings of an export', async () => {
    const { postgresReader, answerWith, queries } = reader();
    answerWith(Buffer.from('2023-10-30 10:00:00+00\t'), Buffer.from('7\\\\8\n'));
    expect(await postgresReader.keyAfter(['3', '4'], 5_000, ['9'])).toEqual([
      '2023-10-30 10:00:00+00',
      '7\\8',
    ]);
    expect(queries).toEqual([
      `${SETTINGS}COPY (SELECT  FROM keys after 3,4 by '5000' to 9) TO STDOUT`,
    ]);
  });

  it('returns undefined after the last call', async () => {
    const { postgresReader, queries } = reader();
    expect(await postgresReader.keyAfter(undefined, 10)).toBeUndefined();
    expect(queries[0]).toContain("keys after undefined by '10' to undefined");
  });
});

describe('The page of PostgresReader', () => {
  const row = (length: number) => rowOf(int(4, 5n), Buffer.from('x'.repeat(length)));
  const size = ({ bytes }: { bytes: Uint8Array }) => bytes.buffer.byteLength;

  it('is a tenth larger than the largest page before', async () => {
    const { read } = reader();
    expect(size(await read(row(1)))).toBe(64 * 1024);
    const large = await read(row(200_000));
    const frame = large.bytes.length - 200_000;
    for (const length of [200_000, 1, 150_000]) {
      expect(size(await read(row(length)))).toBe(Math.ceil(1.1 * (200_000 + frame)));
    }
  });

  it('is at most maxBytes', async () => {
    const { read } = reader({ maxBytes: 210_000 });
    await read(row(200_000));
    expect(size(await read(row(1)))).toBe(210_000);
  });
});
