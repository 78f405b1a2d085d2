import { TimeZone } from '../../model/time-zone';
import { zoneTimes } from '../zone-times';
import { XlsxCells } from './xlsx-cells';

const cells = new XlsxCells(3, zoneTimes([], undefined));

/** Returns what is written, and checks that the bytes around it do not change. */
function written(write: (bytes: Buffer, at: number) => number, size = 300): string {
  const bytes = Buffer.alloc(size, '#');
  const end = write(bytes, 2);
  expect(bytes.toString('latin1', 0, 2)).toBe('##');
  expect(bytes.toString('latin1', end, end + 8)).toBe('########');
  return bytes.toString('utf8', 2, end);
}

/** Writes a text that is between other bytes, as in a row of the database. */
function textCell(text: string | Buffer, before = '"a', behind = 'b"'): string {
  const source = Buffer.concat([Buffer.from(before), Buffer.from(text), Buffer.from(behind)]);
  const [start, end] = [before.length, source.length - Buffer.byteLength(behind)];
  return written(
    (bytes, at) => cells.text(bytes, at, source, start, end),
    7 * source.length + cells.valueBytes,
  );
}

const plain = (xml: string) => ` t="inlineStr"><is><t>${xml}</t></is></c>`;
const kept = (xml: string) => ` t="inlineStr"><is><t xml:space="preserve">${xml}</t></is></c>`;

describe('The frame of cells', () => {
  it('starts a row before its first cell, with placeholders for row numbers of seven digits', () => {
    expect(cells.before.map(String)).toEqual([
      '<row r="0000000"><c r="A0000000"',
      '<c r="B0000000"',
      '<c r="C0000000"',
    ]);
    expect([cells.end, cells.null].map(String)).toEqual(['</row>', '/>']);
  });

  it('has the maximum number of bytes for each byte of a text', () => {
    const bytesOf = (text: string) => [...Buffer.from(text)].map((byte) => cells.textBytes[byte]);
    expect(cells.textBytes).toHaveLength(256);
    expect(bytesOf('a \t\n\u007f"é😀')).toEqual(Array(12).fill(1));
    expect(bytesOf('&<>\r')).toEqual([5, 4, 4, 5]);
    expect(bytesOf('\0\u001f_')).toEqual([7, 7, 7]);
    // Together with the two bytes after it, this becomes `_xFFFE_`.
    expect(bytesOf('\ufffe')).toEqual([5, 1, 1]);
  });

  it('reserves enough space for the longest cells', () => {
    const longest = [
      written((bytes, at) => cells.integer(bytes, at, -(2n ** 63n))),
      written((bytes, at) => cells.uuid(bytes, at, Buffer.alloc(16), 0)),
      written((bytes, at) => cells.time(bytes, at, cells.times.first)),
      textCell(' '),
    ];
    for (const cell of longest) expect(cell.length).toBeLessThanOrEqual(cells.valueBytes);
  });
});

describe('A text', () => {
  it.each([
    ['', ''],
    ['=1+1', '=1+1'],
    ['a b\tc\nd', 'a b\tc\nd'],
    ['é☎😀\u007f\u0085\u2028', 'é☎😀\u007f\u0085\u2028'],
    ['<a href="x">&amp;</a>', '&lt;a href="x"&gt;&amp;amp;&lt;/a&gt;'],
    ['a\r\nb', 'a&#13;\nb'],
    ['<ax0041_>', '&lt;ax0041_&gt;'],
    ['a\0\u0001\u000b\u001fb', 'a_x0000__x0001__x000B__x001F_b'],
    ['\ufffe\uffff', '_xFFFE__xFFFF_'],
    // Allowed characters with the same first or second byte.
    ['\ufffd\ufeff\uff01\uefff', '\ufffd\ufeff\uff01\uefff'],
  ])('%j is written as %j', (text, xml) => {
    expect(textCell(text)).toBe(plain(xml));
  });

  it.each([
    ['_x0041_', '_x005F_x0041_'],
    ['a_xd83D_b', 'a_x005F_xd83D_b'],
    ['_x005F_', '_x005F_x005F_'],
    // The underscore that completes the escape may come from what follows.
    ['_x0041', '_x005F_x0041'],
    ['_x0041\u0001a', '_x005F_x0041_x0001_a'],
    ['__x0041_', '__x005F_x0041_'],
  ])('%j would read as an escape, so it is written as %j', (text, xml) => {
    expect(textCell(text)).toBe(plain(xml));
  });

  it.each(['_', '__', '_x', '_x004', '_X0041_', '_x004g_', '_y0041_', 'x0041_', '_xg041_', 'a_b'])(
    '%j is not an escape, whatever follows it',
    (text) => {
      for (const behind of ['1_', '41_', '0041_', 'x0041_']) {
        expect(textCell(text, 'a', behind)).toBe(plain(text));
      }
    },
  );

  it.each([' a', 'a ', '\na', 'a\n', '\ta', ' ', '  a  '])('%j keeps its white space', (text) => {
    expect(textCell(text)).toBe(kept(text));
    expect(textCell(text, ' ', ' ')).toBe(kept(text));
  });

  it.each(['', 'a', '!a b!', 'é', '\u00a0'])(
    '%j has no white space to keep, whatever is around it',
    (text) => {
      expect(textCell(text, ' ', ' ')).toBe(plain(text));
      expect(textCell(text, '', '')).toBe(plain(text));
    },
  );

  it('that ends within a character is written unchanged, whatever follows', () => {
    const source = Buffer.from([0xef, 0xbf, 0xbe]);
    const bytes = Buffer.alloc(100);
    const end = cells.text(bytes, 0, source, 0, 2);
    expect(bytes.toString('latin1', 0, end)).toBe(plain('\u00ef\u00bf'));
  });

  it('that exceeds the limit of a cell is truncated with an ellipsis', () => {
    const isWritten = (text: string, xml: string) => textCell(text) === plain(xml);
    expect(isWritten('x'.repeat(32_768), `${'x'.repeat(32_766)}…`)).toBe(true);
    const escaped = `x${'_x0001_'.repeat(32_765)}…`;
    expect(isWritten(`x${'\u0001'.repeat(40_000)}x`, escaped)).toBe(true);
  });

  it('can be written from a string', () => {
    expect(cells.textOf('')).toBe(plain(''));
    expect(cells.textOf('a <title> ')).toBe(kept('a &lt;title&gt; '));
    expect(cells.textOf('\u0001'.repeat(40))).toBe(kept('_x0001_'.repeat(40)));
  });
});

