// @slow
import * as fc from 'fast-check';
import type { Cell, EncodedCalls } from '../src/lib/formats/file-format';
import { packWorkbook } from '../src/lib/formats/xlsx/pack-workbook';
import { xlsx } from '../src/lib/formats/xlsx/xlsx.format';
import { columnOf } from './column-of';
import { FORMAT_OPTIONS } from './copied-rows';
import { readWorkbook, valuesOf, unzip } from './read-workbook';

const COLUMNS = [
  columnOf('number', 'integer'),
  columnOf('text', 'text'),
  columnOf('time', 'time'),
  columnOf('price', 'decimal'),
  columnOf('flag', 'boolean'),
];
const encoder = xlsx.encoder(COLUMNS, FORMAT_OPTIONS);
const TITLES = COLUMNS.map(({ title }) => title);

async function* pagesOf(pages: readonly (readonly Cell[][])[]): AsyncGenerator<EncodedCalls, void> {
  for (const rows of pages) {
    yield { bytes: Buffer.from(encoder.encodeRows(rows)), count: rows.length };
  }
}

async function fileOf(pieces: AsyncGenerator<EncodedCalls, void>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const { bytes } of pieces) {
    expect(bytes.length).toBeGreaterThan(0);
    all.push(bytes);
  }
  return Buffer.concat(all);
}

async function cellsOf(rows: Cell[][]) {
  const file = await fileOf(packWorkbook(frameOf(), pagesOf([rows])));
  const [sheet] = await readWorkbook(file);
  return sheet?.rows.slice(1) ?? [];
}

const frameOf = () => ({ head: encoder.head, tail: encoder.tail });
const row = (text: Cell): Cell[] => [1, text, null, null, null];

describe('A workbook', () => {
  it('keeps every character of a text', async () => {
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
      // Databases send valid UTF-8.
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

  it('writes a decimal as a number only if a double keeps all of its digits', async () => {
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

  it('writes a time as days and fractions of a day, at most 0.25 ms late', async () => {
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
  }, 60_000);

  it('begins a new sheet, with titles, when one is full, wherever pages end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 12 }), { maxLength: 6 }),
        fc.integer({ min: 2, max: 9 }),
        async (counts, sheetRows) => {
          let next = 0;
          const pages = counts.map((count) =>
            Array.from({ length: count }, () => row(`</row><row r="${(next += 1)}`)),
          );
          const file = await fileOf(packWorkbook(frameOf(), pagesOf(pages), sheetRows));
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

  it('has at most 1,048,576 rows in a sheet', async () => {
    const columns = [columnOf('n', 'integer')];
    const small = xlsx.encoder(columns, FORMAT_OPTIONS);
    const one = Buffer.from(small.encodeRows([[7]]));
    async function* pages() {
      for (const count of [500_000, 548_576]) {
        yield { bytes: Buffer.alloc(count * one.length, one), count };
      }
    }
    const file = await fileOf(packWorkbook(small, pages()));
    const parts = await unzip(file);
    expect(parts.get('xl/worksheets/sheet1.xml')).toMatch(
      /<row r="1048576"><c r="A1048576" s="2"><v>7<\/v><\/c><\/row><\/sheetData>/,
    );
    expect(parts.get('xl/worksheets/sheet2.xml')).toMatch(
      /<sheetData><row r="1"><c r="A1"[^>]*>(?:(?!<row).)*<\/row><row r="2" +><c r="A2" + s="2"><v>7<\/v><\/c><\/row><\/sheetData>/,
    );
    expect(parts.get('[Content_Types].xml')).toContain('/xl/worksheets/sheet2.xml');
  }, 60_000);
});
