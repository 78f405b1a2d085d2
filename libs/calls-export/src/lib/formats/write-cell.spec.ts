import { columnOf } from '../../../test/column-of';
import { csv } from './csv.format';
import { json } from './json.format';
import {
  encodedBytes,
  frameBytes,
  prepareCell,
  type PreparedCell,
  sourceBytes,
  writeCell,
} from './write-cell';
import type { ColumnKind } from '../model/export-column';

const OPTIONS = { formulaGuard: true, byteOrderMark: false, delimiter: ';' } as const;
const COLUMNS = [columnOf('id', 'integer'), columnOf('name', 'text')];

describe('prepareCell', () => {
  it.each<[ColumnKind, Parameters<typeof prepareCell>[0], PreparedCell]>([
    ['text', 'é', Buffer.from('é')],
    ['decimal', '-1.50', Buffer.from('-1.50')],
    ['time', '1970-01-02T00:00:01', 86_401],
    ['time', null, null],
    ['text', null, null],
    ['integer', 5, 5],
    ['integer', 5n, 5n],
    ['boolean', false, false],
  ])('prepares the %s %j', (kind, cell, prepared) =>
    expect(prepareCell(cell, kind)).toEqual(prepared),
  );
});

describe('sourceBytes', () => {
  it.each<[PreparedCell, number]>([
    [Buffer.from('né'), 3],
    [5, 0],
    [5n, 0],
    [null, 0],
    [true, 0],
  ])('for %j is %d', (cell, count) => expect(sourceBytes(cell)).toBe(count));
});

describe('writeCell', () => {
  const { cells } = csv.encoder(COLUMNS, OPTIONS);

  it.each<[ColumnKind, PreparedCell, string]>([
    ['text', Buffer.from('a"b'), '"a""b"'],
    ['text', Buffer.from('-1'), '"\'-1"'],
    ['decimal', Buffer.from('-1.50'), '-1.50'],
    ['integer', -5, '-5'],
    ['integer', 9_007_199_254_740_993n, '9007199254740993'],
    ['boolean', true, 'true'],
    ['boolean', false, 'false'],
    ['time', 86_401, '"1970-01-02T00:00:01"'],
    ['text', null, ''],
    ['time', null, ''],
  ])('writes the %s %p as %j', (kind, cell, text) => {
    const bytes = Buffer.alloc(50, '~');
    const end = writeCell(cells, kind, bytes, 2, cell);
    expect(bytes.toString('utf8', 0, end + 1)).toBe(`~~${text}~`);
  });

  it('writes a null cell as the format defines', () => {
    const bytes = Buffer.alloc(10, '~');
    const end = writeCell(json.encoder(COLUMNS, OPTIONS).cells, 'text', bytes, 1, null);
    expect(bytes.toString('utf8', 0, end)).toBe('~null');
  });
});

describe('frameBytes', () => {
  it('counts the constants and the longest value of each column', () => {
    const { cells } = json.encoder(COLUMNS, OPTIONS);
    expect(frameBytes({ ...cells, valueBytes: 38 })).toBe(',\n{"id":,"name":}'.length + 2 * 38);
  });

  it('counts the longest null', () => {
    const { cells } = json.encoder(COLUMNS, OPTIONS);
    expect(frameBytes({ ...cells, valueBytes: 2 })).toBe(',\n{"id":,"name":}'.length + 2 * 4);
  });
});

describe('encodedBytes', () => {
  it('sums the bytes that each byte of the text takes', () => {
    const { textBytes } = csv.encoder(COLUMNS, OPTIONS).cells;
    const source = Buffer.from('""a"b|""');
    expect(encodedBytes(source, 2, 6, textBytes)).toBe('a""b|\''.length);
    expect(encodedBytes(source, 3, 3, textBytes)).toBe(0);
  });
});
