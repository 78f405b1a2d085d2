import * as fc from 'fast-check';
import { PageTooLargeError } from '../src/lib/reading/page-reader';
import { columnOf } from './column-of';
import { decode, EPOCH_2000, HEADER, int, micros, rowOf, timestamp, TRAILER } from './copied-rows';

const COLUMNS = [
  columnOf('name', 'text'),
  columnOf('id', 'integer'),
  columnOf('started_at', 'time'),
  columnOf('ended_at', 'time'),
];
const ID_INDEX = 1;
const SECOND = 1_000_000n;

const isoOf = (since1970: bigint): string => {
  const seconds = (since1970 - (((since1970 % SECOND) + SECOND) % SECOND)) / SECOND;
  return new Date(Number(seconds) * 1000).toISOString().slice(0, -5);
};

const anyTime = fc.oneof(
  fc.bigInt({ min: micros('0001-01-01'), max: micros('9999-12-31T23:59:59.999Z') + 999n }),
  // Around the boundary of a second.
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
  it('keeps a page within its size limit unless it has only one row, whatever is escaped', () => {
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
            const { text } = decode([HEADER, ...rows, TRAILER], COLUMNS, ID_INDEX, {
              maxBytes,
            });
            expect(text === lines.join('')).toBe(true);
            expect(lines.length <= 1 || Buffer.byteLength(text) <= maxBytes).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(PageTooLargeError);
            const { calls } = error as PageTooLargeError;
            const fitting = Buffer.byteLength(lines.slice(0, calls).join(''));
            expect(calls === 1 || fitting <= maxBytes).toBe(true);
            // A page with one more row would have exceeded the limit, or nearly.
            const oneMore = Buffer.byteLength(lines.slice(0, calls + 1).join(''));
            expect(oneMore).toBeGreaterThan(maxBytes - 200);
          }
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);

  it('writes the rows that PostgreSQL sends, however the data is split into chunks', () => {
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
          const decoded = decode(chunks, COLUMNS, ID_INDEX);
          expect(decoded.text).toBe(lines.join(''));
          expect(decoded.rows).toMatchObject({ count: rows.length, isComplete: true });
        },
      ),
      { numRuns: 500 },
    );
  }, 60_000);
});
