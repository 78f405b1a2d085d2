import * as fc from 'fast-check';
import { csv } from '../src/lib/formats/csv.format';
import { CSV_DELIMITERS, type CsvDelimiter } from '../src/lib/formats/file-format';
import { columnOf } from './column-of';

/** A cell in CSV, which both encoders must write the same. */
function cellOf(cell: string, delimiter: CsvDelimiter = ','): string {
  const options = { formulaGuard: true, byteOrderMark: false, delimiter };
  const encoder = csv.encoder([columnOf('text', 'text')], options);
  const source = Buffer.from(cell);
  const room = source.reduce((sum, byte) => sum + (encoder.cells.textBytes[byte] as number), 3);
  const bytes = Buffer.alloc(room);
  const written = bytes.toString('utf8', 0, encoder.cells.text(bytes, 0, source, 0, source.length));
  expect(encoder.encodeRows([[cell]]) === `${written}\r\n`).toBe(true);
  return written;
}

describe('The formula guard', () => {
  it.each(CSV_DELIMITERS)(
    'leaves no formula after a separator other than the delimiter %j',
    (delimiter) => {
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
    },
  );

  it('finds a formula after every character that JavaScript treats as white space', () => {
    const blanks = [...Array(0x10000).keys()]
      .map((code) => String.fromCharCode(code))
      .filter((character) => /\s/.test(character));
    expect(blanks).toHaveLength(25);
    for (const blank of blanks) {
      const behind = '\t\r\n'.includes(blank) ? "'" : '';
      expect(cellOf(`${blank} =1`)).toBe(`"'${blank}${behind} =1"`);
    }
  });

  // Jest's timeout can't interrupt a synchronous test.
  it.each(['\t', ';', ' ', '\u3000', ';"', '\r\n', ';é', ';+1'])(
    'takes linear time, not quadratic, for many %j',
    (part) => {
      const millis = (times: number): number => {
        const cell = `a;${part.repeat(times)}`;
        const begin = process.cpuUsage();
        expect(cellOf(cell).length).toBeGreaterThan(times);
        expect(cellOf(`${cell}=1`).length).toBeGreaterThan(times);
        const { user, system } = process.cpuUsage(begin);
        return (user + system) / 1000;
      };
      millis(10_000);
      expect(millis(150_000)).toBeLessThan(1_500);
    },
  );
});
