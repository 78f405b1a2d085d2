import type { ColumnKind } from '../model/export-column';
import type { Cell, CellWriter } from './file-format';
import { writeConstant } from './write-bytes';
import { timeSeconds } from './zone-times';

/**
 * A cell for `writeCell`: the bytes of a text or a decimal, or a time in seconds since 1970-01-01T00:00:00Z.
 */
export type PreparedCell = Buffer | number | bigint | boolean | null;

export function prepareCell(cell: Cell, kind: ColumnKind): PreparedCell {
  if (typeof cell !== 'string') return cell;
  return kind === 'time' ? timeSeconds(cell) : Buffer.from(cell);
}

/** Returns the number of bytes that `frameBytes` does not count: those of a text or a decimal. */
export function sourceBytes(cell: PreparedCell): number {
  return Buffer.isBuffer(cell) ? cell.length : 0;
}

/** Writes a cell of any kind, and returns the position after the last byte written. */
export function writeCell(
  cells: CellWriter,
  kind: ColumnKind,
  bytes: Buffer,
  at: number,
  cell: PreparedCell,
): number {
  if (cell === null) return writeConstant(bytes, at, cells.null);
  if (typeof cell === 'boolean') return cells.boolean(bytes, at, cell);
  if (Buffer.isBuffer(cell)) {
    return kind === 'decimal'
      ? cells.decimal(bytes, at, cell)
      : cells.text(bytes, at, cell, 0, cell.length);
  }
  return kind === 'time' ? cells.time(bytes, at, Number(cell)) : cells.integer(bytes, at, cell);
}

/** Returns the maximum number of bytes of a row, except those of its texts and decimals. */
export function frameBytes({ before, end, null: empty, valueBytes }: CellWriter): number {
  const constants = [...before, end].reduce((sum, { length }) => sum + length, 0);
  return constants + before.length * Math.max(valueBytes, empty.length);
}

/**
 * Returns the maximum number of bytes of a text in a file.
 *
 * @param bytesOf for each byte value, the maximum number of bytes in the file (`CellWriter.textBytes`).
 */
export function encodedBytes(bytes: Buffer, at: number, end: number, bytesOf: Uint8Array): number {
  let sum = 0;
  while (at < end) sum += bytesOf[bytes[at++] as number] as number;
  return sum;
}
