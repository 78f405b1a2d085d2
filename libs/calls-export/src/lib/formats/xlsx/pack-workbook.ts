import { AsyncResource } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { constants } from 'node:zlib';
import { ZipFile } from 'yazl';
import type { EncodedCalls } from '../file-format';
import { numberRows } from './number-rows';
import { firstParts, lastParts, sheetPath } from './workbook-parts';

/** The XML around the rows of a sheet. The head includes the title row. */
export interface SheetFrame {
  readonly head: string;
  readonly tail: string;
}

/**
 * The maximum number of rows of a sheet, including the title row (https://support.microsoft.com/office,
 * "Excel specifications and limits").
 */
const SHEET_ROWS = 1_048_576;

/** Every part has the earliest timestamp in ZIP, so that the same calls always produce the same bytes. */
const PART = {
  mtime: new Date(1980, 0, 1),
  forceDosTimestamp: true,
  compressionLevel: constants.Z_BEST_SPEED,
};

/**
 * Packs pages of rows into a workbook, and starts another sheet when one is full. Implements
 * `FileEncoder.pack`.
 */
export async function* packWorkbook(
  frame: SheetFrame,
  pages: AsyncGenerator<EncodedCalls, void>,
  sheetRows = SHEET_ROWS,
): AsyncGenerator<EncodedCalls, void> {
  const workbook = new Workbook(frame, pages, sheetRows);
  try {
    await workbook.open();
    yield* workbook.pieces();
  } finally {
    await workbook.close();
  }
}

class Workbook {
  private readonly zip = new ZipFile();
  private readonly output = this.zip.outputStream as Readable;
  /** The page whose rows come next; undefined after the last page. */
  private page: EncodedCalls | undefined;
  private sheets = 0;
  /** The number of calls that were packed but not yet reported. */
  private packed = 0;
  private failure: { readonly error: unknown } | undefined;
  /** Reads pages in the async context of the request, although stream events trigger it. */
  private readonly nextPage = AsyncResource.bind(() => this.pages.next());

  constructor(
    private readonly frame: SheetFrame,
    private readonly pages: AsyncGenerator<EncodedCalls, void>,
    private readonly sheetRows: number,
  ) {}

  /** Reads the first page. */
  async open(): Promise<void> {
    await this.readPage();
    this.addParts(firstParts());
    this.addSheet();
  }

  async *pieces(): AsyncGenerator<EncodedCalls, void> {
    // Don't destroy the stream on return: close() drains it, so that compression can finish.
    for await (const bytes of this.output.iterator({ destroyOnReturn: false })) {
      if (this.failure) continue;
      const count = this.packed;
      this.packed = 0;
      yield { bytes, count };
    }
    if (this.failure) throw this.failure.error;
  }

  /** Drains the output and closes the pages. */
  async close(): Promise<void> {
    this.output.resume();
    await this.pages.return();
  }

  private addParts(parts: Readonly<Record<string, string>>): void {
    for (const [path, xml] of Object.entries(parts)) {
      this.zip.addBuffer(Buffer.from(xml), path, PART);
    }
  }

  private addSheet(): void {
    const path = sheetPath(++this.sheets);
    this.zip.addReadStream(Readable.from(this.sheet()), path, PART);
  }

  /**
   * Yields a sheet, then adds the next sheet or finishes the file. Stores errors instead of throwing them, so
   * that the streams that read it end.
   */
  private async *sheet(): AsyncGenerator<Uint8Array, void> {
    try {
      yield Buffer.from(this.frame.head);
      // Row 1 has the titles.
      let row = 2;
      while (this.page) {
        const { bytes, count } = this.page;
        const fitting = Math.min(count, this.sheetRows + 1 - row);
        const end = numberRows(bytes, row, this.sheetRows);
        yield bytes.subarray(0, end);
        this.packed += fitting;
        row += fitting;
        if (fitting < count) {
          this.page = { bytes: bytes.subarray(end), count: count - fitting };
          break;
        }
        await this.readPage();
      }
      yield Buffer.from(this.frame.tail);
    } catch (error) {
      this.failure = { error };
      this.page = undefined;
    }
    if (this.page) {
      this.addSheet();
    } else {
      this.addParts(lastParts(this.sheets));
      this.zip.end();
    }
  }

  private async readPage(): Promise<void> {
    const { value } = await this.nextPage();
    this.page = value ?? undefined;
  }
}
