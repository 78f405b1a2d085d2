import type { QueryRunner } from 'typeorm';
import { columnOf } from '../../../test/column-of';
import { ndjson } from '../formats/ndjson.format';
import type { Cell } from '../formats/file-format';
import type { CallKey, CallRange } from '../model/call-key';
import type { ExportColumn } from '../model/export-column';
import { UnexportableCallError } from '../model/export-errors';
import { TimeZone } from '../model/time-zone';
import type { CallsQuery } from './calls-query';
import { PageTooLargeError } from './page-reader';
import type { Connections } from './connections';
import type { Dialect } from './dialects/dialect';
import { RowReader } from './row-reader';

const OPTIONS = { formulaGuard: true, byteOrderMark: false, delimiter: ',' } as const;
const ID = columnOf('id', 'integer');
const STATUS = columnOf('status', 'text');
const STARTED = columnOf('started_at', 'time');
const ofAssistant = (key: string): ExportColumn => ({ ...columnOf(key, 'text'), of: 'assistant' });
const [NAME, CITY] = [ofAssistant('name'), ofAssistant('city')];

/** A fake query builder that describes its query as text. */
function builder(words: string, parameters: object = {}) {
  const values: string[] = [];
  let [condition, given, by] = ['', parameters, 'nobody'];
  const query = {
    select: (value: string, as: string) => values.push(`${value} AS ${as}`) && query,
    addSelect: (value: string, as: string) => values.push(`${value} AS ${as}`) && query,
    andWhere(added: string, more: object) {
      condition = ` AND ${added}`;
      given = more;
      return query;
    },
    setQueryRunner(runner: { name: string }) {
      by = runner.name;
      return query;
    },
    getRawOne: async () => ('none' in given ? undefined : { c0: '2023', c1: `7 by ${by}` }),
    text: () => `SELECT ${values.join(', ')} FROM ${words}${condition} ${JSON.stringify(given)}`,
    given: () => given,
  };
  return query;
}

interface Given {
  readonly columns?: readonly ExportColumn[];
  readonly calls?: unknown[][];
  readonly assistants?: unknown[][];
  readonly joinsByText?: boolean;
  readonly read?: (value: unknown) => Cell | undefined;
  readonly maxBytes?: number;
  readonly zone?: string;
  readonly areFree?: boolean;
  readonly transformer?: object;
}

function reader({
  columns = [ID, STATUS],
  calls = [],
  assistants = [],
  joinsByText = false,
  read = (value) => value as Cell,
  maxBytes = 1e6,
  zone,
  areFree = true,
  transformer,
}: Given = {}) {
  const queries: string[] = [];
  const asked: unknown[][] = [];
  const runner = { name: 'the runner' };
  const dataSource = { name: 'the data source' };
  const dialect = {
    asText: (expression: string) => `text(${expression})`,
    isOneOf: (expression: string, form: string) => `${expression} is one of the ${form}s`,
    rowCell: ({ key }: ExportColumn, expression: string, metadata: string, source: unknown) => ({
      sql: `${key} by ${expression} of ${metadata}`,
      read: (value: unknown) => (source === dataSource ? read(value) : undefined),
    }),
    async fetchRows(query: ReturnType<typeof builder>, own: unknown, source: unknown) {
      expect([own, source]).toEqual([runner, dataSource]);
      queries.push(query.text());
      const { some } = query.given() as { some?: unknown[] };
      if (some) asked.push(some);
      const rows = some
        ? assistants.filter(([id]) => some.map(String).includes(String(id)))
        : calls;
      return rows.map((row) => [...row]);
    },
  } as unknown as Dialect;
  const query = {
    entities: {
      dataSource,
      joinsByText,
      calls: { column: () => ({ transformer }) },
      columnOf: ({ field }: ExportColumn) => `column ${field}`,
      of: (name: string) => ({ form: (field: string) => `${name} ${field}` }),
    },
    call: (field: string) => `call.${field}`,
    assistant: (field: string) => `assistant.${field}`,
    matches: (range: CallRange) => builder('calls', range),
    assistants: () => builder('assistants'),
    keyAfter: (after: CallKey | undefined, count: number, end?: CallKey) =>
      builder('keys', count > 100 ? { none: true } : { after, count, end }),
  } as unknown as CallsQuery;
  const connections = {
    areFree,
    transaction: (work: (own: QueryRunner) => Promise<unknown>) => work(runner as never),
  } as unknown as Connections;
  const encoder = ndjson.encoder(columns, {
    ...OPTIONS,
    zone: zone ? TimeZone.of(zone) : undefined,
  });
  const made = new RowReader(query, columns, encoder, dialect, connections, maxBytes);
  const lines = async () => {
    const { bytes, count } = await made.read({ after: ['1'], to: ['9'] });
    const text = Buffer.from(bytes).toString();
    expect(text.split('\n')).toHaveLength(count + 1);
    return text;
  };
  return { made, lines, queries, asked };
}

