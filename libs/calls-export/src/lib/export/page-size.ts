/** The limits of a page. */
export interface PageLimits {
  /** The maximum number of calls, whether or not they match the filter. */
  readonly calls: number;
  /** The maximum number of bytes, unless the page is a single call. */
  readonly bytes: number;
}

/** The first page is small, so that the first byte is sent early. */
const FIRST_CALLS = 500;
const GROWTH = 4;
/** The target share of the byte limit. It leaves room for calls that are larger than average. */
const FILL = 0.8;

const MEGABYTE = 1024 * 1024;
const [MIN_BYTES, MAX_BYTES] = [MEGABYTE / 4, 8 * MEGABYTE];
/** An export holds the page being sent and the next one. */
const PAGES_HELD = 2;

/** Chooses the size of an export's next page: larger than the last, but likely to fit the limits. */
export class PageSize {
  /** The number of calls of the next page. */
  calls: number;

  constructor(private readonly limits: PageLimits) {
    this.calls = Math.min(FIRST_CALLS, limits.calls);
  }

  /**
   * Adapts to the size of a page that was read.
   *
   * @param calls the number of calls in its range, whether or not they match the filter.
   */
  learn(calls: number, bytes: number): void {
    const fitting = Math.floor((FILL * this.limits.bytes * calls) / bytes);
    this.calls = Math.max(1, Math.min(GROWTH * calls, fitting, this.limits.calls));
  }

  /**
   * Adapts to a page that was too large.
   *
   * @param calls the number of calls that would have fit.
   */
  shrink(calls: number): void {
    this.calls = Math.min(this.calls, calls);
  }
}

/**
 * Returns the maximum size of a page, in bytes: an even share of the memory, from 256 KB to 8 MB.
 *
 * @param megabytes the memory for the pages of all exports.
 * @param exports the maximum number of concurrent exports.
 */
export function maxPageBytes(megabytes: number, exports: number): number {
  const share = Math.floor((megabytes * MEGABYTE) / (PAGES_HELD * exports));
  return Math.min(Math.max(share, MIN_BYTES), MAX_BYTES);
}
