import { type EncodedCalls, PageTooLargeError } from './calls-reader';
import type { PgQuery } from './connection';

/** With what PostgreSQL ends the text of a row, in a message of its own for each (its protocol, "COPY Operations"). */
const NEWLINE_BYTES = 1;
/** A page has some hundred kilobytes, unless the names are very long. */
export const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/** Statements for the `pg` driver, the last of which is a `COPY … TO STDOUT` of text. */
export class CopyRows implements PgQuery {
  /** The rows, with the separator between them; rejected with `PageTooLargeError` where these are too many bytes. */
  readonly calls: Promise<EncodedCalls>;
  callback = (): void => {};

  private buffer: Buffer;
  private length = 0;
  private rows = 0;
  private resolve!: (calls: EncodedCalls) => void;
  private reject!: (error: Error) => void;

  /** @param expectedBytes of text, for the first buffer. */
  constructor(
    private readonly statements: string,
    private readonly separator: Buffer,
    expectedBytes: number,
  ) {
    this.buffer = Buffer.allocUnsafe(expectedBytes);
    this.calls = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  submit(connection: { query(statements: string): void }): void {
    connection.query(this.statements);
  }

  /** Takes a row, the bytes of which the driver will overwrite. */
  handleCopyData({ chunk }: { chunk: Buffer }): void {
    const bytes = this.length + chunk.length - NEWLINE_BYTES + this.separator.length;
    if (bytes > this.buffer.length) {
      // One call is taken whatever its size is.
      if (bytes > MAX_PAGE_BYTES && this.rows > 0)
        return this.reject(new PageTooLargeError(this.rows));
      this.grow(bytes);
    }
    this.rows++;
    this.length += chunk.copy(this.buffer, this.length, 0, chunk.length - NEWLINE_BYTES);
    for (const byte of this.separator) this.buffer[this.length++] = byte;
  }

  handleReadyForQuery(): void {
    const behindLast = Math.min(this.length, this.separator.length);
    const text = this.buffer.subarray(0, this.length - behindLast);
    this.resolve({ text, count: this.rows });
    this.callback();
  }

  handleError(error: Error): void {
    this.reject(error);
    this.callback();
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleEmptyQuery(): void {}

  private grow(bytes: number): void {
    const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * this.buffer.length));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
