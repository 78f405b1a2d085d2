import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Records a result for docs/fault-tests.md.
 *
 * @param what the test did, as a short phrase.
 */
export function figure(what: string, outcome: string): void {
  const { FIGURES_FILE } = process.env;
  if (!FIGURES_FILE) return;
  const suite = basename(expect.getState().testPath ?? '');
  appendFileSync(FIGURES_FILE, `${JSON.stringify({ suite, what, outcome })}\n`);
}
