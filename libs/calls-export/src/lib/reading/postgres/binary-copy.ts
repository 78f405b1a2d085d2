import type { Page } from '../../formats/page';
import { type EncodedCalls, PageTooLargeError } from '../calls-reader';
import type { BinaryRows } from './binary-rows';
import type { PgQuery } from './pg-client';

/** A page has some hundred kilobytes, unless its texts are very long. */
export const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/** Statements for the `pg` driver, the last of which is a `COPY … TO STDOUT (FORMAT binary)`. */
export class BinaryCopy implements PgQuery {
  /**
   * The rows; rejected with `PageTooLargeError` if they have too many bytes, or with what is wrong with a row.
   */
  readonly calls: Promise<EncodedCalls>;
  callback = (): void => {};

  private resolve!: (calls: EncodedCalls) => void;
  private reject!: (error: Error) => void;
  private failed = false;

  constructor(
    private readonly statements: string,
    private readonly rows: BinaryRows,
  ) {
    this.calls = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  submit(connection: { query(statements: string): void }): void {
    connection.query(this.statements);
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    if (this.failed) return;
    const { rows } = this;
    const { page }: { page: Page } = rows;
    // One call is taken whatever its size is.
    if (rows.count > 0 && page.length + chunk.length > MAX_PAGE_BYTES) {
      return this.fail(new PageTooLargeError(rows.count));
    }
    try {
      rows.write(chunk);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  handleReadyForQuery(): void {
    const { page, count, isComplete } = this.rows;
    if (isComplete) this.resolve({ bytes: page.bytes.subarray(0, page.length), count });
    else this.reject(new Error('The database ended binary COPY data before its end'));
    this.callback();
  }

  handleError(error: Error): void {
    this.reject(error);
    this.callback();
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleEmptyQuery(): void {}

  /** What is still on its way is passed over. */
  private fail(error: Error): void {
    this.failed = true;
    this.reject(error);
  }
}
