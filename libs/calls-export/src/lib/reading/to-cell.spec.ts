import type { ColumnKind } from '../model/export-column';
import { toCell } from './to-cell';

const DATE = new Date('2023-10-30T10:00:00.999Z');
const NONE = [Symbol('s'), () => 1, [], { a: 1 }];

/** Values and their cells, by kind. */
const CELLS: Record<ColumnKind, [unknown, unknown][]> = {
  integer: [
    [7, 7],
    [-7, -7],
    ['007', 7],
    ['-7', -7],
    [7n, 7],
    [9_007_199_254_740_991, 9_007_199_254_740_991],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740992', 9_007_199_254_740_992n],
    ['-9007199254740993', -9_007_199_254_740_993n],
    [9_007_199_254_740_992, 9_007_199_254_740_992n],
    [-(2n ** 63n), -(2n ** 63n)],
    ['18446744073709551615', 2n ** 64n - 1n],
  ],
  decimal: [
    [0, '0'],
    [12.5, '12.5'],
    [-0.5, '-0.5'],
    [1e21, '1e+21'],
    [1e-7, '1e-7'],
    [12n, '12'],
    ['12.50', '12.50'],
    ['+12.50', '12.50'],
    ['-12.50', '-12.50'],
    ['.5', '0.5'],
    ['-.5', '-0.5'],
    ['007', '7'],
    ['000', '0'],
    ['00.10', '0.10'],
    ['100', '100'],
    ['1E5', '1E5'],
    ['1.5e-10', '1.5e-10'],
    ['1.25e+10', '1.25e+10'],
    ['12345678901234567890.12345678901234567890', '12345678901234567890.12345678901234567890'],
    [{ toString: () => '1.50' }, '1.50'],
  ],
  boolean: [
    [true, true],
    [false, false],
    [1, true],
    [0, false],
    ['1', true],
    ['0', false],
    ['true', true],
    ['false', false],
    [1n, true],
    [Buffer.of(1), true],
    [Buffer.of(0), false],
  ],
  text: [
    ['', ''],
    ['é 😀', 'é 😀'],
    ['a\ud800b', 'a\ufffdb'],
    ['\udc00', '\ufffd'],
    [7, '7'],
    [7n, '7'],
    [true, 'true'],
  ],
  time: [
    [DATE, '2023-10-30T10:00:00'],
    [DATE.getTime(), '2023-10-30T10:00:00'],
    ['2023-10-30T12:00:00.999+02:00', '2023-10-30T10:00:00'],
    [{ valueOf: () => DATE.getTime() }, '2023-10-30T10:00:00'],
    [0, '1970-01-01T00:00:00'],
    [-1, '1969-12-31T23:59:59'],
    [new Date('0001-01-01T00:00:00Z'), '0001-01-01T00:00:00'],
    [new Date('9999-12-31T23:59:59.999Z'), '9999-12-31T23:59:59'],
  ],
};

/** Values that do not match a kind. */
const REFUSED: Record<ColumnKind, unknown[]> = {
  integer: [
    ...[1.5, NaN, Infinity, '', 'x', '1.5', '1e3', ' 7', '7 ', '7x', 'x7', '+7', '--7', '0x10'],
    ...[true, new Date(0), 2n ** 64n, -(2n ** 63n) - 1n, '18446744073709551616', 1e30],
  ],
  decimal: [
    ...[NaN, Infinity, '', '.', '-', 'x', '1.', '1.5.5', ' 1', '1 ', '1e', 'e5', '1e5x', 'x1'],
    ...['0x10', '1,5', '--1', '1e1.5', true],
    ...[[1], ['1'], Object.assign(() => {}, { toString: () => '1' })],
  ],
  boolean: ['', [], 'TRUE', 'yes', 2, -1, '01', Buffer.of(2), Buffer.of(1, 0), Buffer.of(), {}],
  text: [{}, [], ['a'], new Date(0), Buffer.from('a'), new String('a')],
  time: [
    ...[true, 5n, [2023], ['2023-10-30'], '', 'infinity', NaN, Infinity, new Date(NaN), {}],
    ...[new Date('0000-12-31T23:59:59.999Z'), new Date('+010000-01-01T00:00:00Z'), () => 0],
    new Date('-000001-06-01T00:00:00Z'),
  ],
};

const KINDS = Object.keys(CELLS) as ColumnKind[];

describe.each(KINDS)('toCell for %s', (kind) => {
  it.each(CELLS[kind])('converts %p to %p', (value, cell) => {
    expect(toCell(kind, value)).toBe(cell);
  });

  it.each(REFUSED[kind].map((value) => [value] as const))('returns undefined for %p', (value) => {
    expect(toCell(kind, value)).toBeUndefined();
  });

  it.each(NONE.map((value) => [value] as const))(
    'returns undefined for %p, like every kind',
    (value) => {
      expect(toCell(kind, value)).toBeUndefined();
    },
  );

  it('returns null for null and undefined', () => {
    expect(toCell(kind, null)).toBeNull();
    expect(toCell(kind, undefined)).toBeNull();
  });
});
