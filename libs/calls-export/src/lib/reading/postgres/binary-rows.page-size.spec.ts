import { columnOf } from '../../../../test/column-of';
import { decode, HEADER, rowOf, TRAILER } from '../../../../test/copied-rows';
import { Page } from '../../formats/page';
import { PageTooLargeError } from '../page-reader';

const NAME = [columnOf('name', 'text')];
const MIB = 2 ** 20;

/** A row with a name and, after it, an id. */
const named = (name: string) => rowOf(Buffer.from(name), Buffer.from('a-5'));
const line = (name: string) => `{"name":${JSON.stringify(name)}}\n`;

function cut(bytes: Buffer, chunkBytes: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    chunks.push(bytes.subarray(at, at + chunkBytes));
  }
  return chunks;
}

describe('The page of BinaryRows', () => {
  it.each([8 * MIB + 1, 1 * MIB])(
    'fits a single row that exceeds the limit, in chunks of %d bytes',
    (chunkBytes) => {
      const name = 'x'.repeat(8 * MIB + 1);
      const chunks = [HEADER, ...cut(named(name), chunkBytes), TRAILER];
      const { rows, text } = decode(chunks, NAME, 1, {
        maxBytes: 8 * MIB,
        page: new Page(16, 8 * MIB),
      });
      expect(rows).toMatchObject({ count: 1, isComplete: true });
      expect(text === line(name)).toBe(true);
    },
  );

  it.each(['x', '"', '\u0001', 'é'])(
    'fits a long text of %j without allocating much more',
    (text) => {
      const name = text.repeat(50_000);
      const { rows, text: written } = decode([HEADER, named(name), named(name), TRAILER], NAME, 1);
      expect(rows.count).toBe(2);
      expect(written === line(name) + line(name)).toBe(true);
      // What the rows need, plus the page's own growth.
      expect(rows.page.bytes.length).toBeLessThan(2.2 * 2 * line(name).length);
    },
  );

  it.each([1, 500, 600, 4_000, 10_000])('fits %d characters that take six bytes each', (length) => {
    const name = '\u0001'.repeat(length);
    for (const reading of ['text', (text: string) => text] as const) {
      const row = rowOf(Buffer.from(name));
      const { text } = decode([HEADER, row, row], NAME, 0, { readings: [reading] });
      expect(text === line(name) + line(name)).toBe(true);
    }
  });

  it.each([1, 5_000])('keeps to the limit with names of %d characters', (length) => {
    const name = '"'.repeat(length);
    const rows = [HEADER, named(name), named(name), named(name), TRAILER];
    const twoRows = 2 * line(name).length;
    for (const maxBytes of [twoRows, twoRows + 1, 3 * line(name).length - 1]) {
      expect(() => decode(rows, NAME, 1, { maxBytes })).toThrow(new PageTooLargeError(2));
    }
    expect(() => decode(rows, NAME, 1, { maxBytes: twoRows - 1 })).toThrow(
      new PageTooLargeError(1),
    );
    const { text } = decode(rows, NAME, 1, { maxBytes: 3 * line(name).length });
    expect(text).toBe(line(name).repeat(3));
  });

  it('allocates little more than many short rows need', () => {
    const rows = Array.from({ length: 1_000 }, () => named('Ada'));
    const { rows: decoded, text } = decode([Buffer.concat([HEADER, ...rows])], NAME, 1);
    expect(decoded.count).toBe(1_000);
    expect(decoded.page.bytes.length).toBeLessThan(2.2 * text.length);
  });

  it('allocates no memory for a long row that exceeds the limit', () => {
    const page = new Page(16);
    const rows = [HEADER, named('Ada'), named('x'.repeat(MIB))];
    expect(() => decode(rows, NAME, 1, { maxBytes: 10_000, page })).toThrow(
      'The page exceeds its byte limit (calls that fit: 1)',
    );
    expect(page.bytes.length).toBeLessThan(10_000);
    expect(page.bytes.toString('utf8', 0, page.length)).toBe(line('Ada'));
  });
});
