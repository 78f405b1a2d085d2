import * as fc from 'fast-check';
import { columnOf } from './column-of';
import { FORMAT_OPTIONS } from './copied-rows';
import { type ExportFormat, FORMATS } from '../src/lib/formats/export-formats';
import type { Cell } from '../src/lib/formats/file-format';
import { PageTooLargeError } from '../src/lib/reading/page-reader';
import { encodeRows } from '../src/lib/reading/encode-rows';

const COLUMNS = [columnOf('id', 'integer'), columnOf('name', 'text')];

const anyRows = fc.array(
  fc.tuple(
    fc.integer() as fc.Arbitrary<Cell>,
    fc.option(
      fc
        .tuple(fc.constantFrom('x', '"', '\u0001', 'é'), fc.integer({ min: 0, max: 100_000 }))
        .map(([text, length]) => text.repeat(length)),
    ) as fc.Arbitrary<Cell>,
  ),
  { maxLength: 8 },
);

describe.each(Object.keys(FORMATS) as ExportFormat[])('Rows encoded as %s', (format) => {
  const encoder = FORMATS[format].encoder(COLUMNS, FORMAT_OPTIONS);

  it('are the same in pieces, and keep within the page size unless there is only one row', () => {
    fc.assert(
      fc.property(anyRows, fc.integer({ min: 1_000, max: 500_000 }), (rows, maxBytes) => {
        const complete = Buffer.from(encoder.encodeRows(rows));
        try {
          const { bytes, count } = encodeRows(rows, encoder, maxBytes);
          expect(count).toBe(rows.length);
          expect(complete.equals(bytes)).toBe(true);
          expect(rows.length <= 1 || bytes.length <= maxBytes).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(PageTooLargeError);
          const { calls } = error as PageTooLargeError;
          expect(complete.length).toBeGreaterThan(maxBytes);
          expect(calls).toBeGreaterThan(0);
          expect(calls).toBeLessThan(rows.length);
        }
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
