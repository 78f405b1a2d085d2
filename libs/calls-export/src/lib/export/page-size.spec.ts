import { maxPageBytes, PageSize } from './page-size';

const KB = 1024;
const MB = 1024 * KB;

describe('PageSize', () => {
  it.each([
    [5_000, 500],
    [501, 500],
    [499, 499],
    [1, 1],
  ])('with a limit of %i calls starts with %i', (calls, first) => {
    expect(new PageSize({ calls, bytes: MB }).calls).toBe(first);
  });

  it.each([
    ['four times as many', 500, 500 * 10, 2_000],
    ['at most the limit of calls', 2_000, 2_000 * 10, 5_000],
    ['as many as fill 80% of a page', 500, 500 * 1_000, 800],
    ['a number that is rounded down', 500, 500 * 999, 800],
    ['fewer if calls are large', 500, 500 * 10_000, 80],
    ['one, however large calls are', 10, 10 * MB, 1],
    ['four times as many if the page was empty', 1, 0, 4],
  ])('chooses %s', (_, calls, bytes, next) => {
    const size = new PageSize({ calls: 5_000, bytes: 1_000_000 });
    size.learn(calls, bytes);
    expect(size.calls).toBe(next);
  });

  it('shrinks to the number that would have fit, and never grows by it', () => {
    const size = new PageSize({ calls: 5_000, bytes: MB });
    size.shrink(501);
    expect(size.calls).toBe(500);
    size.shrink(120);
    expect(size.calls).toBe(120);
  });
});

describe('maxPageBytes', () => {
  it.each([
    // 128 MB for 32 exports of two pages each.
    [128, 32, 2 * MB],
    [1, 1, 512 * KB],
    [1, 2, 256 * KB],
    [1, 3, 256 * KB],
    [16, 1, 8 * MB],
    [17, 1, 8 * MB],
    [10, 3, Math.floor((10 * MB) / 6)],
  ])('shares %i MB among %i exports', (megabytes, exports, bytes) => {
    expect(maxPageBytes(megabytes, exports)).toBe(bytes);
  });
});
