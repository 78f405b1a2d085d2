import { cellBegin, columnName, numberRows, ROW_BEGIN } from './number-rows';

/** A row of two cells, in columns A and AA. */
const row = (value: string) =>
  `${ROW_BEGIN}${cellBegin(0)} s="2"><v>${value}</v></c>${cellBegin(26)}/></row>`;

const numbered = (number: string, padding: string, value: string) =>
  `<row r="${number}"${padding}><c r="A${number}"${padding} s="2"><v>${value}</v></c>` +
  `<c r="AA${number}"${padding}/></row>`;

function numberedRows(text: string, first: number, last: number): [string, string] {
  const bytes = Buffer.from(text);
  const end = numberRows(bytes, first, last);
  return [bytes.toString('utf8', 0, end), bytes.toString('utf8', end)];
}

describe('numberRows', () => {
  it('writes the number of each row into the row and its cells, padded with spaces', () => {
    expect(numberedRows(row('0') + row('1') + row('00'), 9, 100)).toEqual([
      numbered('9', '      ', '0') + numbered('10', '     ', '1') + numbered('11', '     ', '00'),
      '',
    ]);
  });

  it('handles seven digits', () => {
    expect(numberedRows(row('5'), 1_048_576, 1_048_576)).toEqual([
      numbered('1048576', '', '5'),
      '',
    ]);
  });

  it('stops before a row beyond the last, and does not change it', () => {
    const rows = row('1') + row('2') + row('3');
    expect(numberedRows(rows, 2, 3)).toEqual([
      numbered('2', '      ', '1') + numbered('3', '      ', '2'),
      row('3'),
    ]);
    expect(numberedRows(rows, 4, 3)).toEqual(['', rows]);
  });

  it('handles no rows', () => {
    expect(numberedRows('', 2, 9)).toEqual(['', '']);
  });

  it('does not change texts', () => {
    const text = `${ROW_BEGIN}${cellBegin(1)} t="inlineStr"><is><t>c r="B0000000" row r="0000000"</t></is></c></row>`;
    expect(numberedRows(text, 7, 9)[0]).toBe(
      '<row r="7"      ><c r="B7"       t="inlineStr"><is><t>c r="B0000000" row r="0000000"</t></is></c></row>',
    );
  });
});

describe('columnName', () => {
  it.each([
    [0, 'A'],
    [1, 'B'],
    [25, 'Z'],
    [26, 'AA'],
    [51, 'AZ'],
    [52, 'BA'],
    [701, 'ZZ'],
    [702, 'AAA'],
    [16_383, 'XFD'],
  ])('names column %i %s', (index, name) => {
    expect(columnName(index)).toBe(name);
  });
});
