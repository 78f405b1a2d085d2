import { AsyncResource } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { constants } from 'node:zlib';
import { ZipFile } from 'yazl';
import type { EncodedCalls } from '../file-format';
import { numberRows } from './number-rows';
import { firstParts, lastParts, sheetPath } from './workbook-parts';

/** What is around the rows of a sheet; the head has the row with the titles. */
export interface SheetFrame {
  readonly head: string;
  readonly tail: string;
}

/** The rows of a sheet, with that of the titles (https://support.microsoft.com/office, "Excel specifications and limits"). */
const SHEET_ROWS = 1_048_576;

/** The parts have the first time that ZIP knows, so that the same calls are the same bytes. */
const PART = {
  mtime: new Date(1980, 0, 1),
  forceDosTimestamp: true,
  compressionLevel: constants.Z_BEST_SPEED,
};

/** Packs pages of rows as a workbook, with a further sheet whenever one is full. As `FileEncoder.pack`. */
export async function* packWorkbook(
  frame: SheetFrame,
  pages: AsyncGenerator<EncodedCalls, void>,
  sheetRows = SHEET_ROWS,
): AsyncGenerator<EncodedCalls, void> {
  const workbook = new Workbook(frame, pages, sheetRows);
  try {
    await workbook.begin();
    yield* workbook.pieces();
  } finally {
    await workbook.leave();
  }
}

class Workbook {
  private readonly zip = new ZipFile();
  private readonly output = this.zip.outputStream as Readable;
  /** The page whose rows come next; undefined if there are no more. */
  private page: EncodedCalls | undefined;
  private sheets = 0;
  /** The calls that have been packed and not been counted yet. */
  private packed = 0;
  private failure: { readonly error: unknown } | undefined;
  /** A page is read for the request that began the export, whatever event it is that asks for it. */
  private readonly nextPage = AsyncResource.bind(() => this.pages.next());

  constructor(
    private readonly frame: SheetFrame,
    private readonly pages: AsyncGenerator<EncodedCalls, void>,
    private readonly sheetRows: number,
  ) {}

  /** Has the first page read. */
  async begin(): Promise<void> {
    await this.turnPage();
    this.addParts(firstParts());
    this.addSheet();
  }

  async *pieces(): AsyncGenerator<EncodedCalls, void> {
    // Not destroyed when it is left: what is under way in it ends by itself, and so does the compression.
    for await (const bytes of this.output.iterator({ destroyOnReturn: false })) {
      if (this.failure) continue;
      const count = this.packed;
      this.packed = 0;
      yield { bytes, count };
    }
    if (this.failure) throw this.failure.error;
  }

  /** Ends what is under way. */
  async leave(): Promise<void> {
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

  /** A sheet, and behind it the next one or the end of the file. Never fails, so that the streams behind it end. */
  private async *sheet(): AsyncGenerator<Uint8Array, void> {
    try {
      yield Buffer.from(this.frame.head);
      // The first row has the titles.
      let row = 2;
      while (this.page) {
        const { bytes, count } = this.page;
        const taken = Math.min(count, this.sheetRows + 1 - row);
        const end = numberRows(bytes, row, this.sheetRows);
        yield bytes.subarray(0, end);
        this.packed += taken;
        row += taken;
        if (taken < count) {
          this.page = { bytes: bytes.subarray(end), count: count - taken };
          break;
        }
        await this.turnPage();
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

  private async turnPage(): Promise<void> {
    const { value } = await this.nextPage();
    this.page = value ?? undefined;
  }
}
