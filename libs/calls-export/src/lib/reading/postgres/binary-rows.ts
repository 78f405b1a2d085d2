import { type Cell, type CellWriter, TEXT_GROWTH_MAX } from '../../formats/file-format';
import { writeConstant } from '../../formats/write-bytes';
import {
  encodedBytes,
  frameBytes,
  prepareCell,
  type PreparedCell,
  sourceBytes,
  writeCell,
} from '../../formats/write-cell';
import type { Page } from '../../formats/page';
import type { ExportColumn } from '../../model/export-column';
import { UnexportableCallError } from '../../model/export-errors';
import { PageTooLargeError } from '../page-reader';
import { localInstant } from '../wall-clock';
import { headerEnd, INCOMPLETE, int32, integer, rowEnd, secondsOf, TRAILER } from './binary-format';

/**
 * How a field of a row is read: as a value of one of PostgreSQL's binary formats, or as text that a function
 * converts to a cell. The function returns undefined if the value can't be exported.
 *
 * `time` is an instant; `local time` is a time in the time zone of this process.
 */
export type FieldReading =
  'integer' | 'text' | 'uuid' | 'time' | 'local time' | ((text: string) => Cell | undefined);

/** The readings as numbers, which are faster to compare for every field. */
const [INTEGER, TEXT, UUID, TIME, LOCAL_TIME, COMPUTED] = [0, 1, 2, 3, 4, 5];
const CODES: Readonly<Record<Extract<FieldReading, string>, number>> = {
  integer: INTEGER,
  text: TEXT,
  uuid: UUID,
  time: TIME,
  'local time': LOCAL_TIME,
};

/** Up to this size, a row gets room for the worst case of its text; above it, the needed room is measured. */
const LONG_ROW_BYTES = 4 * 1024;

/** Decodes rows of PostgreSQL's binary COPY format and writes them into a page without copying values. */
export class BinaryRows {
  /** The number of rows in the page. */
  count = 0;
  /** Whether the trailer has arrived. */
  isComplete = false;
  private hasHeader = false;
  /** The start of a row that has not arrived completely. */
  private rest: Buffer | undefined;
  /** The maximum size of a row without its text, in bytes. */
  private readonly frameBytes: number;
  private readonly codes: Uint8Array;
  /** Whether functions compute the cells of some fields. */
  private readonly hasComputed: boolean;
  /** The computed cells of the current row. */
  private readonly computed: PreparedCell[] = [];

  /**
   * @param columns the columns to write.
   * @param idIndex the field with the call's id, which errors name: an integer column, or an additional text
   *   field after the columns.
   * @param maxBytes the limit of the page, which a single row may exceed.
   * @param readings how to read each column.
   */
  constructor(
    private readonly columns: readonly ExportColumn[],
    private readonly idIndex: number,
    private readonly cells: CellWriter,
    readonly page: Page,
    private readonly maxBytes: number,
    private readonly readings: readonly FieldReading[],
  ) {
    this.frameBytes = frameBytes(cells);
    this.codes = Uint8Array.from(
      readings.map((reading) => (typeof reading === 'string' ? CODES[reading] : COMPUTED)),
    );
    this.hasComputed = this.codes.includes(COMPUTED);
  }

