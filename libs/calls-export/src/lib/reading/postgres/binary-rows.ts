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
 * How a field of a row is read: an integer, a text, a UUID, an instant, or a time on the clock of this process's time zone, in the format that
 * PostgreSQL has for these; or a text of which a function makes the cell, or undefined if there is none.
 */
export type FieldReading =
  'integer' | 'text' | 'uuid' | 'time' | 'local time' | ((text: string) => Cell | undefined);

/** What `BinaryRows` decides by for every field. */
const [INTEGER, TEXT, UUID, TIME, LOCAL_TIME, MADE] = [0, 1, 2, 3, 4, 5];
const CODES: Readonly<Record<Extract<FieldReading, string>, number>> = {
  integer: INTEGER,
  text: TEXT,
  uuid: UUID,
  time: TIME,
  'local time': LOCAL_TIME,
};

/** For a row of fewer bytes room is made for the most that its texts may take; for a longer one that is found out. */
const LONG_ROW_BYTES = 4 * 1024;

/** Decodes rows of PostgreSQL's binary COPY format and writes them into a page, cell by cell and in place. */
export class BinaryRows {
  /** How many rows the page has. */
  count = 0;
  /** Whether the end of the rows has been seen. */
  isComplete = false;
  private hasHeader = false;
  /** The beginning of a row whose rest is yet to come. */
  private rest: Buffer | undefined;
  /** A row takes no more bytes beside those of its texts. */
  private readonly frameBytes: number;
  private readonly codes: Uint8Array;
  /** Whether a function makes the cells of a field. */
  private readonly isMade: boolean;
  /** The cells of a row that functions have made, as they are written. */
  private readonly made: PreparedCell[] = [];

  /**
   * @param columns the fields of a row that are written.
   * @param maxBytes of the page, unless it is one row.
   * @param idIndex which field is the id of the call, by which an error names it: an integer, or one more behind the columns, a text.
   * @param readings how each of the columns is read.
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
      readings.map((reading) => (typeof reading === 'string' ? CODES[reading] : MADE)),
    );
    this.isMade = this.codes.includes(MADE);
  }

  /**
   * Takes the next bytes, which may end anywhere. They are not kept.
   *
   * @throws UnexportableCallError if a value can't be written.
   * @throws PageTooLargeError if a row has no room beside the others.
   * @throws Error if the bytes are not such rows.
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
    // A copy, since the driver reads the next bytes into the same memory.
    this.rest = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at));
  }

  /** @returns where the row ends that begins at `begin`, or `INCOMPLETE` if its end is not there yet. */
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
      throw new Error(`The database sent a row of ${count} fields, not ${wanted}`);
    }
    const next = rowEnd(bytes, begin);
    if (next === INCOMPLETE) return INCOMPLETE;
    const isLong = next - begin > LONG_ROW_BYTES;
    let room = isLong ? this.roomForLong(bytes, begin) : this.roomFor(next - begin);
    if (this.isMade) room += TEXT_GROWTH_MAX * this.make(bytes, begin);
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
      } else if (code === MADE) {
        to = this.writeMade(to, index);
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

  /** Makes the cells of a row that functions make. @returns how many bytes their texts have. */
  private make(bytes: Buffer, begin: number): number {
    const { codes, readings, made } = this;
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
        made[index] = written;
      }
      at = end;
    }
    return sum;
  }

  private writeMade(at: number, index: number): number {
    const { kind } = this.columns[index] as ExportColumn;
    return writeCell(this.cells, kind, this.page.bytes, at, this.made[index] ?? null);
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

  /** The most bytes that a row takes. Each of its texts is a part of it. */
  private roomFor(rowBytes: number): number {
    return this.frameBytes + TEXT_GROWTH_MAX * rowBytes;
  }

  /** The bytes that a row takes, or a few more. */
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

  /** One call is taken whatever its size is. */
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
