import * as fc from 'fast-check';
import { parse } from 'papaparse';
import { columnOf } from '../../../test/column-of';
import { EXPORT_COLUMNS } from './export-columns';
import { EXPORT_FORMATS, FORMATS } from './export-formats';
import { CSV_DELIMITERS, type FileEncoder, TEXT_GROWTH_MAX } from './file-format';
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
    page.reserve(500 + 4 * cells.valueBytes + TEXT_GROWTH_MAX * Buffer.byteLength(row.join()));
    let at = page.length;
    row.forEach((cell: Row[number], index) => {
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

describe('The table of columns', () => {
  it('has keys, titles and fields that differ', () => {
    for (const name of ['key', 'title'] as const) {
      expect(new Set(EXPORT_COLUMNS.map((each) => each[name])).size).toBe(EXPORT_COLUMNS.length);
    }
  });

  it('says which columns have no value in its examples', () => {
    const empty = EXPORT_COLUMNS.filter(({ examples }) => examples?.includes(null));
    expect(empty.every(({ nullable }) => nullable)).toBe(true);
  });
});
