import { spawnSync } from 'node:child_process';
import { missing, SEARCH_PATH } from '../../requirements.cjs';

export { SEARCH_PATH };

/** What a suite needs that is no program or server of requirements.cjs, such as a module of Python. */
export interface Requirement {
  readonly name: string;
  readonly isInstalled: () => boolean;
}

/**
 * Runs a suite if what it needs is there, and leaves it out with a printed line if it is not. If `REQUIRE_PROGRAMS` is
 * set, as in CI, a missing program fails the suite. What a whole file needs is said in its first line: see
 * jest-filter.cjs.
 *
 * @param needs programs, and servers by their names in requirements.cjs.
 */
export function describeWith(
  needs: (string | Requirement)[],
  title: string,
  suite: () => void,
): void {
  const reasons = needs.map(whyNot).filter((reason) => reason !== undefined);
  if (reasons.length === 0) describe(title, suite);
  else process.stderr.write(`Left out: ${title}, since ${reasons.join(' and ')}.\n`);
}

function whyNot(need: string | Requirement): string | undefined {
  if (typeof need === 'string') return missing(need);
  const fails = !need.isInstalled() && !process.env['REQUIRE_PROGRAMS'];
  return fails ? `${need.name} is not installed` : undefined;
}

/**
 * The version that a program prints, such as `[2, 6, 12]`; empty if it does not run.
 *
 * @param argument that makes it do so. Default `-v`.
 */
export function versionOf(program: string, argument = '-v'): number[] {
  const { stdout, stderr } = spawnSync(program, [argument], {
    env: { PATH: SEARCH_PATH },
    encoding: 'utf8',
  });
  const [version] = /\d+(\.\d+)+/.exec(`${stdout}${stderr}`) ?? [''];
  return version.split('.').filter(Boolean).map(Number);
}
