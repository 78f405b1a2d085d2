import { columnOf } from '../../../test/column-of';
import { encodeByCells } from './encode-by-cells';
import type { Cell } from './file-format';
import { ndjson } from './ndjson.format';

const COLUMNS = [columnOf('id', 'integer'), columnOf('name', 'text'), columnOf('at', 'time')];
const { cells, encodeRows } = ndjson.encoder(COLUMNS, {
  formulaGuard: false,
  byteOrderMark: false,
  delimiter: ',',
});
const AT = '2023-10-30T10:00:00';

/** Encodes rows by cells, and by an encoder that has its own way. */
const bothWays = (rows: Cell[][]) => [encodeByCells(rows, COLUMNS, cells), encodeRows(rows)];

describe('encodeByCells', () => {
  it('writes each cell after its prefix, and the end after the last cell', () =>
    expect(
      encodeByCells(
        [
          [1, 'é', AT],
          [2n, null, null],
        ],
        COLUMNS,
        cells,
      ),
    ).toBe(`{"id":1,"name":"é","at":"${AT}"}\n{"id":2,"name":null,"at":null}\n`));

  it('writes nothing without rows', () => expect(encodeByCells([], COLUMNS, cells)).toBe(''));

  it('writes null for missing cells', () =>
    expect(encodeByCells([[1]], COLUMNS, cells)).toBe('{"id":1,"name":null,"at":null}\n'));

  it('handles any number of rows', () => {
    const [written, expected] = bothWays(Array.from({ length: 2_000 }, (_, id) => [id, '', AT]));
    expect(written === expected).toBe(true);
    expect(written?.length).toBeGreaterThan(80_000);
  });

  it('handles texts of any size, even if every byte is escaped', () => {
    const long = '\u0001'.repeat(20_000);
    const [written, expected] = bothWays([
      [1, 'a', AT],
      [2, long, AT],
      [3, 'b', AT],
    ]);
    expect(written === expected).toBe(true);
    expect(written?.length).toBeGreaterThan(120_000);
  });
});
