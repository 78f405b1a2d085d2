/** How large pages are. */
export interface PageLimits {
  /** How many calls a page has at most, matching or not. */
  readonly calls: number;
  /** How many bytes it has at most, unless it is one call. */
  readonly bytes: number;
}

/** The first page is small, so that the first byte leaves soon. */
const FIRST_CALLS = 500;
const GROWTH = 4;
/** Calls differ, so a page is meant to have so much of what it may have. */
const FILL = 0.8;

const MEGABYTE = 1024 * 1024;
const [MIN_BYTES, MAX_BYTES] = [MEGABYTE / 4, 8 * MEGABYTE];
/** An export holds the page that is sent, and the next one. */
const PAGES_HELD = 2;

/** How many calls the next page of an export has: more than the last one, but no more than fit into a page by what was seen. */
export class PageSize {
  calls: number;

  constructor(private readonly limits: PageLimits) {
    this.calls = Math.min(FIRST_CALLS, limits.calls);
  }

  /** @param calls how many a page was made of, matching or not, and `bytes` what it had. */
  learn(calls: number, bytes: number): void {
    const fitting = Math.floor((FILL * this.limits.bytes * calls) / bytes);
    this.calls = Math.max(1, Math.min(GROWTH * calls, fitting, this.limits.calls));
  }

  /** @param calls as many would have fit into a page that was too large. */
  shrink(calls: number): void {
    this.calls = Math.min(this.calls, calls);
  }
}

/**
 * How many bytes a page may have so that all exports together hold no more than they may: from 256 KB to 8 MB.
 *
 * @param megabytes that the pages of all exports may take.
 * @param exports how many may run at a time.
 */
export function mostPageBytes(megabytes: number, exports: number): number {
  const share = Math.floor((megabytes * MEGABYTE) / (PAGES_HELD * exports));
  return Math.min(Math.max(share, MIN_BYTES), MAX_BYTES);
}
