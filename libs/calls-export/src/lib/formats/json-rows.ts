import type { ColumnDefinition } from '../model/export-column';
import {
  type Cell,
  type CellWriter,
  type FileEncoder,
  type FormatOptions,
  isUnquoted,
} from './file-format';
import {
  VALUE_BYTES_MAX,
  writeBoolean,
  writeConstant,
  writeInteger,
  writeTime,
  writeUuid,
} from './write-bytes';
import { type ZoneTimes, zoneTimes } from './zone-times';

const [QUOTE, BACKSLASH, SPACE] = [0x22, 0x5c, 0x20];
/** The control characters, escaped as by `JSON.stringify`. */
const CONTROLS = Array.from({ length: SPACE }, (_, code) =>
  Buffer.from(JSON.stringify(String.fromCharCode(code)).slice(1, -1)),
);

const TEXT_BYTES = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < SPACE ? (CONTROLS[byte] as Buffer).length : byte === QUOTE || byte === BACKSLASH ? 2 : 1,
);

/**
 * Encodes rows as JSON objects (RFC 8259), like `JSON.stringify` except that integers keep all 64 bits.
 *
 * @param separator is written before each object.
 * @param end is written after it.
 */
export function jsonRows(
  columns: readonly ColumnDefinition[],
  { zone }: FormatOptions,
  separator: string,
  end: string,
): Pick<FileEncoder, 'encodeRows' | 'cells'> {
  const keys = columns.map(
    ({ key }, index) => `${index === 0 ? `${separator}{` : ','}${JSON.stringify(key)}:`,
  );
  const times = zoneTimes(columns, zone);
  const unquoted = columns.map(({ kind }) => isUnquoted(kind));
  const encodeCell = (cell: Cell, index: number): string =>
    unquoted[index] ? String(cell) : JSON.stringify(cell);
  const encodeRow = (row: readonly Cell[]): string => {
    let text = '';
    for (let index = 0; index < keys.length; index++) {
      text += keys[index] + encodeCell(row[index] as Cell, index);
    }
    return `${text}}${end}`;
  };
  return {
    encodeRows: (rows) => times.rows(rows).map(encodeRow).join(''),
    cells: new JsonCells(keys, `}${end}`, times),
  };
}

class JsonCells implements CellWriter {
  readonly before: readonly Uint8Array[];
  readonly end: Uint8Array;
  readonly null = Buffer.from('null');
  readonly textBytes = TEXT_BYTES;
  readonly valueBytes = VALUE_BYTES_MAX;
  readonly integer = writeInteger;
  readonly decimal = writeConstant;
  readonly boolean = writeBoolean;
  readonly uuid = writeUuid;
  readonly times: CellWriter['times'];
  readonly time: CellWriter['time'];

  constructor(before: readonly string[], end: string, { range, writer }: ZoneTimes) {
    this.times = range;
    this.time = writer(writeTime);
    this.before = before.map((text) => Buffer.from(text));
    this.end = Buffer.from(end);
  }

  text(bytes: Buffer, at: number, source: Buffer, start: number, end: number): number {
    bytes[at++] = QUOTE;
    for (let from = start; from < end; from++) {
      const byte = source[from] as number;
      if (byte < SPACE) {
        at = writeConstant(bytes, at, CONTROLS[byte] as Buffer);
        continue;
      }
      if (byte === QUOTE || byte === BACKSLASH) bytes[at++] = BACKSLASH;
      bytes[at++] = byte;
    }
    bytes[at++] = QUOTE;
    return at;
  }
}
