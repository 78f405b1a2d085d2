/** The rows of one page. They lie in a buffer that grows, so that a row costs no allocation. */
export class Page {
  bytes: Buffer;
  /** How many of the bytes are written. */
  length = 0;

  /** @param maxBytes it does not grow further than this without need. */
  constructor(
    expectedBytes: number,
    private readonly maxBytes = Infinity,
  ) {
    this.bytes = Buffer.allocUnsafe(expectedBytes);
  }

  /** Makes room for so many more bytes. */
  reserve(bytes: number): void {
    const wanted = this.length + bytes;
    if (wanted <= this.bytes.length) return;
    const doubled = Math.min(2 * this.bytes.length, this.maxBytes);
    const larger = Buffer.allocUnsafe(Math.max(wanted, doubled));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