describe('RowReader', () => {
  it('reads the calls of a range', async () => {
    const { lines, queries } = reader({
      calls: [
        [1, 'busy'],
        [2, null],
      ],
    });
    expect(await lines()).toBe('{"id":1,"status":"busy"}\n{"id":2,"status":null}\n');
    expect(queries).toEqual([
      'SELECT (id by call.id of column id) AS c0, (status by call.status of column status) AS c1 ' +
        'FROM calls {"after":["1"],"to":["9"]}',
    ]);
  });

  it('drops the additional id', async () => {
    const { lines, queries } = reader({ columns: [STATUS], calls: [['busy', 'a-5']] });
    expect(await lines()).toBe('{"status":"busy"}\n');
    expect(queries[0]).toMatch(/ AS c0, \(text\(call\.id\)\) AS c1 FROM calls /);
  });

  it('looks up each assistant of the calls once', async () => {
    const { lines, queries, asked } = reader({
      columns: [NAME, ID, CITY],
      calls: [
        ['7', 1, '7'],
        ['8', 2, '8'],
        [null, 3, null],
        ['7', 4, '7'],
        ['9', 5, '9'],
        ['null', 6, 'null'],
      ],
      assistants: [
        ['7', 'Ada', 'London'],
        [8, 'Eve', null],
        ['null', 'Nil', ''],
      ],
    });
    expect(await lines()).toBe(
      '{"name":"Ada","id":1,"city":"London"}\n{"name":"Eve","id":2,"city":null}\n' +
        '{"name":null,"id":3,"city":null}\n{"name":"Ada","id":4,"city":"London"}\n' +
        '{"name":null,"id":5,"city":null}\n{"name":"Nil","id":6,"city":""}\n',
    );
    expect(asked).toEqual([['7', '8', '9', 'null']]);
    expect(queries[0]).toContain(
      'SELECT (text(call.assistantId)) AS c0, (id by call.id of column id) AS c1, (text(call.assistantId)) AS c2 FROM',
    );
    expect(queries[1]).toContain(
      'SELECT (text(assistant.id)) AS c0, (name by assistant.name of column name) AS c1, ' +
        '(city by assistant.city of column city) AS c2 FROM assistants AND assistant.id is one of the assistant ids ',
    );
  });

  it('compares ids as text if the types of the columns differ', async () => {
    const { lines, queries } = reader({
      columns: [ID, NAME],
      calls: [[1, '7']],
      assistants: [['7', 'Ada']],
      joinsByText: true,
    });
    expect(await lines()).toBe('{"id":1,"name":"Ada"}\n');
    expect(queries[1]).toContain('AND text(assistant.id) is one of the texts {"some":["7"]}');
  });

  it('lists at most 10,000 assistants in a statement', async () => {
    for (const [count, statements] of [
      [10_000, [10_000]],
      [10_001, [10_000, 1]],
    ] as const) {
      const calls = Array.from({ length: count }, (_, id) => [String(id)]);
      const { made, asked } = reader({ columns: [NAME], calls: calls.map(([id]) => [id, id]) });
      await made.read({});
      expect(asked.map(({ length }) => length)).toEqual(statements);
      expect(new Set(asked.flat()).size).toBe(count);
    }
  });

  it.each([
    ['without an assistant column', { columns: [ID], calls: [[1]] }],
    ['if no call has an assistant', { columns: [NAME, ID], calls: [[null, 1]] }],
    ['if there are no calls', { columns: [NAME, ID] }],
  ])('does not look up assistants %s', async (_, given) => {
    const { made, queries } = reader(given);
    await made.read({});
    expect(queries).toHaveLength(1);
  });

  it('throws PageTooLargeError if the page exceeds its byte limit', async () => {
    const { made } = reader({
      calls: [
        [1, 'busy'],
        [2, 'busy'],
        [3, 'busy'],
        [4, 'busy'],
      ],
      maxBytes: 60,
    });
    await expect(made.read({})).rejects.toThrow(new PageTooLargeError(2));
  });

  it('may read ahead while connections are free', () => {
    expect(reader({ areFree: true }).made.mayReadAhead).toBe(true);
    expect(reader({ areFree: false }).made.mayReadAhead).toBe(false);
  });

  it('reads keys', async () => {
    const { made } = reader();
    expect(await made.keyAfter(['3'], 100, ['9'])).toEqual(['2023', '7 by the runner']);
    expect(await made.keyAfter(undefined, 101)).toBeUndefined();
  });
});

