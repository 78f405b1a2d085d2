import * as fc from 'fast-check';
import { columnOf } from '../../../../test/column-of';
import { ndjson } from '../../formats/ndjson.format';
import { Page } from '../../formats/page';
import { UnexportableCallError } from '../../model/export-errors';
import { TimeZone } from '../../model/time-zone';
import { PageTooLargeError } from '../calls-reader';
import { BinaryRows, type FieldReading } from './binary-rows';

const COLUMNS = [
  columnOf('name', 'text'),
  columnOf('id', 'integer'),
  columnOf('started_at', 'time'),
  columnOf('ended_at', 'time'),
];
const ID_INDEX = 1;
const OPTIONS = { formulaGuard: true, byteOrderMark: false, delimiter: ',' } as const;

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = int(2, -1n);
const SECOND = 1_000_000n;
const EPOCH_2000 = BigInt(Date.parse('2000-01-01T00:00:00Z')) * 1000n;
const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;
const [INFINITY, MINUS_INFINITY] = [2n ** 63n - 1n, -(2n ** 63n)];

function int(bytes: 2 | 4 | 8, value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return buffer.subarray(8 - bytes);
}

/** A row as PostgreSQL sends it. */
function rowOf(...fields: (Buffer | null)[]): Buffer {
  return Buffer.concat([
    int(2, BigInt(fields.length)),
    ...fields.flatMap((field) => (field ? [int(4, BigInt(field.length)), field] : [int(4, -1n)])),
  ]);
}

const timestamp = (since1970: bigint) => int(8, since1970 - EPOCH_2000);

function decode(
  chunks: readonly Buffer[],
  columns = COLUMNS,
  idIndex = ID_INDEX,
  maxBytes = 1e9,
  readings = columns.map(({ kind }) => kind as FieldReading),
) {
  const { cells } = ndjson.encoder(columns, OPTIONS);
  const rows = new BinaryRows(columns, idIndex, cells, new Page(16), maxBytes, readings);
  for (const chunk of chunks) {
    // The driver reads the next bytes into the same memory.
    const lent = Buffer.from(chunk);
    rows.write(lent);
    lent.fill(0xee);
  }
  return { rows, text: rows.page.bytes.toString('utf8', 0, rows.page.length) };
}

const isoOf = (since1970: bigint): string => {
  const seconds = (since1970 - (((since1970 % SECOND) + SECOND) % SECOND)) / SECOND;
  return new Date(Number(seconds) * 1000).toISOString().slice(0, -5);
};

const anyTime = fc.oneof(
  fc.bigInt({ min: micros('0001-01-01'), max: micros('9999-12-31T23:59:59.999Z') + 999n }),
  // Where the second changes.
  fc
    .tuple(
      fc.integer({ min: -62_135_596_799, max: 253_402_300_799 }),
      fc.constantFrom(-1n, 0n, 1n, 999_999n),
    )
    .map(([seconds, rest]) => BigInt(seconds) * SECOND + rest),
  fc.constantFrom(micros('1970-01-01'), micros('1999-12-31T23:59:59.999Z') + 999n, EPOCH_2000),
);
const anyRow = fc.record({
  name: fc.option(fc.string({ unit: 'grapheme', maxLength: 20 })),
  id: fc.oneof(
    fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((value) => ({ bytes: 8 as const, value })),
    fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }).map((value) => ({ bytes: 8 as const, value })),
    fc
      .bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n })
      .map((value) => ({ bytes: 4 as const, value })),
    fc
      .bigInt({ min: -(2n ** 15n), max: 2n ** 15n - 1n })
      .map((value) => ({ bytes: 2 as const, value })),
  ),
  startedAt: fc.option(anyTime),
  endedAt: fc.option(anyTime),
});

