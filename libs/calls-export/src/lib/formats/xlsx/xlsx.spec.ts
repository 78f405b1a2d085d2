import * as fc from 'fast-check';
import { columnOf } from '../../../../test/column-of';
import { readWorkbook, valuesOf, unzip } from '../../../../test/read-workbook';
import { TimeZone } from '../../model/time-zone';
import type { Cell, EncodedCalls } from '../file-format';
import { columnName } from './number-rows';
import { packWorkbook } from './pack-workbook';
import { xlsx } from './xlsx.format';

const OPTIONS = { formulaGuard: true, byteOrderMark: false, delimiter: ',' } as const;
const COLUMNS = [
  columnOf('number', 'integer'),
  columnOf('text', 'text'),
  columnOf('time', 'time'),
  columnOf('price', 'decimal'),
  columnOf('flag', 'boolean'),
];
const encoder = xlsx.encoder(COLUMNS, OPTIONS);
const TITLES = COLUMNS.map(({ title }) => title);

async function* pagesOf(pages: readonly (readonly Cell[][])[]): AsyncGenerator<EncodedCalls, void> {
  for (const rows of pages) {
    yield { bytes: Buffer.from(encoder.encodeRows(rows)), count: rows.length };
  }
}

async function wholeOf(pieces: AsyncGenerator<EncodedCalls, void>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const { bytes } of pieces) {
    expect(bytes.length).toBeGreaterThan(0);
    all.push(bytes);
  }
  return Buffer.concat(all);
}

async function cellsOf(rows: Cell[][]) {
  const file = await wholeOf(packWorkbook(frameOf(), pagesOf([rows])));
  const [sheet] = await readWorkbook(file);
  return sheet?.rows.slice(1) ?? [];
}

const frameOf = () => ({ head: encoder.head, tail: encoder.tail });
const row = (text: Cell): Cell[] => [1, text, null, null, null];