  /**
   * Decodes the next bytes, which may end anywhere. The buffer is not kept.
   *
   * @throws UnexportableCallError if a value can't be exported.
   * @throws PageTooLargeError if the rows exceed the limit of the page.
   * @throws Error if the bytes are invalid.
   */
  write(chunk: Buffer): void {
    const bytes = this.rest ? Buffer.concat([this.rest, chunk]) : chunk;
    let at = 0;
    if (!this.hasHeader) {
      at = Math.max(headerEnd(bytes), 0);
      this.hasHeader = at > 0;
    }
    while (this.hasHeader && !this.isComplete) {
      const end = this.writeRow(bytes, at);
      if (end === INCOMPLETE) break;
      at = end;
    }
    // A copy, since the driver reuses its buffer.
    this.rest = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at));
  }

  /** Writes the row that begins at `begin`. Returns the offset after it, or `INCOMPLETE`. */
  private writeRow(bytes: Buffer, begin: number): number {
    const { page, cells, codes } = this;
    const { before } = cells;
    const { first, last } = cells.times;
    if (begin + 2 > bytes.length) return INCOMPLETE;
    const count = bytes.readInt16BE(begin);
    if (count === TRAILER) {
      this.isComplete = true;
      return bytes.length;
    }
    const wanted = Math.max(codes.length, this.idIndex + 1);
    if (count !== wanted) {
      throw new Error(`The database sent a row of ${count} fields, expected ${wanted}`);
    }
    const next = rowEnd(bytes, begin);
    if (next === INCOMPLETE) return INCOMPLETE;
    const isLong = next - begin > LONG_ROW_BYTES;
    let room = isLong ? this.roomForLong(bytes, begin) : this.roomFor(next - begin);
    if (this.hasComputed) room += TEXT_GROWTH_MAX * this.compute(bytes, begin);
    if (isLong) this.checkSize(page.length + room - this.frameBytes);
    page.reserve(room);
    const target = page.bytes;
    let to = page.length;
    let at = begin + 2;
    for (let index = 0; index < codes.length; index++) {
      const length = int32(bytes, at);
      at += 4;
      const end = at + Math.max(length, 0);
      const code = codes[index];
      to = writeConstant(target, to, before[index] as Uint8Array);
      if (length < 0) {
        to = writeConstant(target, to, cells.null);
      } else if (code === TEXT) {
        to = cells.text(target, to, bytes, at, end);
      } else if (code === INTEGER) {
        to = cells.integer(target, to, integer(bytes, at, length));
      } else if (code === UUID) {
        to = cells.uuid(target, to, bytes, at);
      } else if (code === COMPUTED) {
        to = this.writeComputed(to, index);
      } else {
        let seconds = secondsOf(bytes, at, length);
        if (code === LOCAL_TIME) seconds = Math.floor(localInstant(1000 * seconds) / 1000);
        if (!(seconds >= first && seconds <= last)) throw this.unexportable(bytes, begin, index);
        to = cells.time(target, to, seconds);
      }
      at = end;
    }
    to = writeConstant(target, to, cells.end);
    this.checkSize(to);
    page.length = to;
    this.count++;
    return next;
  }

  /** Computes the cells of a row that have a function. Returns the size of their text in bytes. */
  private compute(bytes: Buffer, begin: number): number {
    const { codes, readings, computed } = this;
    let sum = 0;
    let at = begin + 2;
    for (let index = 0; index < codes.length; index++) {
      const length = int32(bytes, at);
      at += 4;
      const end = at + Math.max(length, 0);
      const read = readings[index];
      if (length >= 0 && typeof read === 'function') {
        let cell: Cell | undefined;
        try {
          cell = read(bytes.toString('utf8', at, end));
        } catch (cause) {
          throw this.unexportable(bytes, begin, index, { cause });
        }
        const { kind } = this.columns[index] as ExportColumn;
        const written = cell === undefined ? undefined : prepareCell(cell, kind);
        const { first, last } = this.cells.times;
        const isOut =
          kind === 'time' && typeof written === 'number' && (written < first || written > last);
        if (written === undefined || isOut) throw this.unexportable(bytes, begin, index);
        sum += sourceBytes(written);
        computed[index] = written;
      }
      at = end;
    }
    return sum;
  }

  private writeComputed(at: number, index: number): number {
    const { kind } = this.columns[index] as ExportColumn;
    return writeCell(this.cells, kind, this.page.bytes, at, this.computed[index] ?? null);
  }

  private unexportable(
    bytes: Buffer,
    row: number,
    index: number,
    failure?: { readonly cause: unknown },
  ): UnexportableCallError {
    const { key, kind } = this.columns[index] as ExportColumn;
    return new UnexportableCallError(this.idOf(bytes, row), key, kind, failure);
  }

  /** Returns the maximum size of a row as written, if all of its bytes were text. */
  private roomFor(rowBytes: number): number {
    return this.frameBytes + TEXT_GROWTH_MAX * rowBytes;
  }

  /** Returns an upper bound of the size of a row as written, from the actual size of its text. */
  private roomForLong(bytes: Buffer, begin: number): number {
    const { codes, cells } = this;
    let textBytes = 0;
    let at = begin + 2;
    for (const code of codes) {
      const end = at + 4 + Math.max(int32(bytes, at), 0);
      if (code === TEXT) textBytes += encodedBytes(bytes, at + 4, end, cells.textBytes);
      at = end;
    }
    return this.frameBytes + textBytes;
  }

  /** Checks the limit. A page with only one call may exceed it. */
  private checkSize(pageBytes: number): void {
    if (this.count > 0 && pageBytes > this.maxBytes) throw new PageTooLargeError(this.count);
  }

  private idOf(bytes: Buffer, row: number): string {
    let at = row + 2;
    for (let index = 0; index < this.idIndex; index++) at += 4 + Math.max(int32(bytes, at), 0);
    const length = int32(bytes, at);
    return this.idIndex < this.columns.length
      ? String(integer(bytes, at + 4, length))
      : bytes.toString('utf8', at + 4, at + 4 + length);
  }
}
