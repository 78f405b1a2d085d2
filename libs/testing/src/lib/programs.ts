import { spawnSync } from 'node:child_process';
import { missing, SEARCH_PATH } from '../../requirements.cjs';

export { SEARCH_PATH };

/** A requirement of a suite that is not in requirements.cjs, such as a Python module. */
export interface Requirement {
  readonly name: string;
  readonly isInstalled: () => boolean;
}

/**
 * Runs a suite if its requirements are met; otherwise skips it and prints why. With `REQUIRE_PROGRAMS`, as in
 * CI, a missing requirement fails the suite. The requirements of a whole file are in its first line: see
 * jest-filter.cjs.
 *
 * @param needs programs and servers by their names in requirements.cjs, and other requirements.
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
 * Returns the version of a program, such as `[2, 6, 12]`, or an empty array if it does not run.
 *
 * @param argument that prints the version. Default `-v`.
 */
export function versionOf(program: string, argument = '-v'): number[] {
  const { stdout, stderr } = spawnSync(program, [argument], {
    env: { PATH: SEARCH_PATH },
    encoding: 'utf8',
  });
  const [version] = /\d+(\.\d+)+/.exec(`${stdout}${stderr}`) ?? [''];
  return version.split('.').filter(Boolean).map(Number);
}
