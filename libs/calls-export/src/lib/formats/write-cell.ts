import type { ColumnKind } from '../model/export-column';
import type { Cell, CellWriter } from './file-format';
import { writeConstant } from './write-bytes';
import { timeSeconds } from './zone-times';

/** A cell as `writeCell` takes it: the bytes of a text or of a decimal's digits, or the seconds of a time since 1970. */
export type PreparedCell = Buffer | number | bigint | boolean | null;

export function prepareCell(cell: Cell, kind: ColumnKind): PreparedCell {
  if (typeof cell !== 'string') return cell;
  return kind === 'time' ? timeSeconds(cell) : Buffer.from(cell);
}

/** How many bytes a cell has beside those that `frameBytes` counts. */
export function sourceBytes(cell: PreparedCell): number {
  return Buffer.isBuffer(cell) ? cell.length : 0;
}

/** Writes a cell of any kind. @returns where the next byte goes. */
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

/** The most bytes that a row takes beside those of its texts and decimals. */
export function frameBytes({ before, end, null: empty, valueBytes }: CellWriter): number {
  const constants = [...before, end].reduce((sum, { length }) => sum + length, 0);
  return constants + before.length * Math.max(valueBytes, empty.length);
}

/**
 * How many bytes a text takes in a file.
 *
 * @param bytesOf how many each of its bytes takes there.
 */
export function encodedBytes(bytes: Buffer, at: number, end: number, bytesOf: Uint8Array): number {
  let sum = 0;
  while (at < end) sum += bytesOf[bytes[at++] as number] as number;
  return sum;
}
