const {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeSync,
} = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join, relative } = require('node:path');

/** The environment variable that names the file, so that Jest's workers write to the same one. */
const VARIABLE = 'TESTS_NOT_RUN_FILE';

/**
 * Collects the suites that are not run, and prints them when Jest ends. Jest's filter calls it before any
 * worker starts.
 */
function startCollecting() {
  if (process.env[VARIABLE]) return;
  const directory = mkdtempSync(join(tmpdir(), 'tests-not-run-'));
  process.env[VARIABLE] = join(directory, 'suites.jsonl');
  process.once('exit', () => {
    // Jest may have silenced process.stderr by now.
    writeSync(2, summary());
    rmSync(directory, { recursive: true, force: true });
  });
}

/**
 * Records that a suite does not run, for the summary at the end.
 *
 * @param {string} suite the path of its file, or the title of a part of the file that is running.
 * @param {string} reason such as "nginx is not installed".
 */
function recordNotRun(suite, reason) {
  const file = process.env[VARIABLE];
  const path = globalThis.expect?.getState().testPath;
  const name = path ? `${relative('', path)}: ${suite}` : suite;
  // A process that Jest did not start has no summary.
  if (file && existsSync(dirname(file))) {
    appendFileSync(file, `${JSON.stringify({ name, reason })}\n`);
  } else {
    console.error(`Not run: ${name}: ${reason}.`);
  }
}

/** Returns the recorded suites by reason, as text; empty if all were run. */
function summary() {
  const file = process.env[VARIABLE];
  if (!file || !existsSync(file)) return '';
  const suites = new Map();
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const { name, reason } = JSON.parse(line);
    suites.set(reason, (suites.get(reason) ?? new Set()).add(name));
  }
  const groups = [...suites].map(
    ([reason, names]) =>
      `${reason} (${names.size}):\n${[...names].map((name) => `  ${name}\n`).join('')}`,
  );
  return `\nSuites that were not run:\n\n${groups.join('\n')}`;
}

module.exports = { recordNotRun, startCollecting };
