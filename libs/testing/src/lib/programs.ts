import { spawnSync } from 'node:child_process';
import { recordNotRun } from '../../not-run.cjs';
import { GALERA_PROVIDER, missing, SEARCH_PATH } from '../../requirements.cjs';

export { GALERA_PROVIDER, SEARCH_PATH };

/** A requirement that requirements.cjs can't check, such as a Python module. */
export interface Requirement {
  readonly name: string;
  readonly isInstalled: () => boolean;
}

/**
 * Runs a suite if its requirements are met, and otherwise records why it does not run. With
 * `REQUIRE_PROGRAMS`, which CI sets, a missing program fails the suite. The requirements of a whole file go
 * in its leading comment instead (see jest-filter.cjs).
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
  else recordNotRun(title, reasons.join(' and '));
}

function whyNot(need: string | Requirement): string | undefined {
  if (typeof need === 'string') return missing(need);
  const fails = !need.isInstalled() && !process.env['REQUIRE_PROGRAMS'];
  return fails ? `${need.name} is not installed` : undefined;
}

/**
 * Returns the version that a program prints, such as `[2, 6, 12]`; empty if it does not run.
 *
 * @param argument makes the program print its version. Default `-v`.
 */
export function versionOf(program: string, argument = '-v'): number[] {
  const { stdout, stderr } = spawnSync(program, [argument], {
    env: { PATH: SEARCH_PATH },
    encoding: 'utf8',
  });
  const [version] = /\d+(\.\d+)+/.exec(`${stdout}${stderr}`) ?? [''];
  return version.split('.').filter(Boolean).map(Number);
}
