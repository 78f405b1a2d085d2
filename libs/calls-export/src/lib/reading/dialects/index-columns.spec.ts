import { byIndex, scannableColumns } from './index-columns';

/** Parses the columns of an index as in SQL; `-` stands for an expression. */
const columns = (list: string) =>
  list.split(', ').map((column) => {
    const [name = '', way] = column.split(' ');
    return { name: name === '-' ? null : name, isDescending: way === 'DESC' };
  });

describe('scannableColumns', () => {
  it.each([
    ['a', 'a'],
    ['a DESC', 'a'],
    ['a, b, c', 'a, b, c'],
    ['a DESC, b DESC, c DESC', 'a, b, c'],
    // A scan has one value of the first column, so its direction does not matter.
    ['a, b DESC, c DESC', 'a, b, c'],
    ['a DESC, b, c', 'a, b, c'],
    ['a, b, c DESC, d', 'a, b'],
    ['a, b DESC, c, d DESC', 'a, b'],
    ['a, -, c', 'a'],
    ['a, b, -', 'a, b'],
    ['-, b, c', ''],
    ['-', ''],
  ])('of the index (%s) returns (%s)', (index, scannable) => {
    expect(scannableColumns(columns(index)).join(', ')).toBe(scannable);
  });

  it('returns no columns for an index without columns', () => {
    expect(scannableColumns([])).toEqual([]);
  });
});

describe('byIndex', () => {
  it('groups the columns by index in the order of the rows', () => {
    const rows = [
      ['one', 'a'],
      ['two', 'b'],
      ['one', 'c'],
      ['one', 'd'],
    ] as const;
    const column = (name: string) => ({ name, isDescending: false });
    const indexes = byIndex(
      rows,
      ([index]) => index,
      ([, name]) => column(name),
    );
    expect([...indexes]).toEqual([
      ['one', [column('a'), column('c'), column('d')]],
      ['two', [column('b')]],
    ]);
  });
});
