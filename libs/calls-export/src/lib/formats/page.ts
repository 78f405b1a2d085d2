/** The encoded rows of one page, in a buffer that grows, so that a row needs no allocation. */
export class Page {
  bytes: Buffer;
  /** The number of bytes written. */
  length = 0;

  /**
   * @param maxBytes the size up to which the buffer doubles. Beyond it, it only grows to what is required.
   */
  constructor(
    expectedBytes: number,
    private readonly maxBytes = Infinity,
  ) {
    this.bytes = Buffer.allocUnsafe(expectedBytes);
  }

  /** Makes sure that there is space for this many more bytes. */
  reserve(bytes: number): void {
    const required = this.length + bytes;
    if (required <= this.bytes.length) return;
    const doubled = Math.min(2 * this.bytes.length, this.maxBytes);
    const larger = Buffer.allocUnsafe(Math.max(required, doubled));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
