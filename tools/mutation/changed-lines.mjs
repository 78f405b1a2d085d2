import { execFileSync } from 'node:child_process';
import { CORE } from './core.mjs';

/** The maximum number of lines, which two cores test in a minute or two. */
const MAX_LINES = 150;

/**
 * Returns the lines of the core that changed since a revision, in the format of Stryker's `--mutate`. Skips
 * files that would exceed the maximum, and prints their names.
 *
 * @param {string} revision a commit, tag or branch of git.
 */
export function changedLines(revision) {
  const diff = execFileSync('git', ['diff', '--unified=0', '--no-prefix', revision, '--', 'libs'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const ranges = [];
  let left = MAX_LINES;
  for (const file of diff.split(/^diff --git .*\n/m)) {
    const [, path] = /^\+\+\+ (\S+)/m.exec(file) ?? [];
    if (!path?.endsWith('.ts') || path.endsWith('.spec.ts')) continue;
    if (!CORE.some((beginning) => path.startsWith(beginning))) continue;
    const hunks = [...file.matchAll(/^@@ \S+ \+(\d+)(?:,(\d+))? @@/gm)]
      .map(([, first, count = '1']) => ({ first: Number(first), count: Number(count) }))
      .filter(({ count }) => count > 0);
    const lines = hunks.reduce((sum, { count }) => sum + count, 0);
    if (lines > left) {
      console.error(`Skipped ${path}: too many changed lines`);
      continue;
    }
    left -= lines;
    ranges.push(...hunks.map(({ first, count }) => `${path}:${first}-${first + count - 1}`));
  }
  return ranges;
}
