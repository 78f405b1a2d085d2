import type { Connection, Submittable } from 'pg';

/** With what PostgreSQL ends the text of a row, in a message of its own for each (its protocol, "COPY Operations"). */
const NEWLINE_BYTES = 1;

/** Statements for the `pg` driver, the last of which is a `COPY … TO STDOUT` of text. */
export class CopyRows implements Submittable {
  /** The rows, with the separator between them. */
  readonly text: Promise<Buffer>;

  private buffer: Buffer;
  private length = 0;
  private resolve!: (text: Buffer) => void;
  private reject!: (error: Error) => void;

  /** @param expectedBytes of text, for the first buffer. */
  constructor(
    private readonly statements: string,
    private readonly separator: Buffer,
    expectedBytes: number,
  ) {
    this.buffer = Buffer.allocUnsafe(expectedBytes);
    this.text = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  submit(connection: Connection): void {
    connection.query(this.statements);
  }

  /** Takes a row, the bytes of which the driver will overwrite. */
  handleCopyData({ chunk }: { chunk: Buffer }): void {
    const bytes = this.length + chunk.length - NEWLINE_BYTES + this.separator.length;
    if (bytes > this.buffer.length) this.grow(bytes);
    this.length += chunk.copy(this.buffer, this.length, 0, chunk.length - NEWLINE_BYTES);
    for (const byte of this.separator) this.buffer[this.length++] = byte;
  }

  handleReadyForQuery(): void {
    const behindLast = Math.min(this.length, this.separator.length);
    this.resolve(this.buffer.subarray(0, this.length - behindLast));
  }

  handleError(error: Error): void {
    this.reject(error);
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
