// @slow
import * as fc from 'fast-check';
import { parse } from 'papaparse';
import { columnOf } from './column-of';
import { shownIn } from './shown-in';
import { TimeZone } from '../src/lib/model/time-zone';
import { EXPORT_FORMATS, FORMATS } from '../src/lib/formats/export-formats';
import {
  CSV_DELIMITERS,
  type FileEncoder,
  type FormatOptions,
  TEXT_GROWTH_MAX,
} from '../src/lib/formats/file-format';
import { Page } from '../src/lib/formats/page';
import { writeConstant } from '../src/lib/formats/write-bytes';
import { encodeRows } from '../src/lib/reading/encode-rows';
import { BinaryRows, type FieldReading } from '../src/lib/reading/postgres/binary-rows';

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
  // Databases send valid UTF-8.
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

/** Writes rows with the encoder's cells, as the reader of binary COPY does. */
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

/** The rows, with their times moved into the range of the format. */
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

/** The rows, with their times in the zone according to `Intl`. */
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
  it.each(EXPORT_FORMATS)('both encoders of %s write the same bytes', (format) => {
    const encoder = FORMATS[format].encoder(COLUMNS, options);
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 4 }), (any) => {
        const rows = writable(encoder, any);
        expect(writeRows(encoder, rows)).toBe(encoder.encodeRows(rows));
      }),
      { numRuns: 300 },
    );
  });

  it("papaparse reads the original cells from a CSV file, except for the formula guard's apostrophes", () => {
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

  it.each(['json', 'ndjson'] as const)('%s has the output of JSON.stringify', (format) => {
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

describe('A call that is larger than a page', () => {
  const MAX_BYTES = 8 * 1024 * 1024;
  const TEXTS = 300;
  const columns = [
    columnOf('id', 'integer'),
    ...Array.from({ length: TEXTS }, (_, index) => columnOf(`text ${index}`, 'text')),
  ];
  // The maximum length of a workbook cell.
  const texts = Array.from({ length: TEXTS }, (_, index) => `${index}:`.padEnd(32_767, 'x'));

  /** The call in PostgreSQL's binary COPY format. */
  function copied(): Buffer {
    const field = (bytes: Buffer) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(bytes.length);
      return [length, bytes];
    };
    const count = Buffer.alloc(2);
    count.writeInt16BE(columns.length);
    return Buffer.concat([
      Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1'),
      count,
      ...field(Buffer.of(0, 0, 0, 7)),
      ...texts.flatMap((text) => field(Buffer.from(text))),
      Buffer.of(0xff, 0xff),
    ]);
  }

  it.each(EXPORT_FORMATS)('is complete in a file as %s, with both readers', (format) => {
    const encoder = FORMATS[format].encoder(columns, PLAIN);
    const written = encoder.encodeRows([[7, ...texts]]);
    let at = 0;
    for (const text of texts) {
      at = written.indexOf(text, at) + text.length;
      expect(at).toBeGreaterThanOrEqual(text.length);
    }
    expect(written.length).toBeGreaterThan(MAX_BYTES);

    const page = encodeRows([[7, ...texts]], encoder, MAX_BYTES);
    expect(page.bytes.toString() === written).toBe(true);

    const readings = columns.map(({ kind }) => kind as FieldReading);
    const target = new Page(1, MAX_BYTES);
    const rows = new BinaryRows(columns, 0, encoder.cells, target, MAX_BYTES, readings);
    rows.write(copied());
    expect([rows.isComplete, rows.count]).toEqual([true, 1]);
    expect(target.bytes.toString('utf8', 0, target.length) === written).toBe(true);
  });
});
