import { ndjson } from '../src/lib/formats/ndjson.format';
import { Page } from '../src/lib/formats/page';
import type { ExportColumn } from '../src/lib/model/export-column';
import { BinaryRows, type FieldReading } from '../src/lib/reading/postgres/binary-rows';

export const FORMAT_OPTIONS = { formulaGuard: true, byteOrderMark: false, delimiter: ',' } as const;

/** The header of PostgreSQL's binary COPY format. */
export const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
/** The trailer of the format. */
export const TRAILER = int(2, -1n);

export const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;
export const EPOCH_2000 = micros('2000-01-01T00:00:00Z');
export const [INFINITY, MINUS_INFINITY] = [2n ** 63n - 1n, -(2n ** 63n)];

export function int(bytes: 2 | 4 | 8, value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return buffer.subarray(8 - bytes);
}

/** A row in the format. */
export function rowOf(...fields: (Buffer | null)[]): Buffer {
  return Buffer.concat([
    int(2, BigInt(fields.length)),
    ...fields.flatMap((field) => (field ? [int(4, BigInt(field.length)), field] : [int(4, -1n)])),
  ]);
}

/** @param since1970 in microseconds. */
export const timestamp = (since1970: bigint) => int(8, since1970 - EPOCH_2000);

/** Decodes COPY data, received in these chunks, into NDJSON. */
export function decode(
  chunks: readonly Buffer[],
  columns: readonly ExportColumn[],
  idIndex: number,
  {
    maxBytes = 1e9,
    page = new Page(16),
    readings = columns.map(({ kind }) => kind as FieldReading),
    cells = ndjson.encoder(columns, FORMAT_OPTIONS).cells,
  } = {},
) {
  const rows = new BinaryRows(columns, idIndex, cells, page, maxBytes, readings);
  for (const chunk of chunks) {
    // The driver reuses the chunk's memory for the next read.
    const lent = Buffer.from(chunk);
    rows.write(lent);
    lent.fill(0xee);
  }
  return { rows, text: page.bytes.toString('utf8', 0, page.length) };
}