describe("A value that can't be exported", () => {
  const refuse = (value: unknown) => (value === 'bad' ? undefined : (value as Cell));

  it('fails the export with the id of the call', async () => {
    const calls = [
      [1, 'good'],
      [2, 'bad'],
    ];
    const { made } = reader({ calls, read: refuse });
    await expect(made.read({})).rejects.toThrow(new UnexportableCallError('2', 'status', 'text'));
  });

  it('fails the export with the additional id of the call', async () => {
    for (const given of [
      { columns: [STATUS], calls: [['bad', 'a-5']] },
      { columns: [ID, STATUS], calls: [[1, 'bad', 'a-5']], transformer: {} },
    ]) {
      await expect(reader({ ...given, read: refuse }).made.read({})).rejects.toThrow(
        new UnexportableCallError('a-5', 'status', 'text'),
      );
    }
  });

  it('fails the export if it is the value of an assistant', async () => {
    const given = { columns: [ID, NAME], calls: [[3, '7']], assistants: [['7', 'bad']] };
    await expect(reader({ ...given, read: refuse }).made.read({})).rejects.toThrow(
      new UnexportableCallError('3', 'name', 'text'),
    );
  });

  it('fails the export if a mask or a transformer throws', async () => {
    const cause = new Error('no such number');
    const read = () => {
      throw cause;
    };
    const failed = reader({ columns: [ID], calls: [[1]], read }).made.read({});
    await expect(failed).rejects.toThrow(
      new UnexportableCallError('1', 'id', 'integer', { cause }),
    );
    await expect(failed).rejects.toMatchObject({ cause });
  });

  it('fails the export if it is a time outside the years 1 to 9999 in the time zone', async () => {
    const read = (zone: string, time: Cell, column = STARTED) =>
      reader({ columns: [column, ID], calls: [[time, 5]], zone }).lines();
    const line = (time: unknown) => `{"started_at":${JSON.stringify(time)},"id":5}\n`;
    const [east, west] = ['Etc/GMT-1', 'Etc/GMT+5'];
    expect(await read(east, '9999-12-31T22:59:59')).toBe(line('9999-12-31T23:59:59'));
    expect(await read(west, '0001-01-01T05:00:00')).toBe(line('0001-01-01T00:00:00'));
    expect(await read(east, null)).toBe(line(null));
    for (const [zone, time] of [
      [east, '9999-12-31T23:00:00'],
      [west, '0001-01-01T04:59:59'],
    ] as const) {
      await expect(read(zone, time)).rejects.toThrow(new UnexportableCallError('5', 'started_at'));
      // A text that looks like a time is fine.
      const text = columnOf('started_at', 'text');
      expect(await read(zone, time, text)).toBe(line(time));
    }
  });
});
