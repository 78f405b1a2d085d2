import { withClockAhead } from '../../../../test/clock-ahead';
import { columnOf } from '../../../../test/column-of';
import {
  decode,
  EPOCH_2000,
  FORMAT_OPTIONS,
  HEADER,
  INFINITY,
  int,
  micros,
  MINUS_INFINITY,
  rowOf,
  timestamp,
  TRAILER,
} from '../../../../test/copied-rows';
import { ndjson } from '../../formats/ndjson.format';
import { UnexportableCallError } from '../../model/export-errors';
import { TimeZone } from '../../model/time-zone';
import type { FieldReading } from './binary-rows';

const ID = [columnOf('id', 'integer')];
const NAME = [columnOf('name', 'text')];
const COLUMNS = [
  columnOf('name', 'text'),
  columnOf('id', 'integer'),
  columnOf('started_at', 'time'),
  columnOf('ended_at', 'time'),
];
const ID_INDEX = 1;

const line = (name: string | null) => `{"name":${JSON.stringify(name)}}\n`;

function cut(bytes: Buffer, chunkBytes: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    chunks.push(bytes.subarray(at, at + chunkBytes));
  }
  return chunks;
}

describe('BinaryRows', () => {
  it('writes rows from chunks of any size', () => {
    const rows = [
      rowOf(Buffer.from('Ada "é"'), int(8, 2n ** 62n), timestamp(-1n), timestamp(0n)),
      rowOf(
        Buffer.from(''),
        int(4, -7n),
        null,
        timestamp(micros('2023-10-30T10:00:00Z') + 999_999n),
      ),
      rowOf(null, int(2, 7n), null, null),
    ];
    const bytes = Buffer.concat([HEADER, ...rows, TRAILER]);
    for (let chunkBytes = 1; chunkBytes <= bytes.length; chunkBytes++) {
      const decoded = decode(cut(bytes, chunkBytes), COLUMNS, ID_INDEX);
      expect(decoded.text).toBe(
        '{"name":"Ada \\"é\\"","id":4611686018427387904,"started_at":"1969-12-31T23:59:59","ended_at":"1970-01-01T00:00:00"}\n' +
          '{"name":"","id":-7,"started_at":null,"ended_at":"2023-10-30T10:00:00"}\n' +
          '{"name":null,"id":7,"started_at":null,"ended_at":null}\n',
      );
      expect(decoded.rows).toMatchObject({ count: 3, isComplete: true });
    }
  });

  it('writes a row as soon as it is complete', () => {
    for (const row of [rowOf(int(2, 7n)), rowOf(null)]) {
      const { rows, text } = decode([HEADER, row], ID, 0);
      expect(rows).toMatchObject({ count: 1, isComplete: false });
      expect(text).toMatch(/^\{"id":(7|null)\}\n$/);
    }
  });

  it('writes data recorded from a real server', () => {
    // PostgreSQL 15: COPY (SELECT '=1'::text, 9007199254740993::bigint, '1969-12-31
    // 23:59:59.999999Z'::timestamptz, NULL)
    const sent = Buffer.from(
      '5047434f50590aff0d0a0000000000000000000004000000023d31000000080020000000000001' +
        '00000008fffca2fec4c81fffffffffffff',
      'hex',
    );
    expect(decode([sent], COLUMNS, ID_INDEX).text).toBe(
      '{"name":"=1","id":9007199254740993,"started_at":"1969-12-31T23:59:59","ended_at":null}\n',
    );
  });

  it('writes a UUID', () => {
    const uuid = '0b5c0a1e-0000-4000-8000-0000000000ff';
    const row = rowOf(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
    const readings: FieldReading[] = ['uuid'];
    expect(decode([HEADER, row, rowOf(null)], NAME, 0, { readings }).text).toBe(
      line(uuid) + line(null),
    );
  });

  it.each([
    ['2023-10-30T10:00:00', '2023-10-30T04:30:00'],
    ['1970-01-01T00:00:00', '1969-12-31T18:30:00'],
    ['2000-01-01T05:29:59', '1999-12-31T23:59:59'],
  ])('reads a local time in the time zone of this process: %s', (shown, instant) => {
    const columns = [columnOf('started_at', 'time'), columnOf('ended_at', 'time')];
    const time = timestamp(micros(`${shown}Z`) + 999_999n);
    const readings: FieldReading[] = ['local time', 'time'];
    const { text } = withClockAhead(330, () =>
      decode([HEADER, rowOf(time, time)], columns, 0, { readings }),
    );
    expect(text).toBe(`{"started_at":"${instant}","ended_at":"${shown}"}\n`);
  });

  it('skips the extension of the header', () => {
    const header = Buffer.from(HEADER);
    header.writeInt32BE(3, HEADER.length - 4);
    const { text } = decode([header, Buffer.from('ext'), rowOf(int(2, 7n)), TRAILER], ID, 0);
    expect(text).toBe('{"id":7}\n');
  });

  it('is complete only after the trailer, and ignores data after it', () => {
    const row = rowOf(int(2, 7n));
    expect(decode([HEADER, row], ID, 0).rows.isComplete).toBe(false);
    expect(decode([HEADER, row, TRAILER.subarray(0, 1)], ID, 0).rows.isComplete).toBe(false);
    expect(decode([HEADER, TRAILER], ID, 0).rows).toMatchObject({ count: 0, isComplete: true });
    const { rows, text } = decode([HEADER, row, TRAILER, row, Buffer.from('more')], ID, 0);
    expect(rows).toMatchObject({ count: 1, isComplete: true });
    expect(text).toBe('{"id":7}\n');
  });
});

describe('BinaryRows, given an invalid value,', () => {
  it.each([
    ['infinity', INFINITY],
    ['-infinity', MINUS_INFINITY],
    ['the last microsecond of 1 BC', micros('0001-01-01') - 1n - EPOCH_2000],
    ['the first of 10000', micros('+010000-01-01') - EPOCH_2000],
    ['4714 BC', -211_813_488_000_000_000n],
    ['294276', 9_223_371_331_199_999_999n],
  ])('throws an error that names the call for the time %s', (_, since2000) => {
    const name = Buffer.from('before the id');
    for (const [index, key] of ['started_at', 'ended_at'].entries()) {
      const times = [timestamp(0n), timestamp(0n)];
      times[index] = int(8, since2000);
      const row = rowOf(name, int(8, -(2n ** 62n)), ...times);
      for (const reading of ['time', 'local time'] as const) {
        const readings: FieldReading[] = ['text', 'integer', reading, reading];
        expect(() => decode([HEADER, row], COLUMNS, ID_INDEX, { readings })).toThrow(
          new UnexportableCallError('-4611686018427387904', key),
        );
      }
    }
  });

  it('still writes the first and the last valid time', () => {
    const columns = [columnOf('started_at', 'time')];
    const [first, last] = [micros('0001-01-01'), micros('9999-12-31T23:59:59.999Z') + 999n];
    const { text } = decode([HEADER, rowOf(timestamp(first)), rowOf(timestamp(last))], columns, 0);
    expect(text).toBe(
      '{"started_at":"0001-01-01T00:00:00"}\n{"started_at":"9999-12-31T23:59:59"}\n',
    );
  });

  it('names the call by an id after the columns, which is not written', () => {
    const columns = [columnOf('started_at', 'time'), columnOf('name', 'text')];
    const row = (since2000: bigint) => rowOf(int(8, since2000), null, Buffer.from('a-6'));
    expect(decode([HEADER, row(0n), TRAILER], columns, 2).text).toBe(
      '{"started_at":"2000-01-01T00:00:00","name":null}\n',
    );
    expect(() => decode([HEADER, row(INFINITY), Buffer.from('x')], columns, 2)).toThrow(
      new UnexportableCallError('a-6', 'started_at'),
    );
  });

  it.each([
    ['another format', Buffer.from('id,name\r\n1,a\r\n2,b\r\n'), 'not in binary COPY format'],
    [
      'rows of fewer columns',
      Buffer.concat([HEADER, rowOf(null)]),
      'a row of 1 fields, expected 4',
    ],
    [
      'rows of more columns',
      Buffer.concat([HEADER, rowOf(null, null, null, null, null)]),
      'a row of 5 fields, expected 4',
    ],
    [
      'an integer of another size',
      Buffer.concat([HEADER, rowOf(null, Buffer.alloc(16), null, null)]),
      'an integer of 16 bytes',
    ],
    [
      'a time of another size',
      Buffer.concat([HEADER, rowOf(null, int(4, 1n), Buffer.alloc(4), null)]),
      'a time of 4 bytes',
    ],
  ])('throws for %s', (_, bytes, sentence) => {
    expect(() => decode([bytes], COLUMNS, ID_INDEX)).toThrow(sentence);
  });
});

describe('BinaryRows, with a function that computes a cell,', () => {
  const computed = (text: Buffer | null) => rowOf(text, Buffer.from('a-5'));

  it('writes cells of any kind', () => {
    const columns = [
      columnOf('id', 'integer'),
      columnOf('cost', 'decimal'),
      columnOf('paid', 'boolean'),
      columnOf('name', 'text'),
      columnOf('none', 'text'),
      columnOf('started_at', 'time'),
    ];
    const readings: FieldReading[] = [
      'integer',
      (text) => `${text}.50`,
      (text) => text === 't',
      (text) => `computed from ${JSON.stringify(text)}`,
      () => null,
      (text) => text,
    ];
    const values = [
      int(2, 7n),
      ...['12', 't', '', 'x', '2023-10-30T10:00:00'].map((text) => Buffer.from(text)),
    ];
    const rows = [HEADER, rowOf(...values), rowOf(...columns.map(() => null))];
    expect(decode(rows, columns, 0, { readings }).text).toBe(
      '{"id":7,"cost":12.50,"paid":true,"name":"computed from \\"\\"","none":null,"started_at":"2023-10-30T10:00:00"}\n' +
        '{"id":null,"cost":null,"paid":null,"name":null,"none":null,"started_at":null}\n',
    );
  });

  it('calls the function once per complete row, for chunks of any size', () => {
    const columns = [columnOf('name', 'text'), columnOf('started_at', 'time')];
    const bytes = Buffer.concat([
      HEADER,
      rowOf(Buffer.from('vAda'), timestamp(0n), Buffer.from('a-5')),
      rowOf(Buffer.from('vEve'), int(8, INFINITY), Buffer.from('a-6')),
    ]);
    for (let at = 0; at < bytes.length; at++) {
      const compute = jest.fn((name: string) => name);
      const chunks = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(() => decode(chunks, columns, 2, { readings: [compute, 'time'] })).toThrow(
        new UnexportableCallError('a-6', 'started_at'),
      );
      expect(compute.mock.calls).toEqual([['vAda'], ['vEve']]);
    }
  });

  it('throws if the function returns undefined or throws', () => {
    const none = () =>
      decode([HEADER, computed(Buffer.from('v'))], NAME, 1, { readings: [() => undefined] });
    expect(none).toThrow(new UnexportableCallError('a-5', 'name', 'text'));
    const cause = new Error('no such number');
    const fail = () => {
      throw cause;
    };
    const failed = () =>
      decode([HEADER, computed(Buffer.from('v'))], NAME, 1, { readings: [fail] });
    expect(failed).toThrow(new UnexportableCallError('a-5', 'name', 'text', { cause }));
    expect(failed).toThrow(expect.objectContaining({ cause }));
  });

  it('limits the range of times, but not of integers', () => {
    const large: FieldReading[] = [() => 2n ** 63n];
    expect(decode([HEADER, computed(Buffer.from('v'))], ID, 1, { readings: large }).text).toBe(
      '{"id":9223372036854775808}\n',
    );
    const number: FieldReading[] = [() => 9_007_199_254_740_991];
    expect(decode([HEADER, computed(Buffer.from('v'))], ID, 1, { readings: number }).text).toBe(
      '{"id":9007199254740991}\n',
    );
  });

  it.each([
    ['Europe/Berlin', '9999-12-31T22:59:59', '9999-12-31T23:59:59', '9999-12-31T23:00:00'],
    ['Etc/GMT+5', '0001-01-01T05:00:00', '0001-01-01T00:00:00', '0001-01-01T04:59:59'],
  ])(
    'writes a time in the zone %s, and throws if it leaves the years 1 to 9999',
    (name, time, shown, out) => {
      const columns = [columnOf('started_at', 'time')];
      const { cells } = ndjson.encoder(columns, { ...FORMAT_OPTIONS, zone: TimeZone.of(name) });
      const write = (value: string) =>
        decode([HEADER, computed(Buffer.from('v'))], columns, 1, { cells, readings: [() => value] })
          .text;
      expect(write(time)).toBe(`{"started_at":"${shown}"}\n`);
      expect(() => write(out)).toThrow(new UnexportableCallError('a-5', 'started_at'));
    },
  );
});
