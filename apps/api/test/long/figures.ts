import { appendFileSync } from 'node:fs';

/**
 * Writes down what a test has measured, for docs/reliability.md.
 *
 * @param what was done or asked.
 */
export function figure(what: string, outcome: string): void {
  const { FIGURES_FILE } = process.env;
  if (FIGURES_FILE) appendFileSync(FIGURES_FILE, `${JSON.stringify([what, outcome])}\n`);
}