describe('A number', () => {
  it.each<[number | bigint, string]>([
    [0, ' s="2"><v>0</v></c>'],
    [-42, ' s="2"><v>-42</v></c>'],
    [7n, ' s="2"><v>7</v></c>'],
    [999_999_999_999_999, ' s="2"><v>999999999999999</v></c>'],
    [-999_999_999_999_999, ' s="2"><v>-999999999999999</v></c>'],
    [1_000_000_000_000_000, plain('1000000000000000')],
    [-1_000_000_000_000_000n, plain('-1000000000000000')],
    [2n ** 63n - 1n, plain('9223372036854775807')],
  ])('%s is written as %s', (integer, xml) => {
    expect(written((bytes, at) => cells.integer(bytes, at, integer))).toBe(xml);
  });

  it.each([
    ['0.0125', '><v>0.0125</v></c>'],
    ['-1.50', '><v>-1.50</v></c>'],
    ['0.1234567890123456', plain('0.1234567890123456')],
    ['NaN', plain('NaN')],
  ])('with the digits %s is written as %s', (digits, xml) => {
    expect(written((bytes, at) => cells.decimal(bytes, at, Buffer.from(digits)))).toBe(xml);
  });
});

describe('A boolean and a UUID', () => {
  it('are written as cells', () => {
    expect(written((bytes, at) => cells.boolean(bytes, at, true))).toBe(' t="b"><v>1</v></c>');
    expect(written((bytes, at) => cells.boolean(bytes, at, false))).toBe(' t="b"><v>0</v></c>');
    const source = Buffer.from('ff0b5c0a1e00004000800000000000000a', 'hex');
    expect(written((bytes, at) => cells.uuid(bytes, at, source, 1))).toBe(
      plain('0b5c0a1e-0000-4000-8000-00000000000a'),
    );
  });
});

describe('A time', () => {
  const cellOf = (iso: string, { time } = cells) =>
    written((bytes, at) => time(bytes, at, Date.parse(iso) / 1000));
  const dated = (serial: string) => ` s="3"><v>${serial}</v></c>`;

  it.each([
    // Days at midnight. From March 1900, all programs agree on their numbers.
    ['1900-03-01T00:00:00Z', dated('61')],
    ['1969-12-31T00:00:00Z', dated('25568')],
    ['1970-01-01T00:00:00Z', dated('25569')],
    // Times of day, plus 0.2 ms. A time before 1970 counts from the start of its own day.
    ['1900-03-01T00:00:01Z', dated('61.0000115761')],
    ['1969-12-31T23:59:59Z', dated('25568.9999884279')],
    ['1969-12-31T06:00:00Z', dated('25568.2500000020')],
    ['1970-01-01T00:00:01Z', dated('25569.0000115761')],
    ['2023-10-30T10:00:00Z', dated('45229.4166666687')],
    ['9999-12-31T23:59:59Z', dated('2958465.9999884279')],
    ['0001-01-01T00:00:00Z', plain('0001-01-01T00:00:00')],
    ['1900-02-28T23:59:59Z', plain('1900-02-28T23:59:59')],
  ])('%s is written as %s', (iso, xml) => {
    expect(cellOf(iso)).toBe(xml);
  });

  it('is written in the time zone, and as text if it is before 1900-03-01 there', () => {
    const zone = TimeZone.of('America/New_York');
    const zoned = new XlsxCells(1, zoneTimes([], zone));
    expect(cellOf('2023-07-30T10:00:00Z', zoned)).toBe(dated('45137.2500000020'));
    expect(cellOf('1900-03-01T04:59:59Z', zoned)).toBe(plain('1900-02-28T23:59:59'));
    expect(cellOf('1900-03-01T05:00:00Z', zoned)).toBe(dated('61'));
    // Earlier times are in year 1 in UTC, but before year 1 in the zone.
    expect(zoned.times.first).toBe(Date.parse('0001-01-01T04:56:02Z') / 1000);
  });
});
