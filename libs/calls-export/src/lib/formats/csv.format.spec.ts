import { columnOf } from '../../../test/column-of';
import type { ColumnKind } from '../model/export-column';
import { TimeZone } from '../model/time-zone';
import { csv } from './csv.format';
import { type Cell, CSV_DELIMITERS, type FormatOptions } from './file-format';

const PLAIN: FormatOptions = { formulaGuard: false, byteOrderMark: false, delimiter: ',' };
const GUARDED: FormatOptions = { ...PLAIN, formulaGuard: true };
const KINDS: ColumnKind[] = ['integer', 'decimal', 'boolean', 'text', 'time', 'text'];
const COLUMNS = KINDS.map((kind, index) => columnOf(`${kind} "${index}"`, kind));

const rowsOf = (options: FormatOptions, ...rows: Cell[][]) =>
  csv.encoder(COLUMNS, options).encodeRows(rows);

/** Writes a text both ways, and checks that they agree and write nothing else. */
function textOf(text: string, options: FormatOptions, around = '"=1'): string {
  const { cells, encodeRows } = csv.encoder([columnOf('text', 'text')], options);
  const source = Buffer.from(around + text + around);
  const [start, end] = [around.length, source.length - around.length];
  const bytes = Buffer.alloc(2 * source.length + 4, '~');
  const at = cells.text(bytes, 1, source, start, end);
  const written = bytes.toString('utf8', 1, at);
  expect(bytes.toString('latin1', 0, 1) + bytes.toString('latin1', at)).toMatch(/^~+$/);
  expect(encodeRows([[text]])).toBe(`${written}\r\n`);
  return written;
}

describe('A CSV file', () => {
  it('has its media type, extension and schema', () => {
    expect(csv.mediaType).toBe('text/csv; charset=utf-8');
    expect(csv.extension).toBe('csv');
    expect(csv.schema({})).toEqual({ type: 'string' });
    expect(csv.isBinary).toBeUndefined();
  });

  it.each(CSV_DELIMITERS)('starts with the quoted titles, separated by %j', (delimiter) => {
    const encoder = csv.encoder([columnOf('Call ID', 'integer'), columnOf('a "title"', 'text')], {
      ...PLAIN,
      delimiter,
    });
    expect(encoder.head).toBe(`"Call ID"${delimiter}"a ""title"""\r\n`);
  });

  it('starts with a byte order mark if configured', () => {
    const encoder = csv.encoder([columnOf('id', 'integer')], { ...PLAIN, byteOrderMark: true });
    expect(encoder.head).toBe('\ufeff"id"\r\n');
  });

  it('has nothing between its lines or after the last', () => {
    const { beforeFirst, separator, afterLast, tail } = csv.encoder(COLUMNS, PLAIN);
    expect([beforeFirst, separator, afterLast, tail]).toEqual(['', '', '', '']);
  });

  it.each(CSV_DELIMITERS)('quotes texts and times, and nothing else (%j)', (delimiter) => {
    const rows = rowsOf(
      { ...PLAIN, delimiter },
      [1, '-1.50', true, 'a', '2023-10-30T10:00:00', ''],
      [9_007_199_254_740_993n, null, false, null, null, null],
    );
    const lines = [
      ['1', '-1.50', 'true', '"a"', '"2023-10-30T10:00:00"', '""'],
      ['9007199254740993', '', 'false', '', '', ''],
    ];
    expect(rows).toBe(lines.map((line) => `${line.join(delimiter)}\r\n`).join(''));
  });

  it('has no lines without rows', () => expect(rowsOf(PLAIN)).toBe(''));

  it('escapes formulas only in texts, in every text of a row', () => {
    const time = '2023-10-30T10:00:00';
    expect(
      rowsOf(GUARDED, [-1, '-1.50', null, '-a', time, '=b'], [2, null, true, null, null, 'c']),
    ).toBe(`-1,-1.50,,"'-a","${time}","'=b"\r\n2,,true,,,"c"\r\n`);
    expect(rowsOf(PLAIN, [-1, null, null, '-a', null, '=b'])).toBe('-1,,,"-a",,"=b"\r\n');
  });

  it('does not modify the given rows', () => {
    const row = [1, null, null, '=a', null, null];
    rowsOf(GUARDED, row);
    expect(row).toEqual([1, null, null, '=a', null, null]);
  });

  it('writes times in the given time zone', () => {
    const zone = TimeZone.of('Europe/Berlin');
    const row = [1, null, null, null, '2023-10-30T10:00:00', null];
    expect(rowsOf({ ...PLAIN, zone }, row)).toBe('1,,,,"2023-10-30T11:00:00",\r\n');
    const { cells } = csv.encoder(COLUMNS, { ...PLAIN, zone });
    const bytes = Buffer.alloc(30);
    const end = cells.time(bytes, 0, Date.parse('2023-10-30T10:00:00Z') / 1000);
    expect(bytes.toString('latin1', 0, end)).toBe('"2023-10-30T11:00:00"');
    expect(cells.times.last).toBe(Date.parse('9999-12-31T22:59:59Z') / 1000);
  });
});

