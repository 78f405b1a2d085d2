import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Writes down what a test has measured, for docs/reliability.md.
 *
 * @param what was done or asked.
 */
export function figure(what: string, outcome: string): void {
  const { FIGURES_FILE } = process.env;
  if (!FIGURES_FILE) return;
  const suite = basename(expect.getState().testPath ?? '');
  appendFileSync(FIGURES_FILE, `${JSON.stringify({ suite, what, outcome })}\n`);
}
