/** Writes the figures of a test run into its part of docs/reliability.md, between its two comments. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { format } from 'prettier';

/**
 * @param document the file's path.
 * @param command what was run, which the comments name.
 * @param figuresFile a line of JSON for each figure: the suite it is of, what was done, and the outcome.
 */
export async function writeFigures(document, command, figuresFile) {
  if (!existsSync(figuresFile)) return;
  const figures = readFileSync(figuresFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    // Suites that ran at the same time wrote in turn.
    .sort((one, other) => one.suite.localeCompare(other.suite));
  const machine = `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GB, Node.js ${process.versions.node}`;
  const rows = figures.map(({ what, outcome }) => `| ${what} | ${outcome} |`).join('\n');
  const [begin, end] = [
    `<!-- The output of \`${command}\`. -->`,
    `<!-- End of \`${command}\`. -->`,
  ];
  const text = readFileSync(document, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`${document} has no place for the figures of ${command}`);
  const table = `${begin}\n\n${machine}.\n\n| what happens | what comes of it |\n|---|---|\n${rows}\n\n`;
  const updated = text.slice(0, from) + table + text.slice(to);
  writeFileSync(
    document,
    await format(updated, { parser: 'markdown', printWidth: 100, proseWrap: 'preserve' }),
  );
}
