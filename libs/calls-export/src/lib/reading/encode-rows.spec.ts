import type { Cell } from '../formats/file-format';
import { PageTooLargeError } from './page-reader';
import { encodeRows } from './encode-rows';

/** Writes a row a line, and notes how many rows it is given at a time. */
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
  it('encodes some 64 K characters at a time, and gives them as one', () => {
    for (const [rows, pieces] of [
      [names(3_000, 0), [1_024, 1_024, 952]],
      [names(130, 1_000), [61, 61, 8]],
      [names(3, 65_472), [1, 1, 1]],
      [names(4, 32_704), [2, 2]],
      [names(3, 200_000), [1, 1, 1]],
    ] as const) {
      const encoder = lines();
      const { bytes, count } = encodeRows(rows, encoder, 1e9);
      expect(encoder.encoded).toEqual(pieces);
      expect(count).toBe(rows.length);
      expect(Buffer.from(bytes).toString() === lines().encodeRows(rows)).toBe(true);
    }
  });

  it('encodes no rows', () => {
    const encoder = lines();
    expect(encodeRows([], encoder, 1)).toEqual({ bytes: Buffer.alloc(0), count: 0 });
    expect(encoder.encoded).toEqual([]);
  });

  it('counts the bytes of UTF-8', () => {
    const rows: Cell[][] = [['é'], ['é']];
    expect(encodeRows(rows, lines(), 6).bytes).toHaveLength(6);
    expect(() => encodeRows(rows, lines(), 5)).toThrow(new PageTooLargeError(1));
  });

  it('lets one row be of any size', () => {
    const [row] = names(1, 100_000) as [Cell[]];
    expect(encodeRows([row], lines(), 10).count).toBe(1);
    expect(() => encodeRows([row, row], lines(), 10)).toThrow(new PageTooLargeError(1));
  });

  it('has half of the rows tried that are too many for the first piece', () => {
    expect(() => encodeRows(names(2, 10), lines(), 15)).toThrow(new PageTooLargeError(1));
    expect(() => encodeRows(names(7, 10), lines(), 15)).toThrow(new PageTooLargeError(4));
  });

  it('stops at the piece that is too large, though the rows share a text', () => {
    const name = 'x'.repeat(1_000_000);
    const rows = Array.from({ length: 5_000 }, (_, id): Cell[] => [id % 10, name]);
    const encoder = lines();
    expect(() => encodeRows(rows, encoder, 3_000_009)).toThrow(new PageTooLargeError(3));
    expect(encoder.encoded).toEqual([1, 1, 1, 1]);
    expect(() => encodeRows(rows, lines(), 3_000_008)).toThrow(new PageTooLargeError(2));
  });
});
