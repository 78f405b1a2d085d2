import type { EncodedCalls } from '../calls-reader';
import type { BinaryRows } from './binary-rows';
import type { PgQuery } from './pg-client';

/** Statements for the `pg` driver, the last of which is a `COPY … TO STDOUT (FORMAT binary)`. */
export class BinaryCopy implements PgQuery {
  /** The rows; rejected with what the server says, or with what is wrong with a row. */
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
    // What is still on its way is passed over.
    if (this.failed) return;
    try {
      this.rows.write(chunk);
    } catch (error) {
      this.failed = true;
      this.reject(error as Error);
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
}
