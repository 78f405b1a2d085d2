const { readFileSync } = require('node:fs');
const { relative } = require('node:path');
const { recordNotRun, startCollecting } = require('./not-run.cjs');
const { missing } = require('./requirements.cjs');

/**
 * Leaves out the test files whose requirements are missing. A file names them in its leading comment:
 * `// @needs PostgreSQL server, pgbouncer`. Of `PostgreSQL server or MariaDB server`, one is enough.
 */
module.exports = filterFiles;
module.exports.filterFiles = filterFiles;

/**
 * @param {string[]} paths
 * @param {(leadingComment: string) => string | undefined} [otherReason] why a file does not run here, besides
 *   its requirements.
 */
async function filterFiles(paths, otherReason = () => undefined) {
  startCollecting();
  const filtered = paths.filter((path) => {
    const comment = leadingComment(path);
    const reason = otherReason(comment) ?? whyNot(comment);
    if (reason) recordNotRun(relative('', path), reason);
    return !reason;
  });
  return { filtered };
}

function leadingComment(path) {
  const [lines] = /^(?:\/\/.*\n)*/.exec(readFileSync(path, 'utf8'));
  return lines;
}

function whyNot(comment) {
  const [, needs] = /^\/\/ @needs (.+)/m.exec(comment) ?? [];
  const reasons = needs?.split(', ').map(whyMissing).filter(Boolean) ?? [];
  return reasons.length > 0 ? reasons.join(' and ') : undefined;
}

/** @param {string} need one requirement, or alternatives separated by "or". */
function whyMissing(need) {
  const reasons = need.split(' or ').map(missing);
  return reasons.every(Boolean) ? reasons.join(' and ') : undefined;
}
