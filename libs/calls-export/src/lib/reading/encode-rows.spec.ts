import type { Cell } from '../formats/file-format';
import { PageTooLargeError } from './page-reader';
import { encodeRows } from './encode-rows';

/** An encoder that writes a row per line, and records how many rows each call gets. */
function lines() {
  const encoded: number[] = [];
  return {
    encoded,
    encodeRows(rows: readonly Cell[][]) {
      encoded.push(rows.length);
      return rows.map((row) => `${row.join()}\n`).join('');
    },
  };
}

const names = (count: number, length: number): Cell[][] =>
  Array.from({ length: count }, (_, id) => [id, 'x'.repeat(length)]);

describe('encodeRows', () => {
  it('encodes about 64 K characters at a time, and returns them as one buffer', () => {
    for (const [rows, chunks] of [
      [names(3_000, 0), [1_024, 1_024, 952]],
      [names(130, 1_000), [61, 61, 8]],
      [names(3, 65_472), [1, 1, 1]],
      [names(4, 32_704), [2, 2]],
      [names(3, 200_000), [1, 1, 1]],
    ] as const) {
      const encoder = lines();
      const { bytes, count } = encodeRows(rows, encoder, 1e9);
      expect(encoder.encoded).toEqual(chunks);
      expect(count).toBe(rows.length);
      expect(Buffer.from(bytes).toString() === lines().encodeRows(rows)).toBe(true);
    }
  });

  it('returns an empty buffer for no rows', () => {
    const encoder = lines();
    expect(encodeRows([], encoder, 1)).toEqual({ bytes: Buffer.alloc(0), count: 0 });
    expect(encoder.encoded).toEqual([]);
  });

  it('counts bytes of UTF-8, not characters', () => {
    const rows: Cell[][] = [['é'], ['é']];
    expect(encodeRows(rows, lines(), 6).bytes).toHaveLength(6);
    expect(() => encodeRows(rows, lines(), 5)).toThrow(new PageTooLargeError(1));
  });

  it('accepts a single row of any size', () => {
    const [row] = names(1, 100_000) as [Cell[]];
    expect(encodeRows([row], lines(), 10).count).toBe(1);
    expect(() => encodeRows([row, row], lines(), 10)).toThrow(new PageTooLargeError(1));
  });

  it('reports that half of the rows fit if the first chunk exceeds the limit', () => {
    expect(() => encodeRows(names(2, 10), lines(), 15)).toThrow(new PageTooLargeError(1));
    expect(() => encodeRows(names(7, 10), lines(), 15)).toThrow(new PageTooLargeError(4));
  });

  it('stops at the chunk that exceeds the limit, even if the rows share a string', () => {
    const name = 'x'.repeat(1_000_000);
    const rows = Array.from({ length: 5_000 }, (_, id): Cell[] => [id % 10, name]);
    const encoder = lines();
    expect(() => encodeRows(rows, encoder, 3_000_009)).toThrow(new PageTooLargeError(3));
    expect(encoder.encoded).toEqual([1, 1, 1, 1]);
    expect(() => encodeRows(rows, lines(), 3_000_008)).toThrow(new PageTooLargeError(2));
  });
});