describe('The cells of a CSV file', () => {
  it.each(CSV_DELIMITERS)('are separated by %j', (delimiter) => {
    const { cells } = csv.encoder(COLUMNS.slice(0, 3), { ...PLAIN, delimiter });
    const [before, end] = [cells.before.map(String), String(cells.end)];
    expect([before, end, String(cells.null)]).toEqual([['', delimiter, delimiter], '\r\n', '']);
  });

  it('reserve two bytes for a quote, and with the guard also for a separator', () => {
    const doubled = (options: FormatOptions) => {
      const { textBytes } = csv.encoder(COLUMNS, options).cells;
      expect(textBytes).toHaveLength(256);
      const characters = [...textBytes.keys()].filter((byte) => textBytes[byte] !== 1);
      expect(characters.every((byte) => textBytes[byte] === 2)).toBe(true);
      return String.fromCharCode(...characters);
    };
    expect(doubled(PLAIN)).toBe('"');
    expect(doubled(GUARDED)).toBe('\t\n\r";|');
    expect(doubled({ ...GUARDED, delimiter: ';' })).toBe('\t\n\r",|');
  });

  it.each([
    ['', '""'],
    ['a', '"a"'],
    ['naïve ☎ 😀', '"naïve ☎ 😀"'],
    ['"', '""""'],
    ['a"b""c', '"a""b""""c"'],
    ['=a;-1\n@b\r\n+c\t=d|=e,=f', '"=a;-1\n@b\r\n+c\t=d|=e,=f"'],
  ])('write the text %j without the guard as %j', (text, written) =>
    expect(textOf(text, PLAIN)).toBe(written),
  );

  it.each([
    ['=a', '"\'=a"'],
    ['"=a"', '"""=a"""'],
    ['=a"b;c', '"\'=a""b;c"'],
    ['a;-1', '"a;\'-1"'],
    ['a|-1', '"a|\'-1"'],
    ['a\n-1', '"a\n\'-1"'],
    ['a\r-1', '"a\r\'-1"'],
    ['a\t-1', '"a\t\'-1"'],
    ['a;"=1";=2', '"a;\'""=1"";\'=2"'],
    ['a,=1', '"a,=1"'],
    ['☎;＝1', '"☎;\'＝1"'],
    ['+15551234567', '"+15551234567"'],
    ['a;', '"a;"'],
  ])('write the text %j with the guard as %j', (text, written) =>
    expect(textOf(text, GUARDED)).toBe(written),
  );

  it('escape formulas after a comma if the delimiter is a semicolon', () => {
    expect(textOf('a,=1;=2', { ...GUARDED, delimiter: ';' })).toBe('"a,\'=1;=2"');
  });

  it('are written without creating a string if a text has no formula', () => {
    const { cells } = csv.encoder(COLUMNS, GUARDED);
    const source = Object.assign(Buffer.from('1-1"é-é;b'), {
      toString: () => {
        throw new Error('A string was created');
      },
    });
    const bytes = Buffer.alloc(40);
    const end = cells.text(bytes, 0, source, 0, source.length);
    expect(bytes.toString('utf8', 0, end)).toBe('"1-1""é-é;b"');
  });
});