describe('BinaryRows', () => {
  it.each(['x', '"', '\u0001', 'é'])('writes a long text of %j, whatever room it takes', (text) => {
    const name = text.repeat(200_000);
    const id = 2n ** 62n;
    const row = rowOf(Buffer.from(name), int(8, id), null, timestamp(0n));
    const { rows, text: written } = decode([HEADER, row, row, TRAILER]);
    const line = `{"name":${JSON.stringify(name)},"id":${id},"started_at":null,"ended_at":"1970-01-01T00:00:00"}\n`;
    expect(rows.count).toBe(2);
    expect(written === line + line).toBe(true);
    // No more room than it takes, but for the room to grow.
    expect(rows.page.bytes.length).toBeLessThan(2.2 * 2 * line.length);
  });

  it('keeps a page to its size unless it is one row, whatever is escaped', () => {
    const anyName = fc
      .tuple(fc.constantFrom('x', '"', '\u0001', 'é'), fc.integer({ min: 0, max: 9_000 }))
      .map(([text, length]) => Buffer.from(text.repeat(length)));
    fc.assert(
      fc.property(
        fc.array(anyName, { maxLength: 12 }),
        fc.integer({ min: 1_000, max: 100_000 }),
        (names, maxBytes) => {
          const rows = names.map((name) => rowOf(name, int(8, 1n), null, null));
          const lines = names.map(
            (name) =>
              `{"name":${JSON.stringify(String(name))},"id":1,"started_at":null,"ended_at":null}\n`,
          );
          try {
            const { text } = decode([HEADER, ...rows, TRAILER], COLUMNS, ID_INDEX, maxBytes);
            expect(text === lines.join('')).toBe(true);
            expect(lines.length <= 1 || Buffer.byteLength(text) <= maxBytes).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(PageTooLargeError);
            const { calls } = error as PageTooLargeError;
            const fitting = Buffer.byteLength(lines.slice(0, calls).join(''));
            expect(calls === 1 || fitting <= maxBytes).toBe(true);
            // And hardly more would have.
            const oneMore = Buffer.byteLength(lines.slice(0, calls + 1).join(''));
            expect(oneMore).toBeGreaterThan(maxBytes - 200);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('writes what PostgreSQL sends, wherever its bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyRow, { maxLength: 5 }),
        fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 200 })),
        (rows, chunkBytes) => {
          const stream = Buffer.concat([
            HEADER,
            ...rows.map(({ name, id, startedAt, endedAt }) =>
              rowOf(
                name === null ? null : Buffer.from(name),
                int(id.bytes, id.value),
                startedAt === null ? null : timestamp(startedAt),
                endedAt === null ? null : timestamp(endedAt),
              ),
            ),
            TRAILER,
          ]);
          const chunks: Buffer[] = [];
          for (let at = 0; at < stream.length; at += chunkBytes) {
            chunks.push(stream.subarray(at, at + chunkBytes));
          }
          const lines = rows.map(
            ({ name, id, startedAt, endedAt }) =>
              `{"name":${JSON.stringify(name)},"id":${id.value},` +
              `"started_at":${JSON.stringify(startedAt === null ? null : isoOf(startedAt))},` +
              `"ended_at":${JSON.stringify(endedAt === null ? null : isoOf(endedAt))}}\n`,
          );
          const decoded = decode(chunks);
          expect(decoded.text).toBe(lines.join(''));
          expect(decoded.rows).toMatchObject({ count: rows.length, isComplete: true });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('writes what a server has sent', () => {
    // PostgreSQL 15: COPY (SELECT '=1'::text, 9007199254740993::bigint, '1969-12-31 23:59:59.999999Z'::timestamptz, NULL)
    const sent = Buffer.from(
      '5047434f50590aff0d0a0000000000000000000004000000023d31000000080020000000000001' +
        '00000008fffca2fec4c81fffffffffffff',
      'hex',
    );
    const { text } = decode([sent]);
    expect(text).toBe(
      '{"name":"=1","id":9007199254740993,"started_at":"1969-12-31T23:59:59","ended_at":null}\n',
    );
  });

  it('skips the extension of a header', () => {
    const header = Buffer.from(HEADER);
    header.writeInt32BE(3, HEADER.length - 4);
    const row = rowOf(null, int(2, 7n), null, null);
    const { text } = decode([header, Buffer.from('ext'), row, TRAILER]);
    expect(text).toContain('"id":7,');
  });

  it('is not complete before the end of the rows', () => {
    const row = rowOf(null, int(2, 7n), null, null);
    expect(decode([HEADER, row]).rows.isComplete).toBe(false);
    expect(decode([HEADER, row, TRAILER.subarray(0, 1)]).rows.isComplete).toBe(false);
    expect(decode([HEADER, TRAILER]).rows).toMatchObject({ count: 0, isComplete: true });
  });

  it.each([
    ['infinity', INFINITY],
    ['-infinity', MINUS_INFINITY],
    ['the last microsecond of 1 BC', micros('0001-01-01') - 1n - EPOCH_2000],
    ['the first of 10000', micros('+010000-01-01') - EPOCH_2000],
    ['4714 BC', -211_813_488_000_000_000n],
    ['294276', 9_223_371_331_199_999_999n],
  ])('can not write %s, and names the call', (_, since2000) => {
    const name = Buffer.from('before the id');
    for (const [index, key] of ['started_at', 'ended_at'].entries()) {
      const times = [timestamp(0n), timestamp(0n)];
      times[index] = int(8, since2000);
      const row = rowOf(name, int(8, -(2n ** 62n)), ...times);
      expect(() => decode([HEADER, row])).toThrow(
        new UnexportableCallError('-4611686018427387904', key),
      );
    }
  });

  it('names the call by an id that is behind the columns, and no part of the file', () => {
    const columns = [columnOf('started_at', 'time')];
    const good = rowOf(timestamp(0n), Buffer.from('5'));
    expect(decode([HEADER, good, TRAILER], columns, 1).text).toBe(
      '{"started_at":"1970-01-01T00:00:00"}\n',
    );
    const bad = rowOf(int(8, INFINITY), Buffer.from('a-6'));
    expect(() => decode([HEADER, bad], columns, 1)).toThrow(
      new UnexportableCallError('a-6', 'started_at'),
    );
  });

  it('has a cell made once, of a whole row, wherever the bytes are cut', () => {
    const columns = [columnOf('name', 'text'), columnOf('started_at', 'time')];
    const bytes = Buffer.concat([
      HEADER,
      rowOf(Buffer.from('vAda'), timestamp(0n), Buffer.from('a-5')),
      rowOf(Buffer.from('vEve'), int(8, INFINITY), Buffer.from('a-6')),
    ]);
    for (let cut = 0; cut < bytes.length; cut++) {
      const make = jest.fn((name: string) => name);
      const chunks = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(() => decode(chunks, columns, 2, 1e9, [make, 'time'])).toThrow(
        new UnexportableCallError('a-6', 'started_at'),
      );
      expect(make.mock.calls).toEqual([['vAda'], ['vEve']]);
    }
  });

  it('writes made times in the zone, and refuses those that leave its years', () => {
    const columns = [columnOf('started_at', 'time')];
    const zone = TimeZone.of('Europe/Berlin');
    const { cells } = ndjson.encoder(columns, { ...OPTIONS, zone });
    const write = (time: string) => {
      const rows = new BinaryRows(columns, 1, cells, new Page(16), 1e9, [() => time]);
      rows.write(Buffer.concat([HEADER, rowOf(Buffer.from('v'), Buffer.from('a-5')), TRAILER]));
      return rows.page.bytes.toString('utf8', 0, rows.page.length);
    };
    expect(write('2023-07-30T10:00:00')).toBe('{"started_at":"2023-07-30T12:00:00"}\n');
    expect(write('9999-12-31T22:59:59')).toBe('{"started_at":"9999-12-31T23:59:59"}\n');
    expect(() => write('9999-12-31T23:00:00')).toThrow(
      new UnexportableCallError('a-5', 'started_at'),
    );
  });

  it.each([
    ['something else', Buffer.from('id,name\r\n1,a\r\n2,b\r\n'), 'something else than binary COPY'],
    ['rows of other columns', Buffer.concat([HEADER, rowOf(null)]), 'a row of 1 fields, not 4'],
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
  ])('refuses %s', (_, bytes, sentence) => {
    expect(() => decode([bytes])).toThrow(sentence);
  });
});
