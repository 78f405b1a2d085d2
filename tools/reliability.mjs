/** Writes the figures of a run of the fault or load tests into docs/fault-tests.md. */
import { existsSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { describeMachine, writeSection } from './generated-section.mjs';

/** The folder of the suites, from the folder of the document. */
const SUITES = '../apps/api/test/long';

/**
 * @param document the path of docs/fault-tests.md.
 * @param command the command that was run, such as `npm run test:faults`.
 * @param figuresFile has one JSON object per line: the suite, what happened, and the outcome.
 */
export async function writeFigures(document, command, figuresFile) {
  if (!existsSync(figuresFile)) return;
  const lines = readFileSync(figuresFile, 'utf8').trim().split('\n');
  const figures = lines.map((line) => JSON.parse(line));
  const machine = describeMachine(cpus(), totalmem());
  await writeSection(document, command, figuresAsMarkdown(figures, machine));
}

/** @returns a heading for each suite, with a list of its figures. */
export function figuresAsMarkdown(figures, machine) {
  // Suites that run at the same time write alternately.
  const suites = [...new Set(figures.map(({ suite }) => suite))].sort();
  const sections = suites.map((suite) => {
    const list = figures
      .filter((figure) => figure.suite === suite)
      .map(({ what, outcome }) => `- **${what}**: ${outcome}`);
    return `### ${titleOf(suite)}\n\n[${suite}](${SUITES}/${suite})\n\n${list.join('\n')}`;
  });
  return [`${machine}.`, ...sections].join('\n\n');
}

/** @returns `Server restart` for `server-restart.faults.ts`. */
function titleOf(suite) {
  const words = suite.split('.')[0].replaceAll('-', ' ');
  return words[0].toUpperCase() + words.slice(1);
}
