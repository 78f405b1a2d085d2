import * as fc from 'fast-check';
import { columnOf } from '../../../test/column-of';
import { csv } from './csv.format';
import { CSV_DELIMITERS, type CsvDelimiter } from './file-format';

/** A cell as both ways of writing it give it. */
function cellOf(cell: string, delimiter: CsvDelimiter = ','): string {
  const options = { formulaGuard: true, byteOrderMark: false, delimiter };
  const encoder = csv.encoder([columnOf('text', 'text')], options);
  const source = Buffer.from(cell);
  const room = source.reduce((sum, byte) => sum + (encoder.cells.textBytes[byte] as number), 3);
  const bytes = Buffer.alloc(room);
  const written = bytes.toString('utf8', 0, encoder.cells.text(bytes, 0, source, 0, source.length));
  expect(encoder.encodeRows([[cell]])).toBe(`${written}\r\n`);
  return written;
}

describe('The formula guard', () => {
  /** All characters that JavaScript's `\s` means. */
  const BLANKS = [...Array(0x10000).keys()]
    .map((code) => String.fromCharCode(code))
    .filter((character) => /\s/.test(character));

  it.each(['=1', '+1', '-1', '@a', '＝1', '＋1', '－1', '＠a', '\ta', '\ra', '\na', '+', '+0123'])(
    'puts an apostrophe before %j',
    (cell) => expect(cellOf(cell)).toBe(`"'${cell}"`),
  );

  it('looks behind blanks of every kind', () => {
    expect(BLANKS).toHaveLength(25);
    for (const blank of BLANKS) {
      const behind = '\t\r\n'.includes(blank) ? "'" : '';
      expect(cellOf(`${blank} =1`)).toBe(`"'${blank}${behind} =1"`);
    }
  });

  it('looks behind a NUL, which LibreOffice drops', () => {
    expect(cellOf('\0=1')).toBe('"\'\0=1"');
    expect(cellOf('a;\0=1')).toBe('"a;\'\0=1"');
  });

  describe.each(CSV_DELIMITERS)('in a file whose delimiter is %j', (delimiter) => {
    const others = [...CSV_DELIMITERS, '\r', '\n'].filter((each) => each !== delimiter);

    it.each(others)('puts an apostrophe behind %j before a formula', (separator) => {
      for (const opener of '=+-@＝＋－＠') {
        expect(cellOf(`a${separator}${opener}1`, delimiter)).toBe(`"a${separator}'${opener}1"`);
      }
      for (const blank of BLANKS.filter((each) => !others.includes(each))) {
        expect(cellOf(`a${separator}${blank} =1`, delimiter)).toBe(`"a${separator}'${blank} =1"`);
      }
      expect(cellOf(`a${separator}"=1`, delimiter)).toBe(`"a${separator}'""=1"`);
      expect(cellOf(`a${separator}" "" =1`, delimiter)).toBe(`"a${separator}'"" """" =1"`);
    });

    it('puts none behind its own delimiter', () => {
      expect(cellOf(`a${delimiter}=1`, delimiter)).toBe(`"a${delimiter}=1"`);
      expect(cellOf(`Smith${delimiter} -J`, delimiter)).toBe(`"Smith${delimiter} -J"`);
    });

    it('puts one behind the last of several separators', () => {
      const all = others.join('');
      expect(cellOf(`a${all}=1${all}-1`, delimiter)).toBe(`"a${all}'=1${all}'-1"`);
    });

    it.each(others)('leaves what is no formula behind %j alone', (separator) => {
      for (const rest of ['', 'b', '1=1', ' b', '"b', "'=1", 'é=1', '\u3000b', '#', '1-1', '"']) {
        const cell = `a${separator}${rest}`;
        expect(cellOf(cell, delimiter)).toBe(`"${cell.replaceAll('"', '""')}"`);
      }
    });
  });

  it.each([
    'a;+15551234567',
    'a;+15551234567;+15557654321;b',
    'a|+12|+123456789012345',
    'a\n+15551234567\n+15557654321',
    'a\r\n+15551234567\r\nb',
    'a;+15551234567\nb',
    'a\t+15551234567',
  ])('leaves the phone numbers of %j alone', (cell) => expect(cellOf(cell)).toBe(`"${cell}"`));

  it.each([
    // Too short, too long, no digit, blanks.
    ['a;+1', "a;'+1"],
    ['a;+1234567890123456;', "a;'+1234567890123456;"],
    ['a;+0555;', "a;'+0555;"],
    ['a; +15551234567', "a;' +15551234567"],
    ['a;+15551234567 ', "a;'+15551234567 "],
    // The field of an import that splits at the first separator alone goes on.
    ['a;+1555,x', "a;'+1555,x"],
    ['a;+1555|x', "a;'+1555|x"],
    ['a\n+1555;x', "a\n'+1555;x"],
    ["a\n+1555\t*cmd|' /C calc'!A0", "a\n'+1555\t*cmd|' /C calc'!A0"],
    ["a;\t+1555\t*cmd|' /C calc'!A0", "a;\t'+1555\t*cmd|' /C calc'!A0"],
    ['a\r+1555\r*2', "a\r'+1555\r*2"],
  ])('takes what is in %j for no phone number', (cell, guarded) =>
    expect(cellOf(cell)).toBe(`"${guarded}"`),
  );

  it('takes a time that grows with the length of a text, not with its square', () => {
    const long = 1_000_000;
    for (const part of ['\t', ';', ' ', '\u3000', ';"', '\r\n', ';é', ';+1']) {
      const cell = `a;${part.repeat(long)}`;
      expect(cellOf(cell).length).toBeGreaterThan(long);
      expect(cellOf(`${cell}=1`).length).toBeGreaterThan(long);
    }
  }, 60_000);

  it.each([
    '',
    'a=1',
    '1-1',
    "'=1",
    '+15551234567',
    '+12',
    '+123456789012345',
    'é=',
    '  a',
    '#',
    '[=',
    '`=',
  ])('leaves %j alone', (cell) => expect(cellOf(cell)).toBe(`"${cell}"`));

  it.each(['+1', '+1234567890123456', '+0555', '+1555a', '+1555 '])(
    'takes %j for no phone number',
    (cell) => expect(cellOf(cell)).toBe(`"'${cell}"`),
  );

  it.each(CSV_DELIMITERS)('leaves no formula behind another separator than %j', (delimiter) => {
    const part = fc.constantFrom(
      '=1',
      '+',
      '+12',
      '-',
      '@',
      'a',
      '"',
      "'",
      ' ',
      '\0',
      '\u3000',
      '＝',
      ...';,|\t\r\n',
    );
    const others = [...CSV_DELIMITERS, '\r', '\n'].filter((each) => each !== delimiter).join('');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const fields = cellOf(parts.join(''), delimiter)
          .split(new RegExp(`[${others}]`))
          .slice(1);
        for (const field of fields) {
          if (!/^\+12"?$/.test(field)) expect(field).not.toMatch(/^[\s\0"]*[=+\-@＝]/);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