describe('A workbook', () => {
  it('has every character of a text', async () => {
    const nasty = fc.constantFrom(
      ...'<>&"\'_x0041_\r\n\t \u0000\u0001\u000b\u001f\u007f\u0085\u2028\ufffe\uffff\ufeff=+é😀fF'.split(
        '',
      ),
    );
    const escapes = fc.constantFrom(
      '_x0041_',
      '_x000',
      '_x0041',
      '_x005F_',
      '_xd83d_',
      '_X0041_',
      '_',
    );
    const text = fc
      .oneof(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.array(fc.oneof(nasty, escapes), { maxLength: 8 }).map((parts) => parts.join('')),
      )
      // What UTF-8 can't have, no database sends.
      .map((any) => Buffer.from(any).toString());
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 8 }), async (texts) => {
        const rows = await cellsOf(texts.map(row));
        expect(rows.map((cells) => cells[1])).toMatchObject(
          texts.map((value) => ({ type: 'text', value })),
        );
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it.each([
    ['x'.repeat(32_767), 'x'.repeat(32_767)],
    ['x'.repeat(32_768), `${'x'.repeat(32_766)}…`],
    ['é'.repeat(32_768), `${'é'.repeat(32_766)}…`],
    // Two characters of UTF-16 each, which stay together.
    ['😀'.repeat(16_383), '😀'.repeat(16_383)],
    [`${'😀'.repeat(16_383)}x`, `${'😀'.repeat(16_383)}x`],
    [`${'😀'.repeat(16_383)}xx`, `${'😀'.repeat(16_383)}…`],
    [`x${'😀'.repeat(16_383)}x`, `x${'😀'.repeat(16_382)}…`],
    ['\u0001'.repeat(40_000), `${'\u0001'.repeat(32_766)}…`],
  ])(
    'holds the 32,767 characters of a cell, and ends a longer text in an ellipsis',
    async (text, held) => {
      const [cells] = await cellsOf([row(text)]);
      expect(cells?.[1]?.value === held).toBe(true);
    },
  );

  it.each<[Cell, string, string]>([
    [0, 'number', '0'],
    [-42, 'number', '-42'],
    [999_999_999_999_999, 'number', '999999999999999'],
    [-999_999_999_999_999, 'number', '-999999999999999'],
    [1_000_000_000_000_000, 'text', '1000000000000000'],
    [-1_000_000_000_000_000, 'text', '-1000000000000000'],
    [2n ** 63n - 1n, 'text', '9223372036854775807'],
    [-(2n ** 63n), 'text', '-9223372036854775808'],
  ])('writes the integer %s as a %s', async (integer, type, value) => {
    const [cells] = await cellsOf([[integer, null, null, null, null]]);
    expect(cells?.[0]).toMatchObject({ type, value });
  });

  it.each<[string, string]>([
    ['0.0125', 'number'],
    ['-123456789012.345', 'number'],
    ['0.000000000000000123456789012345', 'number'],
    ['100000000000000000000', 'number'],
    ['1.50', 'number'],
    ['1e5', 'number'],
    ['0.1234567890123456', 'text'],
    ['1234567890123.456', 'text'],
    ['1e400', 'text'],
    ['1e-400', 'text'],
  ])('writes the decimal %s as a %s', async (digits, type) => {
    const [cells] = await cellsOf([[1, null, null, digits, null]]);
    expect(cells?.[3]).toMatchObject({ type, value: digits });
  });

  it('writes decimals as numbers only if a double has all of their digits', async () => {
    const digits = fc
      .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat({ max: 20 }))
      .map(([integer, scale]) => {
        const text = String(integer < 0n ? -integer : integer).padStart(scale + 1, '0');
        const fraction = scale > 0 ? `.${text.slice(-scale)}` : '';
        return `${integer < 0n ? '-' : ''}${scale > 0 ? text.slice(0, -scale) : text}${fraction}`;
      });
    const plain = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
    await fc.assert(
      fc.asyncProperty(fc.array(digits, { minLength: 1, maxLength: 20 }), async (all) => {
        const rows = await cellsOf(all.map((each): Cell[] => [1, null, null, each, null]));
        for (const [index, each] of all.entries()) {
          const { type, value } = rows[index]?.[3] ?? {};
          expect(value).toBe(each);
          const shown = Number(each).toLocaleString('en', {
            useGrouping: false,
            maximumSignificantDigits: 15,
            maximumFractionDigits: 40,
          } as Intl.NumberFormatOptions);
          const isExact = plain(shown) === plain(each) || Number(each) === 0;
          expect([each, type]).toEqual([each, isExact ? 'number' : 'text']);
        }
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it('writes truth values and empty cells', async () => {
    const rows = await cellsOf([
      [null, null, null, null, true],
      [null, '', null, null, false],
    ]);
    expect(rows.map((cells) => cells.map(({ type, value }) => [type, value]))).toEqual([
      [...Array(4).fill(['empty', '']), ['boolean', '1']],
      [
        ['empty', ''],
        ['text', ''],
        ['empty', ''],
        ['empty', ''],
        ['boolean', '0'],
      ],
    ]);
  });

  it('writes times as days and parts of a day, a fifth of a millisecond late at most', async () => {
    const seconds = fc
      .date({
        min: new Date('1900-03-01'),
        max: new Date('9999-12-31T23:59:59Z'),
        noInvalidDate: true,
      })
      .map((date) => date.toISOString().slice(0, 19));
    await fc.assert(
      fc.asyncProperty(fc.array(seconds, { minLength: 1, maxLength: 50 }), async (times) => {
        const rows = await cellsOf(times.map((time): Cell[] => [1, null, time, null, null]));
        for (const [index, time] of times.entries()) {
          const { type, value, style } = rows[index]?.[2] ?? {};
          expect([type, style]).toEqual(['number', 3]);
          const read = Number(value) * 86_400 - 25_569 * 86_400;
          const late = read - Date.parse(`${time}Z`) / 1000;
          expect(Math.abs(late - 0.0001)).toBeLessThan(0.00015);
        }
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['0001-01-01T00:00:00', 'text', '0001-01-01T00:00:00'],
    ['1899-12-31T12:00:00', 'text', '1899-12-31T12:00:00'],
    ['1900-02-28T23:59:59', 'text', '1900-02-28T23:59:59'],
    ['1900-03-01T00:00:00', 'number', '61'],
    ['1970-01-01T00:00:00', 'number', '25569'],
    ['2023-10-30T10:00:00', 'number', '45229.4166666687'],
    ['9999-12-31T23:59:59', 'number', '2958465.9999884279'],
  ])('writes %s as a %s', async (time, type, value) => {
    const [cells] = await cellsOf([[1, null, time, null, null]]);
    expect(cells?.[2]).toMatchObject({ type, value });
  });

  it('writes times in the zone, by whose clock a time may be before 1900-03-01', async () => {
    const zoned = xlsx.encoder(COLUMNS, { ...OPTIONS, zone: TimeZone.of('America/New_York') });
    const times = ['2023-07-30T10:00:00', '1900-03-01T04:00:00', '1900-03-01T05:00:00'];
    const rows = times.map((time): Cell[] => [1, null, time, null, null]);
    const page = { bytes: Buffer.from(zoned.encodeRows(rows)), count: rows.length };
    const file = await wholeOf(
      packWorkbook(
        zoned,
        (async function* () {
          yield page;
        })(),
      ),
    );
    const [sheet] = await readWorkbook(file);
    expect(sheet && valuesOf(sheet).map((cells) => cells[2])).toEqual([
      'time',
      '2023-07-30T06:00:00',
      '1900-02-28T23:00:00',
      '1900-03-01T00:00:00',
    ]);
    expect(sheet?.rows.map((cells) => cells[2]?.type)).toEqual([
      'text',
      'number',
      'text',
      'number',
    ]);
  });

  it('has titles that are bold and stay in sight, and columns that are wide enough', async () => {
    const sid = { ...columnOf('sid', 'text'), examples: ['x'.repeat(34), null] as const };
    const columns = [columnOf('a <title> & "more" of it that is long', 'integer'), ...COLUMNS, sid];
    const titled = xlsx.encoder(columns, OPTIONS);
    const file = await wholeOf(packWorkbook(titled, pagesOf([])));
    const [sheet] = await readWorkbook(file);
    expect(valuesOf(sheet as never)).toEqual([columns.map(({ title }) => title)]);
    expect(sheet?.rows[0]?.every(({ style }) => style === 1)).toBe(true);
    expect(sheet?.xml).toContain(
      '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>',
    );
    const widths = [...(sheet?.xml ?? '').matchAll(/<col [^>]*width="(\d+)"/g)].map(([, width]) =>
      Number(width),
    );
    expect(widths).toEqual([39, 12, 24, 20, 12, 8, 36]);
    const styles = (await unzip(file)).get('xl/styles.xml');
    expect(styles).toContain('<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>');
    expect(styles).toContain('<font><b/>');
  });

  it('begins a sheet, with the titles, whenever one is full, wherever pages end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 12 }), { maxLength: 6 }),
        fc.integer({ min: 2, max: 9 }),
        async (counts, sheetRows) => {
          let next = 0;
          const pages = counts.map((count) =>
            Array.from({ length: count }, () => row(`</row><row r="${(next += 1)}`)),
          );
          const file = await wholeOf(packWorkbook(frameOf(), pagesOf(pages), sheetRows));
          const sheets = await readWorkbook(file);
          const expected = pages.flat().map(([, text]) => text);
          const perSheet = sheetRows - 1;
          expect(sheets.map(({ name }) => name)).toEqual(
            Array.from(
              { length: Math.max(1, Math.ceil(expected.length / perSheet)) },
              (_, index) => (index === 0 ? 'Calls' : `Calls ${index + 1}`),
            ),
          );
          for (const [index, sheet] of sheets.entries()) {
            const [titles, ...calls] = valuesOf(sheet);
            expect(titles).toEqual(TITLES);
            expect(calls.map((cells) => cells[1])).toEqual(
              expected.slice(index * perSheet, (index + 1) * perSheet),
            );
          }
        },
      ),
      { numRuns: 100 },
    );
  }, 60_000);

  it('has 1,048,576 rows in a sheet', async () => {
    const columns = [columnOf('n', 'integer')];
    const small = xlsx.encoder(columns, OPTIONS);
    const one = Buffer.from(small.encodeRows([[7]]));
    async function* pages() {
      for (const count of [500_000, 548_576]) {
        yield { bytes: Buffer.alloc(count * one.length, one), count };
      }
    }
    const file = await wholeOf(packWorkbook(small, pages()));
    const parts = await unzip(file);
    expect(parts.get('xl/worksheets/sheet1.xml')).toMatch(
      /<row r="1048576"><c r="A1048576" s="2"><v>7<\/v><\/c><\/row><\/sheetData>/,
    );
    expect(parts.get('xl/worksheets/sheet2.xml')).toMatch(
      /<sheetData><row r="1"><c r="A1"[^>]*>(?:(?!<row).)*<\/row><row r="2" +><c r="A2" + s="2"><v>7<\/v><\/c><\/row><\/sheetData>/,
    );
    expect(parts.get('[Content_Types].xml')).toContain('/xl/worksheets/sheet2.xml');
  }, 60_000);

  it('is the same bytes each time, and tells of all calls', async () => {
    const pages = [[row('a')], [], [row('b'), row('c')]];
    const files: Buffer[] = [];
    for (let time = 0; time < 2; time++) {
      let calls = 0;
      const pieces: Uint8Array[] = [];
      for await (const { bytes, count } of packWorkbook(frameOf(), pagesOf(pages))) {
        calls += count;
        pieces.push(bytes);
      }
      expect(calls).toBe(3);
      files.push(Buffer.concat(pieces));
    }
    expect(files[0]?.equals(files[1] as Buffer)).toBe(true);
  });

  it('gives no piece before the first page, and closes the pages when it is left', async () => {
    const log: string[] = [];
    async function* source() {
      try {
        log.push('read');
        yield* pagesOf([[row('x'.repeat(1_000_000))], [row('b')]]);
      } finally {
        log.push('closed');
      }
    }
    const pieces = packWorkbook(frameOf(), source());
    await pieces.next();
    expect(log).toEqual(['read']);
    await pieces.return();
    expect(log).toEqual(['read', 'closed']);
  });

  it.each([0, 1, 3])(
    'fails as its pages do after %i of them, and gives nothing after that',
    async (good) => {
      async function* source() {
        yield* pagesOf(Array.from({ length: good }, () => [row('x')]));
        throw new Error('lost');
      }
      const pieces: Uint8Array[] = [];
      const reading = (async () => {
        for await (const { bytes } of packWorkbook(frameOf(), source())) pieces.push(bytes);
      })();
      await expect(reading).rejects.toThrow('lost');
      // The end of a ZIP file is its directory.
      expect(Buffer.concat(pieces).includes('PK\u0005\u0006')).toBe(false);
    },
  );

  it('names columns as spreadsheets do', () => {
    expect([0, 25, 26, 51, 52, 701, 702, 16_383].map(columnName)).toEqual([
      'A',
      'Z',
      'AA',
      'AZ',
      'BA',
      'ZZ',
      'AAA',
      'XFD',
    ]);
  });
});
