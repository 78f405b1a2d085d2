import * as fc from 'fast-check';
import { parse } from 'papaparse';
import { columnOf } from '../../../test/column-of';
import { EXPORT_COLUMNS } from './export-columns';
import { EXPORT_FORMATS, FORMATS } from './export-formats';
import { type Cell, CSV_DELIMITERS, type CsvDelimiter, type FileEncoder } from './file-format';
import { TEXT_GROWTH_MAX } from './file-format';
import { Page } from './page';
import { writeConstant } from './write-bytes';

const COLUMNS = [
  columnOf('number', 'integer'),
  columnOf('a "text"', 'text'),
  columnOf('time', 'time'),
  columnOf('other', 'text'),
];
type Row = [number | bigint | null, string | null, string | null, string | null];

const nasty = fc.constantFrom(
  ...'=+-@＝＋－＠"\'\\,;|\r\n\t\v\f\b \u00a0\u2003\u3000\ufeff\u0000\u0001\u001f\u007f09azAZ[{é☎😀\u2028'.split(
    '',
  ),
);
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.string({ unit: nasty, maxLength: 8 }),
    fc.stringMatching(/^\+[0-9]{0,17}$/),
    fc.constantFrom('+15551234567', '+1', '+12', '+1555123456789012', '+05551234567', '+1 555', ''),
  )
  // What UTF-8 can't have, no database sends.
  .map((any) => Buffer.from(any).toString());
const integer = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, 9, 10, 99, 100, 101, 999, -1, -10, -100, 2 ** 53 - 1),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const time = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 19).padStart(19, '0'));
const anyRow: fc.Arbitrary<Row> = fc.tuple(
  fc.option(integer),
  fc.option(text),
  fc.option(time),
  fc.option(text),
);

/** The rows by the encoder's cells, as bytes of a database reach them. */
function writeRows({ cells }: FileEncoder, rows: readonly Row[]): string {
  const page = new Page(1);
  for (const row of rows) {
    page.reserve(500 + TEXT_GROWTH_MAX * Buffer.byteLength(row.join()));
    let at = page.length;
    row.forEach((cell: Cell, index) => {
      const { bytes } = page;
      at = writeConstant(bytes, at, cells.before[index] as Uint8Array);
      if (cell === null) {
        at = writeConstant(bytes, at, cells.null);
      } else if (typeof cell !== 'string') {
        at = cells.integer(bytes, at, cell);
      } else if (COLUMNS[index]?.kind === 'time') {
        at = cells.time(bytes, at, Date.parse(`${cell}Z`) / 1000);
      } else {
        const source = Buffer.from(`--${cell}--`);
        at = cells.text(bytes, at, source, 2, source.length - 2);
      }
    });
    page.length = writeConstant(page.bytes, at, cells.end);
  }
  return page.bytes.toString('utf8', 0, page.length);
}

function fileOf(encoder: FileEncoder, rows: readonly Row[]): string {
  const { head, beforeFirst, separator, afterLast, tail } = encoder;
  const text = encoder.encodeRows(rows.map((row) => [...row]));
  return rows.length > 0
    ? head + beforeFirst + text.slice(separator.length) + afterLast + tail
    : head + tail;
}

describe.each([
  ...CSV_DELIMITERS.map((delimiter) => [{ formulaGuard: true, byteOrderMark: false, delimiter }]),
  [{ formulaGuard: false, byteOrderMark: true, delimiter: ',' as const }],
])('With %j', (options) => {
  it.each(EXPORT_FORMATS)('both ways to encode %s give the same bytes', (format) => {
    const encoder = FORMATS[format].encoder(COLUMNS, options);
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 4 }), (rows) => {
        expect(writeRows(encoder, rows)).toBe(encoder.encodeRows(rows));
      }),
      { numRuns: 300 },
    );
  });

  it('papaparse reads the cells of a CSV file as they were, but for apostrophes of the guard', () => {
    const encoder = FORMATS.csv.encoder(COLUMNS, options);
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 4 }), (rows) => {
        const file = fileOf(encoder, rows);
        const { data, errors } = parse<string[]>(file, {
          delimiter: options.delimiter,
          newline: '\r\n',
          header: false,
        });
        expect(errors.filter(({ code }) => code !== 'UndetectableDelimiter')).toEqual([]);
        const [header, ...lines] = data.slice(0, -1);
        expect(header?.map((title) => title.replace('\ufeff', ''))).toEqual(
          COLUMNS.map(({ title }) => title),
        );
        const ofCells = (change: (text: string) => string) =>
          rows.map((row) =>
            row.map((cell, index) => {
              const text = String(cell ?? '');
              return COLUMNS[index]?.kind === 'text' ? change(text) : text;
            }),
          );
        const withoutApostrophes = (text: string) => text.replaceAll("'", '');
        if (!options.formulaGuard) expect(lines).toEqual(ofCells((text) => text));
        expect(lines.map((line) => line.map(withoutApostrophes))).toEqual(
          ofCells(withoutApostrophes),
        );
      }),
      { numRuns: 300 },
    );
  });

  it.each(['json', 'ndjson'] as const)('%s has what JSON.stringify writes', (format) => {
    const encoder = FORMATS[format].encoder(COLUMNS, options);
    const small = anyRow.filter(([number]) => typeof number !== 'bigint');
    fc.assert(
      fc.property(fc.array(small, { maxLength: 4 }), (rows) => {
        const objects = rows.map((row) =>
          JSON.stringify(Object.fromEntries(COLUMNS.map(({ key }, index) => [key, row[index]]))),
        );
        const files = {
          json: objects.length > 0 ? `[\n${objects.join(',\n')}\n]` : '[]',
          ndjson: objects.map((line) => `${line}\n`).join(''),
        };
        expect(fileOf(encoder, rows)).toBe(files[format]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('The formula guard', () => {
  const cellOf = (cell: string, delimiter: CsvDelimiter = ',') => {
    const options = { formulaGuard: true, byteOrderMark: false, delimiter };
    const row: Row = [null, cell, null, null];
    return writeRows(FORMATS.csv.encoder(COLUMNS, options), [row]).slice(1, -4);
  };
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
});

describe('The table of columns', () => {
  it('has keys, titles and fields that differ', () => {
    for (const name of ['key', 'title'] as const) {
      expect(new Set(EXPORT_COLUMNS.map((each) => each[name])).size).toBe(EXPORT_COLUMNS.length);
    }
  });

  it('says which columns have no value in its examples', () => {
    const empty = EXPORT_COLUMNS.filter(({ examples }) => examples.includes(null));
    expect(empty.every(({ nullable }) => nullable)).toBe(true);
  });
});
