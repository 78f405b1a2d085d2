import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Servers are often in directories that only root's `PATH` has. */
export const SEARCH_PATH = [process.env['PATH'], '/usr/sbin', '/usr/local/sbin'].join(delimiter);

/** What a suite needs that is not a program in `PATH`, such as a module of Python. */
export interface Requirement {
  readonly name: string;
  readonly isInstalled: () => boolean;
}

/**
 * Runs a suite only if the programs it needs are installed, or if `REQUIRE_PROGRAMS` is set, as in CI: then a missing
 * program fails the suite.
 */
export function describeWith(
  programs: (string | Requirement)[],
  title: string,
  suite: () => void,
): void {
  const missing = programs.filter((program) => !isInstalled(program)).map(nameOf);
  if (missing.length === 0 || process.env['REQUIRE_PROGRAMS']) describe(title, suite);
  else describe.skip(`${title} (skipped, not installed: ${missing.join(', ')})`, suite);
}

function isInstalled(program: string | Requirement): boolean {
  if (typeof program !== 'string') return program.isInstalled();
  return SEARCH_PATH.split(delimiter).some((path) => existsSync(join(path, program)));
}

function nameOf(program: string | Requirement): string {
  return typeof program === 'string' ? program : program.name;
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
