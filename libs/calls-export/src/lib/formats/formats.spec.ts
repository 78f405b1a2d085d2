import * as fc from 'fast-check';
import { parse } from 'papaparse';
import { columnOf } from '../../../test/column-of';
import { shownIn } from '../../../test/shown-in';
import { TimeZone } from '../model/time-zone';
import { EXPORT_COLUMNS } from './export-columns';
import { EXPORT_FORMATS, FORMATS } from './export-formats';
import {
  CSV_DELIMITERS,
  type FileEncoder,
  type FormatOptions,
  TEXT_GROWTH_MAX,
} from './file-format';
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

/** The rows with the nearest times that a file can have. */
function writable({ cells }: FileEncoder, rows: readonly Row[]): Row[] {
  const { first, last } = cells.times;
  return rows.map(([number, text, time, other]) => [
    number,
    text,
    time && utcText(Math.min(Math.max(utcSeconds(time), first), last)),
    other,
  ]);
}

const utcSeconds = (time: string) => Date.parse(`${time}Z`) / 1000;
const utcText = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19);

/** The rows with their times as Intl says that the zone shows them. */
function shownRows(zone: TimeZone | undefined, rows: readonly Row[]): Row[] {
  if (!zone) return [...rows];
  const shown = shownIn(zone.name);
  return rows.map(([number, text, time, other]) => [
    number,
    text,
    time && shown(utcSeconds(time)),
    other,
  ]);
}

function fileOf(encoder: FileEncoder, rows: readonly Row[]): string {
  const { head, beforeFirst, separator, afterLast, tail } = encoder;
  const text = encoder.encodeRows(rows.map((row) => [...row]));
  return rows.length > 0
    ? head + beforeFirst + text.slice(separator.length) + afterLast + tail
    : head + tail;
}

const PLAIN = { formulaGuard: false, byteOrderMark: true, delimiter: ',' } as const;
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Africa/Monrovia', 'UTC'];

describe.each<[string, FormatOptions]>([
  ...CSV_DELIMITERS.map((delimiter): [string, FormatOptions] => [
    JSON.stringify(delimiter),
    { formulaGuard: true, byteOrderMark: false, delimiter },
  ]),
  ['no guard', PLAIN],
  ...ZONES.map((name): [string, FormatOptions] => [name, { ...PLAIN, zone: TimeZone.of(name) }]),
])('With %s', (_title, options) => {
  it.each(EXPORT_FORMATS)('both ways to encode %s give the same bytes', (format) => {
    const encoder = FORMATS[format].encoder(COLUMNS, options);
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 4 }), (any) => {
        const rows = writable(encoder, any);
        expect(writeRows(encoder, rows)).toBe(encoder.encodeRows(rows));
      }),
      { numRuns: 300 },
    );
  });

  it('papaparse reads the cells of a CSV file as they were, but for apostrophes of the guard', () => {
    const encoder = FORMATS.csv.encoder(COLUMNS, options);
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 4 }), (any) => {
        const rows = writable(encoder, any);
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
          shownRows(options.zone, rows).map((row) =>
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
      fc.property(fc.array(small, { maxLength: 4 }), (any) => {
        const rows = writable(encoder, any);
        const objects = shownRows(options.zone, rows).map((row) =>
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

describe('The times of a file', () => {
  const timesIn = (name: string) => {
    const options = { ...PLAIN, zone: TimeZone.of(name) };
    return EXPORT_FORMATS.map((format) => FORMATS[format].encoder(COLUMNS, options).cells.times);
  };

  it.each([
    ['UTC', '0001-01-01T00:00:00', '9999-12-31T23:59:59'],
    ['America/New_York', '0001-01-01T04:56:02', '9999-12-31T23:59:59'],
    ['Europe/Berlin', '0001-01-01T00:00:00', '9999-12-31T22:59:59'],
    ['Asia/Tokyo', '0001-01-01T00:00:00', '9999-12-31T14:59:59'],
  ])('are in the years 1 to 9999 in UTC and in %s: from %s to %s', (name, first, last) => {
    for (const times of timesIn(name)) {
      expect(times).toEqual({ first: utcSeconds(first), last: utcSeconds(last) });
    }
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
