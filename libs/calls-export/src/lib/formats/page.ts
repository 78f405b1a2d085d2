/** The rows of one page. They lie in a buffer that grows, so that a row costs no allocation. */
export class Page {
  bytes: Buffer;
  /** How many of the bytes are written. */
  length = 0;

  constructor(expectedBytes: number) {
    this.bytes = Buffer.allocUnsafe(expectedBytes);
  }

  /** Makes room for so many more bytes. */
  reserve(bytes: number): void {
    const wanted = this.length + bytes;
    if (wanted <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * this.bytes.length));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
